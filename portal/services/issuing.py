"""Issuing: an assignment put into its tables, the copies of it for each partner, and the mails that say so.

Both copies of most assignments are issued at once; of a step of a pathway each as its own partner comes to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from portal import clock, randomness
from portal.domain.assignments import OPEN, Act, For, TaskState, after, due_at
from portal.domain.people import Label, PersonState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.users import Person
from portal.services import caseload_row, outbox, vault


@dataclass(frozen=True, slots=True)
class Given:
    """What is issued: whom to, on which day, until which day, and the coach's words.

    `session_id` is the session on whose eve it ends, or at whose cut-off (`ends_at`).
    """

    given_to: For
    assigned_on: date
    due_on: date
    why: str = ""
    obstacle: str = ""
    repetition_id: UUID | None = None
    session_id: UUID | None = None
    link: str = ""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Copies:
    """Which copies of an assignment are issued: of which questionnaire, to whom, until which day.

    `is_told`: a mail says so; who has just asked for a copy needs none.
    """

    questionnaire_id: UUID
    labels: tuple[Label, ...]
    due_on: date
    link: str = ""
    is_told: bool = True


def issue(couple: Couple, version: QuestionnaireVersion, given: Given, assigned_by: UUID) -> Assignment:
    """Add an assignment, its tasks and its mails; the caller commits."""
    assignment = open_assignment(couple, version, given, assigned_by)
    issue_copies(couple, assignment, Copies(version.questionnaire_id, given.given_to.labels, given.due_on, given.link))
    return assignment


def open_assignment(
    couple: Couple,
    version: QuestionnaireVersion,
    given: Given,
    assigned_by: UUID,
    assignment_id: UUID | None = None,
) -> Assignment:
    """Add an assignment of which no copy is issued yet; the caller commits."""
    assignment_id = assignment_id or randomness.new_id()
    assignment = Assignment(
        id=assignment_id,
        practice_id=couple.practice_id,
        couple_id=couple.id,
        version_id=version.id,
        repetition_id=given.repetition_id,
        session_id=given.session_id,
        ends_at=given.ends_at,
        assigned_by=assigned_by,
        given_to=given.given_to,
        assigned_on=given.assigned_on,
        due_on=given.due_on,
        why=_sealed_or_none(couple.id, "assignments.why", assignment_id, given.why),
        obstacle=_sealed_or_none(couple.id, "assignments.obstacle", assignment_id, given.obstacle),
        created_at=clock.now(),
    )
    db.session.add(assignment)
    db.session.flush()
    return assignment


def issue_copies(couple: Couple, assignment: Assignment, copies: Copies) -> list[UUID]:
    """Add the copies of an assignment for some whom it is given to, and their mails; gives the copies' ids.

    The caller commits.
    """
    rows = _partners(couple, copies.labels)
    task_ids = [_add_task(couple, assignment, copies, *row) for row in rows]
    for task_id, (person, withdrawn_at) in zip(task_ids, rows, strict=True):
        # who has not come in yet has a door to open first, and finds it there
        if copies.is_told and person.state == PersonState.ACTIVE and withdrawn_at is None:
            outbox.enqueue(person, "task", f"task:{task_id}", {"link": copies.link})
    caseload_row.tell_given(couple.id)
    return task_ids


def take_back(assignment: Assignment) -> bool:
    """Take back what has not been sent; what was sent stays. False where it was taken back before. The caller commits.

    Whether or not anything was open it is marked as withdrawn: who has sent what must not show in it.
    """
    open_ones = select(Task).where(Task.assignment_id == assignment.id, Task.state.in_(OPEN))
    still_open = open_ones.order_by(Task.id).with_for_update()
    for task in db.session.scalars(still_open):
        task.state = after(TaskState(task.state), Act.WITHDRAW)
        task.withdrawn_at = clock.now()
    is_first = assignment.withdrawn_at is None
    assignment.withdrawn_at = assignment.withdrawn_at or clock.now()
    caseload_row.tell_given(assignment.couple_id)
    return is_first


def _sealed_or_none(couple_id: UUID, place: str, assignment_id: UUID, text: str) -> bytes | None:
    return vault.seal(couple_id, place, assignment_id, text.strip()) if text.strip() else None


def _partners(couple: Couple, labels: tuple[Label, ...]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Who gets a copy, and when they stopped taking part; whoever stops at this moment is waited for."""
    statement: Select[*tuple[Any, ...]] = (
        select(Person, Partnership.withdrawn_at)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple.id, Partnership.label.in_(labels), Partnership.ended_at.is_(None))
        .order_by(Partnership.label)
    )
    return db.session.execute(statement.with_for_update(of=Partnership, read=True)).all()


def _add_task(
    couple: Couple, assignment: Assignment, copies: Copies, person: Person, withdrawn_at: datetime | None
) -> UUID:
    """Add a copy, and give its id; that of somebody who has left is withdrawn from the start.

    Without one, what the other shares of theirs would wait for nobody, and open.
    """
    task_id, now, has_left = randomness.new_id(), clock.now(), withdrawn_at is not None
    db.session.add(
        Task(
            id=task_id,
            practice_id=couple.practice_id,
            assignment_id=assignment.id,
            person_id=person.id,
            state=TaskState.WITHDRAWN if has_left else TaskState.ASSIGNED,
            ordinal=_issued_before(person.id, copies.questionnaire_id) + 1,
            step=couple.step,
            due_at=assignment.ends_at or due_at(copies.due_on, person.zone),
            issued_at=now,
            withdrawn_at=now if has_left else None,
        )
    )
    return task_id


def _issued_before(person_id: UUID, questionnaire_id: UUID) -> int:
    """How many forms of this questionnaire were issued to the person before, whatever became of them."""
    statement = (
        select(func.count(Task.id))
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Task.person_id == person_id, QuestionnaireVersion.questionnaire_id == questionnaire_id)
    )
    return db.session.scalar(statement) or 0
