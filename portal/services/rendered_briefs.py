"""Copies of briefs that were set ahead: which are due to be looked at, keeping one sealed, and giving it to a reader.

A file is found by a keyed hash of the very page that it was set from, which its reader has just had built in scope: so
access, records and withdrawals hold as if it were set anew, and a file of yesterday's data is given to nobody. Setting
one ahead is no reading. Only the press writes here (`jobs/press`): looking at a page changes nothing.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update

from portal import clock, randomness
from portal.domain.brief_choices import Copy
from portal.domain.people import CoupleState, Viewer
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db, keys
from portal.models.audit import AuditEvent
from portal.models.couples import Couple, Partnership
from portal.models.rendered_briefs import RenderedBrief
from portal.models.sessions import Session
from portal.services import scope, taking_part, tenants, vault
from portal.services.vault import Erased, VaultError

PLACE = "rendered_briefs.content"
AHEAD, AFTER = timedelta(hours=36), timedelta(hours=12)  # round the beginning of a session
LOOK_AGAIN = timedelta(minutes=10)
JUST_NOW = timedelta(minutes=5)  # a brief that was opened or changed since then is looked at, whenever its session is
KEPT_FOR = timedelta(days=1)  # after it was last looked at
LARGEST = 4 * 1024 * 1024  # bytes of a file
TOUCHED = ("brief:read", "brief:chosen")


@dataclass(frozen=True, slots=True)
class Order:
    """One copy of one session's brief that is to be set, unless the one that is kept is of the same page."""

    practice_id: UUID
    session_id: UUID
    copy: Copy
    looked_at: datetime | None = None  # as it was found
    row_id: UUID | None = None  # of the day's briefs that it is set for


def kept_or_none(viewer: Viewer, session_id: UUID, copy: Copy, html: str, press: str) -> bytes | None:
    """The file of this very page, by this very press; None where none is kept, or it does not open any more."""
    mine = scope.sessions(viewer, scope.couples_to_read).where(Session.id == session_id).with_only_columns(Session.id)
    row = db.session.scalars(_of(session_id, copy).where(RenderedBrief.session_id.in_(mine))).one_or_none()
    if row is None or row.content is None or row.made_of != _made_of(html, press):
        return None
    try:
        return _unsealed(row)
    except VaultError:  # somebody in it was erased, or was given another key
        return None


def is_kept(order: Order, html: str, press: str) -> bool:
    """Whether the file of this very page is kept already, and opens."""
    row = db.session.scalars(_of(order.session_id, order.copy)).one_or_none()
    if row is None or row.made_of != _made_of(html, press):
        return False
    try:
        return bool(_unsealed(row))
    except VaultError:  # somebody in it was given another key
        return False


def _of(session_id: UUID, copy: Copy) -> Select[RenderedBrief]:
    own = (RenderedBrief.session_id == session_id, RenderedBrief.copy == copy)
    return select(RenderedBrief).where(*own).execution_options(populate_existing=True)


def _made_of(html: str, press: str) -> bytes:
    return keys.paper(f"{press}\n{html}".encode())


def ahead() -> list[Order]:
    """Copies of the sessions of the next day and a half that were not looked at for a while, the soonest first."""
    now = clock.now()
    is_near = Session.starts_at.between(now - AFTER, now + AHEAD)
    is_due = or_(RenderedBrief.looked_at.is_(None), RenderedBrief.looked_at <= now - LOOK_AGAIN)
    return _orders(lambda practice_id, copy: _copies(practice_id, copy).where(is_near, is_due))


def touched() -> list[Order]:
    """Copies of the sessions whose brief was opened or changed just now, and that were not looked at since."""

    def of_practice(practice_id: UUID, copy: Copy) -> Select[UUID, datetime | None]:
        last = (
            select(AuditEvent.subject_id, func.max(AuditEvent.at).label("at"))
            .where(AuditEvent.practice_id == practice_id, AuditEvent.at >= clock.now() - JUST_NOW)
            .where(AuditEvent.event.in_(TOUCHED))
            .group_by(AuditEvent.subject_id)
            .subquery()
        )
        is_due = or_(RenderedBrief.looked_at.is_(None), RenderedBrief.looked_at < last.c.at)
        return _copies(practice_id, copy).join(last, last.c.subject_id == Session.id).where(is_due)

    return _orders(of_practice)


def _orders(wanted: Callable[[UUID, Copy], Select[UUID, datetime | None]]) -> list[Order]:
    return [
        Order(practice_id, session_id, copy, looked_at)
        for practice_id in tenants.each(tenants.AT_HOME)
        for copy in Copy
        for session_id, looked_at in db.session.execute(wanted(practice_id, copy)).all()
    ]


def _copies(practice_id: UUID, copy: Copy) -> Select[UUID, datetime | None]:
    """The sessions of which there is such a copy, beside what is kept of it."""
    kept = (RenderedBrief.session_id == Session.id) & (RenderedBrief.copy == copy)
    statement = (
        select(Session.id, RenderedBrief.looked_at)
        .join(Couple, Couple.id == Session.couple_id)
        .outerjoin(RenderedBrief, kept)
        .where(Session.practice_id == practice_id, Session.state != SessionState.CANCELLED)
        .where(Couple.state != CoupleState.CLOSED)
        .order_by(Session.starts_at, Session.id)
    )
    return statement if copy is Copy.COACH else statement.where(Session.kind == SessionKind.JOINT)


def take(order: Order) -> bool:
    """Say that this copy is looked at now; False where another machine was faster.

    Raises IntegrityError where it was faster by a hair.
    """
    begin_write()
    is_ours = True
    if order.looked_at is None:
        db.session.add(_new(order, order.practice_id))
    else:
        own = (RenderedBrief.session_id == order.session_id, RenderedBrief.copy == order.copy)
        as_found = update(RenderedBrief).where(*own, RenderedBrief.looked_at == order.looked_at)
        is_ours = db.session.execute(as_found.values(looked_at=clock.now())).rowcount == 1  # type: ignore[attr-defined]  # an update's result has it
    db.session.commit()
    return is_ours


def make_place(order: Order) -> bool:
    """Say that this copy, which is asked for, is looked at now, whoever else does. Raises IntegrityError as `take`."""
    begin_write()
    own = (RenderedBrief.session_id == order.session_id, RenderedBrief.copy == order.copy)
    there = update(RenderedBrief).where(*own).values(looked_at=clock.now()).returning(RenderedBrief.id)
    if db.session.execute(there).first() is None:
        db.session.add(_new(order, order.practice_id))
    db.session.commit()
    return True


def _new(order: Order, practice_id: UUID) -> RenderedBrief:
    couple_id = db.session.scalars(select(Session.couple_id).where(Session.id == order.session_id)).one()
    own = {"session_id": order.session_id, "couple_id": couple_id, "practice_id": practice_id}
    return RenderedBrief(id=randomness.new_id(), copy=order.copy, looked_at=clock.now(), **own)


def keep(order: Order, html: str, press: str, content: bytes | None) -> bool:
    """Keep a copy in the place of the one before; `content` None says that there is none, and drops that one.

    False where somebody in it was erased meanwhile, or what is kept of the couple was let go of since it was taken:
    then nothing of it is kept.
    """
    begin_write()
    couple_id = db.session.scalars(select(Session.couple_id).where(Session.id == order.session_id)).one()
    taking_part.hold(couple_id, is_shared=True)  # whoever leaves or is erased waits, and finds what is kept by then
    row = db.session.scalars(_of(order.session_id, order.copy).with_for_update()).one_or_none()
    sealed = _sealed(row, content) if row and content is not None and len(content) <= LARGEST else None
    if row is not None:
        row.content, row.made_of = sealed, _made_of(html, press) if sealed else None
    db.session.commit()
    return sealed is not None


def _sealed(row: RenderedBrief, content: bytes) -> bytes | None:
    """One layer for each partner, whose keys are looked at anew, and one for the couple round them."""
    try:
        for person_id in _people(row.couple_id):
            if not vault.numbers_of(person_id):
                return None
            content = vault.seal_bytes(person_id, PLACE, row.id, content)
        return vault.seal(row.couple_id, PLACE, row.id, base64.b64encode(content).decode())
    except Erased:
        return None


def _unsealed(row: RenderedBrief) -> bytes:
    """Raises VaultError."""
    if row.content is None:
        raise VaultError("nothing is kept")
    content = base64.b64decode(vault.unseal(row.couple_id, PLACE, row.id, row.content))
    for person_id in reversed(_people(row.couple_id)):
        content = vault.unseal_bytes(person_id, PLACE, row.id, content)
    return content


def _people(couple_id: UUID) -> Sequence[UUID]:
    """Everybody of whom something can stand in a couple's brief, in a fixed order."""
    theirs = select(Partnership.person_id).where(Partnership.couple_id == couple_id)
    return db.session.scalars(theirs.order_by(Partnership.label, Partnership.person_id)).all()


def drop(couple_id: UUID) -> None:
    """Let go of what is kept of a couple. The caller commits."""
    db.session.execute(delete(RenderedBrief).where(RenderedBrief.couple_id == couple_id))


def let_go() -> None:
    """Forget what was not looked at for a day, and what is of a session that was called off or of closed work."""
    over = select(Session.id).join(Couple, Couple.id == Session.couple_id)
    is_over = or_(Session.state == SessionState.CANCELLED, Couple.state == CoupleState.CLOSED)
    for practice_id in tenants.each():
        begin_write()
        kept = delete(RenderedBrief).where(RenderedBrief.practice_id == practice_id)
        is_old = RenderedBrief.looked_at <= clock.now() - KEPT_FOR
        there = select(RenderedBrief.session_id).where(RenderedBrief.practice_id == practice_id)
        db.session.execute(kept.where(is_old))
        db.session.execute(kept.where(RenderedBrief.session_id.in_(over.where(Session.id.in_(there), is_over))))
        db.session.commit()
