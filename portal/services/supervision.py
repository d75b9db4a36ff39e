"""Supervision: a colleague may read along with one couple, its partners are told, and every reading is on record."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select, update

from portal import clock, randomness
from portal.domain.people import PersonState, Role, Viewer
from portal.extensions import begin_write, db
from portal.models.colleagues import Supervision
from portal.models.couples import Couple, Partnership
from portal.models.users import Person
from portal.services import audit, outbox, scope, scope_of_colleagues


@dataclass(frozen=True, slots=True)
class ReadsAlong:
    """Somebody who reads along with a couple at present."""

    supervisor_id: UUID
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AroundCouple:
    """Who works with a couple: its coach, who reads along, and the supervisors who could be asked to."""

    coach_name: str
    reads_along: tuple[ReadsAlong, ...]
    others: tuple[tuple[UUID, str], ...]
    may_decide: bool


def around(viewer: Viewer, couple_id: UUID) -> AroundCouple:
    """Who works with a couple that the viewer may read; its own coach decides about it. Raises NotFound."""
    coach = scope.coach_of(viewer, couple_id)
    rows = db.session.execute(
        select(Person.id, Person.display_name, Supervision.starts_at)
        .outerjoin(
            Supervision,
            (Supervision.supervisor_id == Person.id)
            & (Supervision.couple_id == couple_id)
            & Supervision.ends_at.is_(None),
        )
        .where(
            Person.practice_id == viewer.practice_id,
            Person.role == Role.SUPERVISOR,
            Person.state == PersonState.ACTIVE,
        )
        .order_by(Person.display_name, Person.id)
    ).all()
    return AroundCouple(
        coach.display_name,
        tuple(ReadsAlong(*row) for row in rows if row.starts_at is not None),
        tuple((row.id, row.display_name) for row in rows if row.starts_at is None),
        coach.id == viewer.person_id,
    )


def begin(viewer: Viewer, couple_id: UUID, supervisor_id: UUID, link: str) -> None:
    """Let a supervisor read along with one of the coach's own couples; both partners get a neutral mail.

    A second time changes nothing. `link` leads to their own pages. Raises NotFound.
    """
    begin_write()
    couple = _own(viewer, couple_id)
    supervisor = scope_of_colleagues.active_supervisor(viewer, supervisor_id)
    current = select(Supervision.id).where(*_current(couple.id, supervisor.id))
    if db.session.scalars(current).first() is None:
        row = Supervision(
            id=randomness.new_id(),
            practice_id=couple.practice_id,
            couple_id=couple.id,
            supervisor_id=supervisor.id,
            granted_by=viewer.person_id,
            starts_at=clock.now(),
        )
        db.session.add(row)
        db.session.flush()
        tell_partners(couple.id, f"supervision:{row.id}", link)
        audit.record(viewer, "supervision:begun", row.id)
    db.session.commit()


def end(viewer: Viewer, couple_id: UUID, supervisor_id: UUID, link: str) -> None:
    """End that a supervisor reads along, at once; a second time changes nothing. Raises NotFound."""
    begin_write()
    couple = _own(viewer, couple_id)
    _end(viewer, link, *_current(couple.id, supervisor_id))
    db.session.commit()


def end_all_of(viewer: Viewer, person_id: UUID, link: str) -> None:
    """End every reading along of one supervisor, and tell the partners likewise; the caller commits."""
    _end(viewer, link, Supervision.supervisor_id == person_id, Supervision.ends_at.is_(None))


def _end(viewer: Viewer, link: str, *which: ColumnElement[bool]) -> None:
    for row in db.session.scalars(select(Supervision).where(*which).order_by(Supervision.id)).all():
        row.ends_at = clock.now()
        tell_partners(row.couple_id, f"supervision-over:{row.id}", link)
        audit.record(viewer, "supervision:ended", row.id)


def end_all_with(couple_id: UUID) -> None:
    """End every reading along with one couple: a new coach decides anew. The caller commits."""
    open_ones = (Supervision.couple_id == couple_id, Supervision.ends_at.is_(None))
    db.session.execute(update(Supervision).where(*open_ones).values(ends_at=clock.now()))


def tell_partners(couple_id: UUID, key: str, link: str) -> None:
    """Send both partners who have come in the same neutral mail: look at your account page. The caller commits."""
    partners = db.session.scalars(
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple_id, Partnership.ended_at.is_(None), Person.state == PersonState.ACTIVE)
        .order_by(Partnership.label)
    )
    for person in partners.all():
        outbox.enqueue(person, "account_changed", f"{key}:{person.id}", {"link": link})


def note_reading(viewer: Viewer, couple_id: UUID, coach_id: UUID | None = None) -> None:
    """Put on record that somebody other than its coach looked at a couple's pages. Raises NotFound.

    `coach_id` is its coach, where who asks knows it from a row in scope already.
    """
    if (coach_id or scope.coach_of(viewer, couple_id).id) == viewer.person_id:
        return
    begin_write()
    audit.record(viewer, "couple:read", couple_id)
    db.session.commit()


def readers_for_partner(viewer: Viewer) -> tuple[str, ...]:
    """The names of those who read along with a partner's couple at present: the same for either partner."""
    return tuple(row.display_name for row in scope.of_partner(viewer, _readers(), now=clock.now()))


@cache
def _readers() -> Select[*tuple[Any, ...]]:
    return (
        select(Person.display_name)
        .join(Supervision, Supervision.supervisor_id == Person.id)
        .where(
            Supervision.couple_id == scope.couple_of_partner().scalar_subquery(),
            Supervision.starts_at <= bindparam("now"),
            Supervision.ends_at.is_(None),
        )
        .order_by(Person.display_name, Person.id)
    )


def _current(couple_id: UUID, supervisor_id: UUID) -> tuple[ColumnElement[bool], ...]:
    same = (Supervision.couple_id == couple_id, Supervision.supervisor_id == supervisor_id)
    return (*same, Supervision.ends_at.is_(None))


def _own(viewer: Viewer, couple_id: UUID) -> Couple:
    """A couple whose coach is asking; who covers for a while decides nothing that lasts."""
    mine = scope.couples(viewer).where(Couple.id == couple_id)
    return scope.found(mine.with_for_update())
