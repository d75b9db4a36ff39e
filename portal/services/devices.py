"""Browsers that somebody was signed in on before: there, the failures of others keep nobody waiting.

A browser carries a random token whoever uses it; which people are known there stands in the database alone, so that
two who share a phone cannot tell from it whether the other has signed in.
"""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from portal import clock
from portal.extensions import db
from portal.models.doors import KnownDevice
from portal.models.users import Person

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


def remember(browser: str, person: Person) -> None:
    """Know a person on this browser from now on; a browser that carries no token is not known. The caller commits."""
    if not browser:
        return
    db.session.execute(delete(KnownDevice).where(KnownDevice.expires_at <= clock.now()))
    own = (KnownDevice.token_hash == _hash(browser), KnownDevice.person_id == person.id)
    db.session.execute(delete(KnownDevice).where(*own))
    db.session.add(
        KnownDevice(
            token_hash=_hash(browser),
            practice_id=person.practice_id,
            person_id=person.id,
            expires_at=clock.now() + LASTS,
        )
    )


def forget_devices_of(person_id: UUID) -> None:
    """Know a person on no browser any more: the pass phrase was reset, or they may not come in. The caller commits."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.person_id == person_id))


def _hash(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()
