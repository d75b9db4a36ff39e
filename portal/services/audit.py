"""The audit trail: written in the transaction of what it tells, as the last thing before it commits.

Each event carries its number in its practice's chain (or in the one of what happens before sign-in) and the hash of
the event before; its own hash is an HMAC over every column. The head of a chain is read FOR UPDATE, which is what
keeps numbers and hashes in one row, and makes everybody in the practice who commits wait for it. Whoever held it and
then asked for another row could wait for somebody who waits for the head. So events are only noted by `record`, and
written when the command commits: the head is the last lock that a command takes, wherever in it `record` stands, and
of two heads the lower id comes first. On SQLite the whole database is held by then (BEGIN IMMEDIATE).

A head that was changed behind the portal's back has no seal from then on: nothing recorded later makes up for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, bindparam, event, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.orm import Session

from portal import clock, randomness
from portal.domain.audit_chain import BEFORE_SIGN_IN, NOTHING_BEFORE, Link, canonical_head
from portal.domain.people import Viewer
from portal.extensions import ask, db, keys, put
from portal.models.audit import AuditEvent, AuditHead

NO_SEAL = b""
_NOTED = "portal.audit"  # where a session keeps what was noted and not written yet


@dataclass(frozen=True, slots=True)
class _Note:
    """An event that waits for its place in the chain."""

    event_id: UUID
    practice_id: UUID | None
    actor_id: UUID | None
    event: str
    subject_id: UUID | None
    at: datetime

    @property
    def chain_id(self) -> UUID:
        return self.practice_id or BEFORE_SIGN_IN


def record(viewer: Viewer, event: str, subject_id: UUID | None = None) -> None:
    """Note one event (`subject:action`) of somebody who is signed in; it is written as the caller commits."""
    record_before_sign_in(viewer.practice_id, viewer.person_id, event, subject_id)


def record_each(viewer: Viewer, event: str, subject_ids: Iterable[UUID]) -> None:
    """Note the same event for several subjects; all of them cost the three statements of one."""
    for subject_id in subject_ids:
        record(viewer, event, subject_id)


def record_before_sign_in(
    practice_id: UUID | None, actor_id: UUID | None, event: str, subject_id: UUID | None = None
) -> None:
    """Note one event of somebody at a door, or of nobody; it is written as the caller commits."""
    noted: list[_Note] = db.session().info.setdefault(_NOTED, [])
    noted.append(_Note(randomness.new_id(), practice_id, actor_id, event, subject_id, clock.now()))


def record_again(practice_id: UUID, events: Iterable[Mapping[str, Any]]) -> None:
    """Note the events of a practice that moves in, in the order in which they once happened.

    They get their places anew, chained under this house's key as the caller commits: the other house's is not here.
    """
    noted: list[_Note] = db.session().info.setdefault(_NOTED, [])
    for told in events:
        who_and_what = (told["actor_id"], told["event"], told["subject_id"], told["at"])
        noted.append(_Note(told["id"], practice_id, *who_and_what))


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, _transaction: object) -> None:
    """What did not happen is not told."""
    session.info.pop(_NOTED, None)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    noted: list[_Note] = session.info.pop(_NOTED, [])
    chains: dict[UUID, list[_Note]] = {}
    for note in noted:
        chains.setdefault(note.chain_id, []).append(note)
    for chain_id in sorted(chains):
        _append(chain_id, chains[chain_id])


def _append(chain_id: UUID, noted: Sequence[_Note]) -> None:
    db.session.flush()  # what the command still has to write is locked before the head
    number, last, is_whole = _held_head(chain_id, noted[0].practice_id)
    rows = []
    for note in noted:
        number += 1
        link = Link(
            chain_id,
            number,
            note.event_id,
            note.practice_id,
            note.actor_id,
            note.event,
            note.subject_id,
            note.at,
            last,
        )
        last = keys.audit(link.canonical())
        rows.append(_row(link, last))
    db.session.connection().execute(_inserted(), rows if len(rows) > 1 else rows[0])
    seal = keys.audit(canonical_head(chain_id, number, last)) if is_whole else NO_SEAL
    put(_head_moved(), chain=chain_id, to=number, hash=last, sealed=seal)


def _row(link: Link, hashed: bytes) -> dict[str, Any]:
    return {
        "id": link.event_id,
        "practice_id": link.practice_id,
        "actor_id": link.actor_id,
        "event": link.event,
        "subject_id": link.subject_id,
        "at": link.at,
        "chain_id": link.chain_id,
        "number": link.number,
        "previous": link.previous,
        "hash": hashed,
    }


def _held_head(chain_id: UUID, practice_id: UUID | None) -> tuple[int, bytes, bool]:
    """How many events a chain has, the hash of the last, and whether its seal fits; held against everybody else.

    A new chain begins here.
    """
    row = ask(_head(), chain=chain_id).one_or_none()
    if row is None:
        seal = keys.audit(canonical_head(chain_id, 0, NOTHING_BEFORE))
        empty = {"chain_id": chain_id, "practice_id": practice_id, "length": 0, "last": NOTHING_BEFORE, "seal": seal}
        db.session.connection().execute(insert_or_leave(AuditHead).on_conflict_do_nothing(), empty)
        row = ask(_head(), chain=chain_id).one()
    return row.length, row.last, keys.made_audit(canonical_head(chain_id, row.length, row.last), row.seal)


@cache
def _head() -> Select[*tuple[Any, ...]]:
    statement = select(AuditHead.length, AuditHead.last, AuditHead.seal).where(AuditHead.chain_id == bindparam("chain"))
    return statement.with_for_update()


@cache
def _inserted() -> Insert:
    return insert(AuditEvent)


@cache
def _head_moved() -> Update:
    return (
        update(AuditHead)
        .where(AuditHead.chain_id == bindparam("chain"))
        .values(length=bindparam("to"), last=bindparam("hash"), seal=bindparam("sealed"))
    )
