"""Lines about one's own tasks: what one asked, with what came back, and what one was reminded of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.nudges import Nudge
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person
from portal.services import nudges as sent_nudges
from portal.services import task_questions, vault


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """What one asked about a task, and what came back; `answer` and `answered_at` are None while nothing has."""

    title: str
    asked_at: datetime
    text: str
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnNudge:
    """The sentence by which one was reminded of a task, and who wrote it."""

    title: str
    sent_at: datetime
    text: str
    by: str


def questions(viewer: Viewer, couple_id: UUID | None = None) -> tuple[OwnQuestion, ...]:
    """What one asked about one's tasks, of one couple or of all, the oldest first."""
    own = (TaskQuestion.practice_id == viewer.practice_id, TaskQuestion.person_id == viewer.person_id)
    about = select(TaskQuestion, QuestionnaireVersion.title).join(Task, Task.id == TaskQuestion.task_id)
    statement = _in_couple(about, couple_id).where(*own).order_by(TaskQuestion.asked_at, TaskQuestion.id)
    return tuple(
        OwnQuestion(
            title,
            row.asked_at,
            vault.unseal(viewer.person_id, task_questions.TEXT, row.id, row.text),
            vault.unseal_or_none(viewer.person_id, task_questions.ANSWER, row.id, row.answer),
            row.answered_at,
        )
        for row, title in db.session.execute(statement).all()
    )


def nudges(viewer: Viewer, couple_id: UUID | None = None) -> tuple[OwnNudge, ...]:
    """What one was reminded of, in one couple or in all, the oldest first."""
    own = (Nudge.practice_id == viewer.practice_id, Nudge.person_id == viewer.person_id)
    about = select(Nudge, QuestionnaireVersion.title, Person.display_name).join(Task, Task.id == Nudge.task_id)
    by_whom = _in_couple(about, couple_id).join(Person, Person.id == Nudge.sent_by)
    statement = by_whom.where(*own).order_by(Nudge.sent_at, Nudge.id)
    return tuple(
        OwnNudge(title, row.sent_at, vault.unseal(viewer.person_id, sent_nudges.TEXT, row.id, row.text), by)
        for row, title, by in db.session.execute(statement).all()
    )


def _in_couple(about: Select[*tuple[Any, ...]], couple_id: UUID | None) -> Select[*tuple[Any, ...]]:
    """Lines about tasks, with the version that each task is of; of what was put away nothing is given."""
    of_task = about.join(Assignment, Assignment.id == Task.assignment_id)
    of_version = of_task.join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
    of_version = of_version.where(Task.put_away_at.is_(None))
    return of_version if couple_id is None else of_version.where(Assignment.couple_id == couple_id)
