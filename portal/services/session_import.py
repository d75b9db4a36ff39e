"""Appointments taken over from a coach's own calendar: looked over beside the couples, then planned, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.dated import DatedEntry, meant_by
from portal.domain.errors import Invalid, Refused
from portal.domain.people import Viewer
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.services import scope, sessions
from portal.services.sessions import NewSession


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """One entry as it is offered: the couple that its title means, or None; `stands`: a session is there already."""

    entry: DatedEntry
    couple_id: UUID | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """One entry that is to become a session: with whom, who comes, when (an aware instant), for how many minutes."""

    couple_id: UUID
    kind: SessionKind
    starts_at: datetime
    minutes: int


def look_over(viewer: Viewer, entries: Sequence[DatedEntry]) -> tuple[ReadEntry, ...]:
    """The entries of a calendar beside the coach's couples: whom each means, and whether it stands here already."""
    couples = sessions.couples_to_meet(viewer)
    mine = scope.sessions(viewer, scope.couples_to_arrange).with_only_columns(Session.starts_at)
    ahead = mine.where(Session.state != SessionState.CANCELLED, Session.starts_at.in_({e.starts_at for e in entries}))
    standing = set(db.session.scalars(ahead))
    return tuple(ReadEntry(one, meant_by(one.title, couples), one.starts_at in standing) for one in entries)


def plan(viewer: Viewer, chosen: Sequence[Chosen]) -> int:
    """Plan them all, or none; gives how many.

    Raises NotFound, and Invalid with `number` (from 0) for the first that cannot be.
    """
    begin_write()
    for number, one in enumerate(chosen):
        couple = scope.found(scope.couples_to_arrange(viewer).where(Couple.id == one.couple_id))
        try:
            sessions.add(viewer, couple, NewSession(one.kind, one.starts_at, one.minutes))
        except Refused as refused:
            db.session.rollback()  # those before it are not planned either
            raise Invalid(refused.code, **(refused.params | {"number": number})) from None
    db.session.commit()
    return len(chosen)
