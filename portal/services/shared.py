"""What both partners may read: everything on this page has passed the third door for the one who looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select

from portal.domain.answers import Answer
from portal.domain.disclosure import Reader, Sent, may_read
from portal.domain.items import WITHOUT_WAITING, Item
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import sent_forms, taking_part, vault, versions


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """One answer that is open to both, and whose it is."""

    label: Label
    name: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class SharedQuestion:
    """A question with the answers that are open to both, A's first."""

    item: Item
    answers: tuple[SharedAnswer, ...]


@dataclass(frozen=True, slots=True)
class SharedForm:
    """What is open of one assignment, question by question."""

    title: str
    assigned_on: date
    questions: tuple[SharedQuestion, ...]


def for_both(viewer: Viewer) -> tuple[SharedForm, ...]:
    """What is open to both partners now, the latest assignment first; the same for both. Raises NotFound.

    Who takes part no more meets what was open when they left.
    """
    return open_to_both(*taking_part.couple_and_moment(viewer))


def open_to_both(couple_id: UUID, at: datetime) -> tuple[SharedForm, ...]:
    """What of a couple is open to both at an instant; the caller has found the couple in scope."""
    rows = _rows(couple_id, at)
    vault.load_keys(row.Response.person_id for row in rows)
    openings = sent_forms.openings_of(row.assignment_id for row in rows)
    met = versions.met_now((row.Response for row in rows), at)
    grouped: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.assignment_id, []).append(row)
    forms = [
        SharedForm(
            group[0].title, group[0].assigned_on, _open_questions(group, met, openings.get(assignment_id, {}), at)
        )
        for assignment_id, group in grouped.items()
    ]
    return tuple(form for form in forms if form.questions)


def _rows(couple_id: UUID, at: datetime) -> list[Row[Any]]:
    coach = select(Person.display_name).join(Couple, Couple.coach_id == Person.id).where(Couple.id == couple_id)
    statement = (
        select(
            Response,
            Task.assignment_id,
            Assignment.assigned_on,
            Partnership.label,
            Person.display_name,
            QuestionnaireVersion.title,
            QuestionnaireVersion.document.label("definition"),
            coach.scalar_subquery().label("coach_name"),
        )
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Partnership, (Partnership.couple_id == couple_id) & (Partnership.person_id == Response.person_id))
        .join(Person, Person.id == Response.person_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Assignment.couple_id == couple_id, _may_be_open(at))
        .order_by(Assignment.assigned_on.desc(), Assignment.created_at.desc(), Assignment.id, Partnership.label)
    )
    return list(db.session.execute(statement).all())


def _may_be_open(at: datetime) -> ColumnElement[bool]:
    """What cannot be open is not even read: no look at this page takes longer for what is private."""
    instants = (Response.opens_at, Response.author_opened_at, Response.session_opened_at)
    is_time = or_(*(instant <= at for instant in instants))
    ended = Response.sharing_ended_at
    was_time = or_(ended.is_(None), *(instant < ended for instant in instants))
    return Response.may_open & is_time & was_time & Response.hidden_at.is_(None)


def _open_questions(
    rows: list[Row[Any]],
    met: Mapping[UUID, tuple[Answer, ...]],
    openings: Mapping[UUID, datetime | None],
    at: datetime,
) -> tuple[SharedQuestion, ...]:
    definition = from_document(rows[0].definition).spoken(rows[0].coach_name)
    found: dict[str, list[SharedAnswer]] = {item.id: [] for item in definition.items}
    for row in rows:
        sent = sent_forms.sent_of(row.Response, openings)
        for answer in met[row.Response.id]:
            if answer.value is not None and _is_open(definition.item(answer.item_id), answer, sent, at):
                found[answer.item_id].append(SharedAnswer(Label(row.label), row.display_name, answer))
    return tuple(SharedQuestion(item, tuple(found[item.id])) for item in definition.items if found[item.id])


def _is_open(item: Item, answer: Answer, sent: Sent, at: datetime) -> bool:
    waits = item.opens != WITHOUT_WAITING
    return may_read(answer.disclosure, Reader.PARTNER, sent, at, waits=waits)
