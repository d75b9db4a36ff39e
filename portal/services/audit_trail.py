"""The audit trail as the owner reads it: who did what to whom, newest first; no content, and nobody else reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, null, select, union_all
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.audit import EVENTS, Kind, told
from portal.domain.errors import Invalid
from portal.domain.people import Role, Viewer
from portal.domain.roles import check_owner
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition
from portal.models.audit import AuditEvent
from portal.models.colleagues import Cover, HandOver, Supervision
from portal.models.couples import Couple
from portal.models.notes import Note
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.models.sessions import Session
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person
from portal.services import accounts, audit

A_PAGE = 50
MOST_DAYS = 92  # of one file
MOST_NAMES = 1_000  # that one statement asks for
OF_A_PERSON: tuple[Any, ...] = (Response, Signal, TaskQuestion)
OF_A_COUPLE: tuple[Any, ...] = (Session, Assignment, Repetition, Note)
AMONG_COLLEAGUES: tuple[tuple[Any, str], ...] = ((Supervision, "supervisor_id"), (HandOver, "to_id"))
NOBODY = None, None  # stands for whom nothing is known of


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """What is looked for: what one person did, or was done with theirs; one kind; days of `zone`, both included."""

    zone: ZoneInfo
    person_id: UUID | None = None
    kind: Kind | None = None
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event: `words` is a sentence with places for `who`, `whom` and `third`, None where nobody is known."""

    at: datetime
    kind: Kind
    words: str
    who: str | None
    whom: str | None
    third: str | None


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of the trail, and everybody of the practice whom it can be narrowed to."""

    query: TrailQuery
    lines: tuple[TrailLine, ...]
    has_more: bool
    people: tuple[tuple[UUID, str], ...]


def trail(viewer: Viewer, query: TrailQuery) -> Trail:
    """A page of the practice's trail, newest first; for the owner alone, raises NotFound."""
    check_owner(viewer)
    rows = db.session.execute(
        _events(viewer, query).offset((query.page - 1) * A_PAGE).limit(A_PAGE + 1)  # one more tells of a next page
    ).all()
    people = db.session.execute(
        select(Person.id, Person.display_name)
        .where(Person.practice_id == viewer.practice_id)
        .order_by(Person.role == Role.PARTNER, Person.display_name, Person.id)
    )
    return Trail(query, _lines(viewer, rows[:A_PAGE]), len(rows) > A_PAGE, tuple((row[0], row[1]) for row in people))


def trail_as_file(viewer: Viewer, query: TrailQuery, passphrase: str) -> tuple[TrailLine, ...]:
    """Everything that the query finds, newest first, for a file; saving it goes on record.

    Raises NotFound for all but the owner, and Invalid for a wrong pass phrase and for more than MOST_DAYS days;
    without a first day it is the last MOST_DAYS.
    """
    check_owner(viewer)
    until = query.until or clock.now().astimezone(query.zone).date()
    since = query.since or until - timedelta(days=MOST_DAYS - 1)
    if (until - since).days >= MOST_DAYS:
        raise Invalid("too_many_days", maximum=MOST_DAYS)
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    lines = _lines(viewer, db.session.execute(_events(viewer, replace(query, since=since, until=until))).all())
    audit.record(viewer, "audit:exported", viewer.person_id)
    db.session.commit()
    return lines


def _events(viewer: Viewer, query: TrailQuery) -> Select[*tuple[Any, ...]]:
    statement = select(AuditEvent.event, AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.at).where(
        AuditEvent.practice_id == viewer.practice_id
    )
    if query.person_id is not None:
        statement = statement.where(_is_about(query.person_id))
    if query.kind is not None:
        statement = statement.where(AuditEvent.event.in_([name for name in EVENTS if told(name).kind is query.kind]))
    if query.since is not None:
        statement = statement.where(AuditEvent.at >= _midnight(query.since, query.zone))
    if query.until is not None:
        statement = statement.where(AuditEvent.at < _midnight(query.until + timedelta(days=1), query.zone))
    return statement.order_by(AuditEvent.at.desc(), AuditEvent.number.desc())


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _is_about(person_id: UUID) -> ColumnElement[bool]:
    """Whether somebody did it, or it was done to them or to a form of theirs."""
    return (
        (AuditEvent.actor_id == person_id)
        | (AuditEvent.subject_id == person_id)
        | AuditEvent.subject_id.in_(select(Response.id).where(Response.person_id == person_id))
        | AuditEvent.subject_id.in_(select(Signal.id).where(Signal.person_id == person_id))
        | AuditEvent.subject_id.in_(select(TaskQuestion.id).where(TaskQuestion.person_id == person_id))
    )


def _lines(viewer: Viewer, rows: Sequence[Row[Any]]) -> tuple[TrailLine, ...]:
    named = _names(viewer, {id_ for row in rows for id_ in (row.actor_id, row.subject_id)})
    return tuple(
        TrailLine(
            row.at,
            told(row.event).kind,
            told(row.event).words,
            named.get(row.actor_id, NOBODY)[0],
            *named.get(row.subject_id, NOBODY),
        )
        for row in rows
    )


def _names(viewer: Viewer, ids: set[UUID | None]) -> Mapping[UUID | None, tuple[str | None, str | None]]:
    """Whom each id stands for: a person, whose form it is, or which couple's row; and which colleague is the third.

    A statement for each thousand.
    """
    known = sorted(id_ for id_ in ids if id_ is not None)
    batches = [known[start : start + MOST_NAMES] for start in range(0, len(known), MOST_NAMES)]
    return {row[0]: (row[1], row[2]) for batch in batches for row in db.session.execute(_names_select(viewer, batch))}


def _names_select(viewer: Viewer, ids: list[UUID]) -> CompoundSelect[*tuple[Any, ...]]:
    def own(table: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return table.practice_id == viewer.practice_id, table.id.in_(ids)

    third, away = aliased(Person), aliased(Person)
    return union_all(
        select(Person.id, Person.display_name, null()).where(*own(Person)),
        select(Couple.id, Couple.names, null()).where(*own(Couple)),
        select(Cover.id, away.display_name, third.display_name)
        .join(away, away.id == Cover.coach_id)
        .join(third, third.id == Cover.cover_id)
        .where(*own(Cover)),
        *(
            select(table.id, Person.display_name, null()).join(Person, Person.id == table.person_id).where(*own(table))
            for table in OF_A_PERSON
        ),
        *(
            select(table.id, Couple.names, null()).join(Couple, Couple.id == table.couple_id).where(*own(table))
            for table in OF_A_COUPLE
        ),
        *(
            select(table.id, Couple.names, Person.display_name)
            .join(Couple, Couple.id == table.couple_id)
            .join(Person, Person.id == getattr(table, colleague))
            .where(*own(table))
            for table, colleague in AMONG_COLLEAGUES
        ),
    )
