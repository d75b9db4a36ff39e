"""One's own browser sessions: which there are, ending them, and what rises with the pass phrase given again."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, literal, select, update

from portal import clock, randomness
from portal.domain.errors import NotFound
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.sessions import Session
from portal.models.users import WebSession
from portal.services import accounts, audit, standing


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that is signed in."""

    device_id: UUID
    since: datetime
    seen_at: datetime
    is_this_one: bool


def own(viewer: Viewer, token: str) -> tuple[Device, ...]:
    """One's own browsers that are signed in, the latest first; nobody sees another's."""
    now = clock.now()
    role = literal(viewer.role.value).label("role")
    rows = db.session.execute(
        select(WebSession.token_hash, WebSession.created_at, WebSession.seen_at, role, *standing.on_screen())
        .outerjoin(Session, Session.id == WebSession.joint_session_id)
        .where(*_open_of(viewer))
        .where(WebSession.created_at >= now - standing.LONGEST)
        .order_by(WebSession.seen_at.desc(), WebSession.token_hash)
    )
    here = accounts.hash_of(token)
    return tuple(
        Device(_id_of(row.token_hash), row.created_at, row.seen_at, secrets.compare_digest(row.token_hash, here))
        for row in rows
        if standing.idle_at(row) >= now
    )


def _open_of(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        WebSession.practice_id == viewer.practice_id,
        WebSession.person_id == viewer.person_id,
        WebSession.ended_at.is_(None),
    )


def _id_of(token_hash: bytes) -> UUID:
    """What names a session on its owner's page: half of the token's hash, which opens nothing."""
    return UUID(bytes=token_hash[:16], version=4)


def end_one(viewer: Viewer, device_id: UUID) -> None:
    """Sign out one browser of one's own, at once; raises NotFound."""
    begin_write()
    hashes = db.session.scalars(select(WebSession.token_hash).where(*_open_of(viewer))).all()
    wanted = [token_hash for token_hash in hashes if _id_of(token_hash) == device_id]
    if not wanted:
        raise NotFound
    db.session.execute(update(WebSession).where(WebSession.token_hash.in_(wanted)).values(ended_at=clock.now()))
    audit.record(viewer, "session:ended", viewer.person_id)
    db.session.commit()


def end_others(viewer: Viewer, token: str) -> None:
    """Sign out every other browser of one's own, at once."""
    begin_write()
    end_all_but(viewer, token)
    audit.record(viewer, "session:others_ended", viewer.person_id)
    db.session.commit()


def end_all_but(viewer: Viewer, token: str) -> None:
    """End every browser session of the viewer's but this one; the caller commits."""
    others = WebSession.token_hash != accounts.hash_of(token)
    db.session.execute(update(WebSession).where(*_open_of(viewer), others).values(ended_at=clock.now()))


def end_everybodys(practice_id: UUID) -> None:
    """End every browser session of a practice: a backup brings back some that were ended since."""
    begin_write()
    own = (WebSession.practice_id == practice_id, WebSession.ended_at.is_(None))
    db.session.execute(update(WebSession).where(*own).values(ended_at=clock.now()))
    db.session.commit()


def renew(viewer: Viewer, token: str, **marks: datetime | UUID | None) -> str:
    """Give this browser's session a new id, and mark what it has proved; the old id is dead at once.

    When it began stays as it was, and so does its end. Raises NotFound where it has ended; the caller commits.
    """
    fresh = randomness.new_token()
    changed = db.session.execute(
        update(WebSession)
        .where(*_open_of(viewer), WebSession.token_hash == accounts.hash_of(token))
        .values(token_hash=accounts.hash_of(fresh), **marks)
        .returning(WebSession.token_hash)
    ).all()
    if not changed:
        raise NotFound
    return fresh


def step_up(viewer: Viewer, passphrase: str, token: str) -> str:
    """Take the pass phrase again: security settings open for five minutes in this browser session.

    Gives the session's new token. Raises Invalid for a wrong pass phrase.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    fresh = renew(viewer, token, stepped_up_at=clock.now())
    audit.record(viewer, "step_up:done", viewer.person_id)
    db.session.commit()
    return fresh
