"""Browsers that somebody was signed in on before: there, the failures of others keep nobody waiting.

A browser carries a random token whoever uses it; which people are known there stands in the database alone, so that
two who share a phone cannot tell from it whether the other has signed in.
"""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.doors import KnownDevice

LASTS = timedelta(days=90)
NOBODY = UUID(int=0)


def knows(browser: str, person_id: UUID | None) -> bool:
    """Whether this person was fully signed in on this browser before; asks the same for a name that is unknown."""
    is_theirs = KnownDevice.person_id == (person_id or NOBODY)
    return _is_there(KnownDevice.token_hash == _hash(browser), is_theirs)


def is_known(browser: str) -> bool:
    """Whether anybody was fully signed in on this browser before."""
    return _is_there(KnownDevice.token_hash == _hash(browser))


def _is_there(*where: ColumnElement[bool]) -> bool:
    wanted = select(KnownDevice.person_id).where(*where, KnownDevice.expires_at > clock.now()).limit(1)
    return db.session.scalar(wanted) is not None


def remember(viewer: Viewer, browser: str) -> None:
    """Know the viewer on this browser from now on: their session there opens everything."""
    begin_write()
    until = clock.now() + LASTS
    own = {"token_hash": _hash(browser), "practice_id": viewer.practice_id, "person_id": viewer.person_id}
    known = insert(KnownDevice).values(**own, expires_at=until)
    # of two sign-ins at once, the second finds the row of the first
    key = [KnownDevice.token_hash, KnownDevice.person_id]
    db.session.execute(delete(KnownDevice).where(KnownDevice.expires_at <= clock.now()))
    db.session.execute(known.on_conflict_do_update(index_elements=key, set_={"expires_at": until}))
    db.session.commit()


def forget_devices_of(person_id: UUID) -> None:
    """Know a person on no browser any more: the pass phrase was reset by a mail. The caller commits."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.person_id == person_id))


def _hash(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()
