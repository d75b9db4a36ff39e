"""Questions about a task: asked by a partner of their own copy, answered by who acts for the couple, once each.

Both lines are closed like what was sent: the partner meets them behind the pass phrase alone, and without it no page
says whether anything was asked. The mail about an answer goes to the one who asked.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from portal import clock, randomness
from portal.domain.accounts import stays_sealed
from portal.domain.assignments import OPEN
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.lines import line
from portal.domain.people import ENDED, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person
from portal.services import accounts, audit, outbox, scope, taking_part, vault

TEXT, ANSWER = "task_questions.text", "task_questions.answer"
MOST_SHOWN = 20
MOST_ASKED = 5  # about one task: it is no conversation


@dataclass(frozen=True, slots=True)
class AboutTask:
    """What the page says of one's own task, whether or not anything was asked: what it is, and whether it is open.

    `may_show` unless one chose never to be shown what one has sent.
    """

    task_id: UUID
    title: str
    is_open: bool
    may_show: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """What was asked, and when, and what came back; None while nothing has."""

    asked_at: datetime
    text: str
    answer: str | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question that waits for the coach: whose, and about what; not what it says."""

    question_id: UUID
    name: str
    title: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as the coach reads it; `text` is None where its author was erased."""

    question_id: UUID
    couple_id: UUID
    name: str
    title: str
    asked_at: datetime
    text: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


def about(viewer: Viewer, task_id: UUID) -> AboutTask:
    """What one's own task is called, for the page on which one asks. Raises NotFound."""
    rows = scope.of_partner(viewer, _own_select(), task_id=task_id)
    if not rows:
        raise NotFound
    [row] = rows
    return AboutTask(row.id, row.title, row.state in OPEN, not row.never_reveals)


@cache
def _own_select() -> Select[*tuple[Any, ...]]:
    mine = scope.own_tasks(scope.A_PARTNER).with_only_columns(Task.id)
    return (
        select(Task.id, Task.state, QuestionnaireVersion.title, Person.never_reveals)
        .join(Person, Person.id == Task.person_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Task.id == bindparam("task_id"), Task.id.in_(mine))
    )


def ask(viewer: Viewer, task_id: UUID, typed: str) -> None:
    """Ask the coach about one's own task; a few times, for one may think of something else.

    Raises NotFound, Invalid with `field`, and NotAllowed "question_too_late" for a form that was sent, and
    "questions_enough".
    """
    text = line(typed, field="text")
    begin_write()
    task = scope.found(scope.own_tasks(viewer).where(Task.id == task_id).with_for_update())
    if task.state not in OPEN:
        raise NotAllowed("question_too_late")
    asked = db.session.scalar(select(func.count()).where(TaskQuestion.task_id == task.id)) or 0
    if asked >= MOST_ASKED:
        raise NotAllowed("questions_enough")
    question_id = randomness.new_id()
    db.session.add(
        TaskQuestion(
            id=question_id,
            practice_id=task.practice_id,
            task_id=task.id,
            person_id=task.person_id,
            text=vault.seal(task.person_id, TEXT, question_id, text),
            asked_at=clock.now(),
        )
    )
    audit.record(viewer, "question:asked", question_id)
    db.session.commit()


def show(viewer: Viewer, task_id: UUID, passphrase: str) -> tuple[Lines, ...]:
    """What one asked about a task and what came back, the latest first, behind the pass phrase; it goes on record.

    Raises NotFound, Invalid for a wrong pass phrase and for one that came by mail and that the coach has not vouched
    for, and NotAllowed "never_shown" for whom chose never to be shown what they sent.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    if person.never_reveals:
        raise NotAllowed("never_shown")
    task = scope.found(scope.own_tasks(viewer).where(Task.id == task_id))
    rows = db.session.execute(
        select(TaskQuestion, Person.display_name)
        .outerjoin(Person, Person.id == TaskQuestion.answered_by)
        .where(TaskQuestion.task_id == task.id, TaskQuestion.person_id == person.id)
        .order_by(TaskQuestion.asked_at.desc(), TaskQuestion.id)
    ).all()
    audit.record(viewer, "question:shown", task.id)
    found = tuple(
        Lines(row.asked_at, vault.unseal(person.id, TEXT, row.id, row.text), _answer(row), by) for row, by in rows
    )
    db.session.commit()
    return found


def number_waiting(viewer: Viewer) -> ColumnElement[int]:
    """How many wait for a coach, as a part of a statement."""
    return _unanswered(viewer).with_only_columns(func.count()).scalar_subquery()


def waiting(viewer: Viewer) -> tuple[WaitingQuestion, ...]:
    """What waits for a coach to be answered, of their own couples and of those they cover; the oldest first."""
    rows = db.session.execute(
        _unanswered(viewer)
        .with_only_columns(TaskQuestion.id, Person.display_name, QuestionnaireVersion.title, TaskQuestion.asked_at)
        .order_by(TaskQuestion.asked_at, TaskQuestion.id)
        .limit(MOST_SHOWN)
    )
    return tuple(WaitingQuestion(*row) for row in rows)


def read(viewer: Viewer, question_id: UUID) -> AskedQuestion:
    """A question as the coach reads it; the reading goes on record. Raises NotFound."""
    begin_write()
    row, name, title, couple_id = _one(viewer, question_id)
    audit.record(viewer, "question:read", row.id)
    by = scope.member(viewer, row.answered_by).display_name if row.answered_by else None
    text = vault.unseal_or_none(row.person_id, TEXT, row.id, row.text)
    found = AskedQuestion(row.id, couple_id, name, title, row.asked_at, text, _answer(row), by, row.answered_at)
    db.session.commit()
    return found


def answer(viewer: Viewer, question_id: UUID, typed: str, link: str) -> str:
    """Answer a question, once; a mail without content goes to who asked, with `link`. Gives their name.

    Raises NotFound, Invalid with `field`, Conflict "answered_already", and NotAllowed "not_to_be_answered" for somebody
    who takes part no more, or whose work has ended.
    """
    text = line(typed, field="answer")
    begin_write()
    taking_part.hold(_one(viewer, question_id)[3], is_shared=True)
    row, name, _, _ = _one(viewer, question_id, is_held=True)
    if row.answered_at is not None:
        raise Conflict("answered_already")
    if db.session.execute(_unanswered(viewer).where(TaskQuestion.id == row.id)).first() is None:
        raise NotAllowed("not_to_be_answered")
    row.answer = vault.seal(row.person_id, ANSWER, row.id, text)
    row.answered_at, row.answered_by = clock.now(), viewer.person_id
    author = db.session.scalars(select(Person).where(Person.id == row.person_id)).one()
    outbox.enqueue(author, outbox.TASK, f"question:{row.id}", {"link": link})
    audit.record(viewer, "question:answered", row.id)
    db.session.commit()
    return name


def _one(viewer: Viewer, question_id: UUID, *, is_held: bool = False) -> tuple[TaskQuestion, str, str, UUID]:
    """The row, the name of who asked, what it is about, and the couple. Raises NotFound."""
    statement = _in_reach(viewer).where(TaskQuestion.id == question_id)
    held = statement.with_for_update(of=TaskQuestion).execution_options(populate_existing=True)
    row = db.session.execute(held if is_held else statement).one_or_none()
    if row is None:
        raise NotFound
    return row.TaskQuestion, row.display_name, row.title, row.couple_id


def _unanswered(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """What may be answered: nothing goes out to who takes part no more, after the work, or about what is put away."""
    return (
        _in_reach(viewer)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Partnership, (Partnership.couple_id == Couple.id) & (Partnership.person_id == TaskQuestion.person_id))
        .where(TaskQuestion.answered_at.is_(None), Couple.state.not_in(ENDED))
        .where(Task.withdrawn_at.is_(None), Task.put_away_at.is_(None))
        .where(Partnership.withdrawn_at.is_(None), Partnership.ended_at.is_(None))
    )


def _in_reach(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    return (
        select(TaskQuestion, Person.display_name, QuestionnaireVersion.title, Assignment.couple_id)
        .join(Task, Task.id == TaskQuestion.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Person, Person.id == TaskQuestion.person_id)
        .where(TaskQuestion.practice_id == viewer.practice_id, Assignment.couple_id.in_(mine))
    )


def _answer(row: TaskQuestion) -> str | None:
    return vault.unseal_or_none(row.person_id, ANSWER, row.id, row.answer)
