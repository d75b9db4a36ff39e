"""What came in and is still to be read, the oldest first: homework that nobody reads stops being done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from portal.domain.assignments import TaskState
from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload, Couple
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import scope

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ToRead:
    """One response that waits to be read: whose it is, what it answers, and when it was written; no answers."""

    response_id: UUID
    couple_id: UUID
    couple_names: str
    name: str
    title: str
    at: datetime
    is_correction: bool
    is_from_paper: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The oldest of what waits, and how many there are in all."""

    forms: tuple[ToRead, ...]
    total: int


def to_read(viewer: Viewer) -> Queue:
    """What waits for a coach, of their own couples and of those they cover, in two statements."""
    statement = _waiting(
        viewer,
        Response.id,
        Assignment.couple_id,
        Couple.names,
        Person.display_name,
        QuestionnaireVersion.title,
        _written_at(),
        Response.corrected_at.is_not(None),
        Response.entered_by.is_not(None),
    )
    named = (
        statement.join(Couple, Couple.id == Assignment.couple_id)
        .join(Person, Person.id == Response.person_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .limit(MOST_SHOWN)
    )
    return Queue(
        tuple(ToRead(*row) for row in db.session.execute(named)), db.session.scalar(select(number_unread(viewer))) or 0
    )


def number_unread(viewer: Viewer) -> ColumnElement[int]:
    """How many wait in all, as a part of a statement."""
    unread = select(func.coalesce(func.sum(Caseload.unread), 0)).where(Caseload.couple_id.in_(_mine(viewer)))
    return unread.scalar_subquery()


def next_or_none(viewer: Viewer, response_id: UUID) -> UUID | None:
    """The one that was written next after this one, read or not; None at the end. Raises NotFound."""
    here = scope.response(viewer, response_id, scope.couples_to_act_for)
    at = here.corrected_at or here.submitted_at
    later = (_written_at() > at) | ((_written_at() == at) & (Response.id > here.id))
    return db.session.scalars(_waiting(viewer, Response.id).where(later).limit(1)).one_or_none()


def _waiting(viewer: Viewer, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Of the couples of whom something waits: without them, all that anybody ever sent would be gone through."""
    unread = select(Caseload.couple_id).where(Caseload.couple_id.in_(_mine(viewer)), Caseload.unread > 0)
    return (
        select(*columns)
        .select_from(Response)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .where(Assignment.couple_id.in_(unread), Task.state == TaskState.SUBMITTED)
        .order_by(_written_at(), Response.id)
    )


def _written_at() -> ColumnElement[datetime]:
    return func.coalesce(Response.corrected_at, Response.submitted_at)


def _mine(viewer: Viewer) -> Select[UUID]:
    return scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
