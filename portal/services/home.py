"""A partner's home: what is next, and what waits beside it; nothing about the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.accounts import stays_sealed
from portal.domain.assignments import TaskState
from portal.domain.people import Viewer
from portal.domain.programme import Audience, Kind
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.nudges import Nudge
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.users import Person
from portal.services import nudges, scope, vault

MOST_SENT = 5


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task on the home page."""

    task_id: UUID
    kind: Kind
    title: str
    purpose: str
    audience: Audience
    minutes: int
    frequency: str
    state: TaskState
    due_at: datetime
    why: str | None  # of what is still open, and not closed after a reset by mail
    submitted_at: datetime | None
    was_read: bool
    repetition_id: UUID | None
    given_on: date
    nudge: str | None  # what somebody wrote about it since, as `why`
    nudge_by: str | None
    is_moved: bool  # its last day went along with a session

    @property
    def is_still_open(self) -> bool:
        """Past its day; the word for it is "still open"."""
        return self.state.is_open and self.due_at <= clock.now()


@dataclass(frozen=True, slots=True)
class Home:
    """What is next (an exercise before a check-in, the earlier before the later), what else waits, what was sent."""

    next: TaskLine | None
    others: tuple[TaskLine, ...]
    sent: tuple[TaskLine, ...]


def home(viewer: Viewer) -> Home:
    """One's own tasks, in one statement; the key of the coach's words is asked for where there are some."""
    rows = scope.of_partner(viewer, _own_lines())
    lines = [_line(row) for row in rows]
    waiting = sorted(_without_earlier_weeks(lines), key=_urgency)
    sent = [line for line in lines if line.state.is_sent]
    return Home(waiting[0] if waiting else None, tuple(waiting[1:]), tuple(sent[:MOST_SENT]))


@cache
def _own_lines() -> Select[*tuple[Any, ...]]:
    writer = aliased(Person)
    return (
        select(
            Task.id,
            Task.state,
            Task.due_at,
            Task.submitted_at,
            Task.reviewed_at,
            Assignment.id.label("assignment_id"),
            Assignment.couple_id,
            Assignment.why,
            Assignment.repetition_id,
            Assignment.assigned_on,
            Assignment.due_on,
            Assignment.extended_to,
            Assignment.moved_at,
            Questionnaire.kind,
            QuestionnaireVersion.title,
            QuestionnaireVersion.purpose,
            QuestionnaireVersion.audience,
            QuestionnaireVersion.minutes,
            QuestionnaireVersion.frequency,
            Person.reset_at,
            Person.id.label("person_id"),
            Person.vouched_at,
            Nudge.id.label("nudge_id"),
            Nudge.text.label("nudge"),
            writer.display_name.label("nudge_by"),
        )
        .outerjoin(Nudge, Nudge.task_id == Task.id)
        .outerjoin(writer, writer.id == Nudge.sent_by)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .join(Person, Person.id == Task.person_id)
        .where(Task.id.in_(scope.own_tasks(scope.A_PARTNER).with_only_columns(Task.id)))
        .order_by(Task.submitted_at.is_not(None), Task.submitted_at.desc(), Task.due_at, Task.id)
        .limit(50)
    )


def _without_earlier_weeks(lines: Sequence[TaskLine]) -> list[TaskLine]:
    """The open tasks; of a weekly form that was not begun, only this week's: nobody is asked to catch up."""
    newest: dict[UUID, date] = {}
    for line in lines:
        if line.repetition_id is not None:
            newest[line.repetition_id] = max(line.given_on, newest.get(line.repetition_id, line.given_on))
    return [line for line in lines if line.state.is_open and _still_counts(line, newest)]


def _still_counts(line: TaskLine, newest: Mapping[UUID, date]) -> bool:
    """By the day on which it was given: the last day moves where a coach gives more time."""
    is_earlier = line.repetition_id is not None and line.given_on < newest[line.repetition_id]
    return line.state is TaskState.STARTED or not is_earlier


def open_task_ids(viewer: Viewer) -> tuple[UUID, ...]:
    """One's own tasks that may still be answered, the latest issued first."""
    statement = scope.own_tasks(viewer).where(Task.state.in_([TaskState.ASSIGNED, TaskState.STARTED]))
    return tuple(db.session.scalars(statement.with_only_columns(Task.id).order_by(Task.issued_at.desc(), Task.id)))


def _urgency(line: TaskLine) -> tuple[bool, datetime]:
    return line.kind == Kind.CHECK_IN, line.due_at


def _line(row: Row[*tuple[Any, ...]]) -> TaskLine:
    state = TaskState(row.state)
    is_closed = stays_sealed(row.reset_at, row.vouched_at)  # as what one sent
    why, nudge = (row.why, row.nudge) if state.is_open and not is_closed else (None, None)
    return TaskLine(
        row.id,
        Kind(row.kind),
        row.title,
        row.purpose,
        Audience(row.audience),
        row.minutes,
        row.frequency,
        state,
        row.due_at,
        vault.unseal_or_none(row.couple_id, "assignments.why", row.assignment_id, why),
        row.submitted_at,
        row.reviewed_at is not None,
        row.repetition_id,
        row.assigned_on,
        vault.unseal_or_none(row.person_id, nudges.TEXT, row.nudge_id, nudge),
        row.nudge_by,
        row.moved_at is not None and row.due_on >= (row.extended_to or row.due_on),
    )
