"""What has been assigned to a couple, as its coach reads it: each partner's own copy side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.assignments import For, TaskState
from portal.domain.people import Label, Viewer
from portal.domain.programme import Audience, Kind
from portal.domain.questionnaires import Questionnaire as Definition
from portal.domain.questionnaires import from_document
from portal.domain.repeats import Repeats
from portal.domain.sessions import SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import repeating, scope, scope_of_colleagues, vault

MOST_LINES = 100
SKIP_WHY = "repetitions.skip_why"


@dataclass(frozen=True, slots=True)
class PartnersCopy:
    """How far one partner's own copy has come; for the coach alone."""

    label: Label
    name: str
    state: TaskState
    due_at: datetime
    submitted_at: datetime | None
    response_id: UUID | None
    entered_by: str | None  # who typed it in from paper
    is_late: bool  # it came after the cut-off of its session

    @property
    def is_overdue(self) -> bool:
        return self.state.is_open and self.due_at <= clock.now()


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """One assignment in a list; `copies` are A's before B's, one where it was given to one. `due_on` with more time.

    `step` is the one that it belonged to as it was given, wherever the library has it now.
    """

    assignment_id: UUID
    questionnaire_id: UUID
    repetition_id: UUID | None
    kind: Kind
    slug: str
    step: str | None
    title: str
    audience: Audience
    minutes: int
    frequency: str
    given_to: For
    assigned_on: date
    due_on: date
    is_reworded: bool
    is_withdrawn: bool
    goes_with_session: bool  # ends on the eve of one, wherever that is moved to
    ends_at: datetime | None  # of the check-in that belongs to one: the cut-off of its brief
    copies: tuple[PartnersCopy, ...]

    @property
    def is_open(self) -> bool:
        return any(copy.state.is_open for copy in self.copies)


@dataclass(frozen=True, slots=True)
class AssignmentShown:
    """One assignment with everything that its coach gave with it; `rule` while it comes again, `next_on` its next day.

    On `skip_on` it does not come, for a reason that the coach keeps for herself, and while it is held it never does.
    """

    line: AssignmentLine
    couple_id: UUID
    couple_names: str
    why: str | None
    obstacle: str | None
    questionnaire: Definition
    rule: Repeats | None
    next_on: date | None
    skip_on: date | None
    skip_why: str | None
    is_held: bool


def assignments_of_couple(viewer: Viewer, couple_id: UUID, most: int = MOST_LINES) -> tuple[AssignmentLine, ...]:
    """The couple's latest assignments, newest first, withdrawn ones included. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_read)
    newest = (Assignment.assigned_on.desc(), Assignment.created_at.desc(), Assignment.id)
    rows = db.session.execute(_lines().where(Assignment.couple_id == couple.id).order_by(*newest).limit(most)).all()
    copies = _copies_of(row.Assignment.id for row in rows)
    return tuple(_line(row, copies.get(row.Assignment.id, {})) for row in rows)


def assignment(viewer: Viewer, assignment_id: UUID) -> AssignmentShown:
    """One assignment of one of the coach's own couples. Raises NotFound."""
    found = scope.assignment(viewer, assignment_id, scope.couples_to_read)
    row = db.session.execute(_lines().where(Assignment.id == found.id)).one()
    couple = scope.couple(viewer, found.couple_id, scope.couples_to_read)
    line = _line(row, _copies_of([found.id]).get(found.id, {}))
    running = row.Repetition if row.Repetition is not None and row.Repetition.ended_at is None else None
    return AssignmentShown(
        line,
        couple.id,
        couple.names,
        vault.unseal_or_none(couple.id, "assignments.why", found.id, found.why),
        vault.unseal_or_none(couple.id, "assignments.obstacle", found.id, found.obstacle),
        from_document(row.QuestionnaireVersion.document).spoken(scope.coach_of(viewer, couple.id).display_name),
        repeating.rule_of(running) if running else None,
        repeating.next_day(running) if running else None,
        running.skip_on if running else None,
        _skip_why(viewer, running) if running else None,
        running is not None and running.held_at is not None,
    )


def _skip_why(viewer: Viewer, running: Repetition) -> str | None:
    """Why a time is left out; who only reads along is not told."""
    if running.skip_why is None or not scope_of_colleagues.acts_for(viewer, running.couple_id):
        return None
    return vault.unseal_or_none(running.couple_id, SKIP_WHY, running.id, running.skip_why)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(Assignment, QuestionnaireVersion, Questionnaire, Repetition, Session.state, Session.starts_at)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .outerjoin(Repetition, Repetition.id == Assignment.repetition_id)
        .outerjoin(Session, Session.id == Assignment.session_id)
    )


def _copies_of(assignment_ids: Iterable[UUID]) -> dict[UUID, dict[str, PartnersCopy]]:
    """By assignment and label; of a response that was corrected the latest version is named."""
    typist = aliased(Person)
    statement = (
        select(
            Task,
            Partnership.label,
            Person.display_name,
            Response.id.label("response_id"),
            typist.display_name,
            Assignment.ends_at,
        )
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Partnership, (Partnership.couple_id == Couple.id) & (Partnership.person_id == Task.person_id))
        .join(Person, Person.id == Task.person_id)
        .outerjoin(Response, Response.task_id == Task.id)
        .outerjoin(typist, typist.id == Response.entered_by)
        .where(Task.assignment_id.in_(list(assignment_ids)))
        .order_by(Partnership.label)
    )
    found: dict[UUID, dict[str, PartnersCopy]] = {}
    for task, label, name, response_id, entered_by, ends_at in db.session.execute(statement):
        found.setdefault(task.assignment_id, {})[label] = PartnersCopy(
            Label(label), name, TaskState(task.state), task.due_at, task.submitted_at, response_id, entered_by,
            ends_at is not None and task.submitted_at is not None and task.submitted_at > task.due_at,
        )  # fmt: skip
    return found


def _line(row: Any, copies: dict[str, PartnersCopy]) -> AssignmentLine:
    given, version, entry = row.Assignment, row.QuestionnaireVersion, row.Questionnaire
    return AssignmentLine(
        given.id,
        entry.id,
        given.repetition_id,
        Kind(entry.kind),
        entry.slug,
        version.document.get("step"),
        version.title,
        Audience(version.audience),
        version.minutes,
        version.frequency,
        For(given.given_to),
        given.assigned_on,
        max(given.due_on, given.extended_to or given.due_on),
        version.couple_id is not None,
        given.withdrawn_at is not None,
        row.state == SessionState.PLANNED and row.starts_at > clock.now(),
        given.ends_at,
        tuple(copies.values()),
    )
