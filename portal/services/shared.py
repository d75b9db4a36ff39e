"""What both partners may read: everything on this page has passed the third door for the one who looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select

from portal import clock
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
from portal.services import scope, sent_forms, vault, versions


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
    """What is open to both partners now, the latest assignment first; the same for both. Raises NotFound."""
    rows = _rows(scope.couple_id_of_partner(viewer))
    vault.load_keys(row.Response.person_id for row in rows)
    openings = sent_forms.openings_of(row.assignment_id for row in rows)
    met = versions.met_now(row.Response for row in rows)
    grouped: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.assignment_id, []).append(row)
    forms = [
        SharedForm(group[0].title, group[0].assigned_on, _open_questions(group, met, openings.get(assignment_id, {})))
        for assignment_id, group in grouped.items()
    ]
    return tuple(form for form in forms if form.questions)


def _rows(couple_id: UUID) -> list[Row[Any]]:
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
        .select_from(Partnership)
        .join(Response, Response.person_id == Partnership.person_id)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Person, Person.id == Response.person_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        # so that no index leads there from all that the couple was given: a look would pass by what is private
        .where(Partnership.couple_id == couple_id, func.nullif(Assignment.couple_id, couple_id).is_(None))
        .where(_may_be_open())
        .order_by(Assignment.assigned_on.desc(), Assignment.created_at.desc(), Assignment.id, Partnership.label)
    )
    return list(db.session.execute(statement).all())


def _may_be_open() -> ColumnElement[bool]:
    """What cannot be open is not even read: no look at this page takes longer for what is private."""
    now = clock.now()
    is_time = or_(Response.opens_at <= now, Response.author_opened_at <= now, Response.session_opened_at <= now)
    return Response.may_open & is_time


def _open_questions(
    rows: list[Row[Any]], met: Mapping[UUID, tuple[Answer, ...]], openings: Mapping[UUID, datetime | None]
) -> tuple[SharedQuestion, ...]:
    definition = from_document(rows[0].definition).spoken(rows[0].coach_name)
    found: dict[str, list[SharedAnswer]] = {item.id: [] for item in definition.items}
    for row in rows:
        sent = sent_forms.sent_of(row.Response, openings)
        for answer in met[row.Response.id]:
            if answer.value is not None and _is_open(definition.item(answer.item_id), answer, sent):
                found[answer.item_id].append(SharedAnswer(Label(row.label), row.display_name, answer))
    return tuple(SharedQuestion(item, tuple(found[item.id])) for item in definition.items if found[item.id])


def _is_open(item: Item, answer: Answer, sent: Sent) -> bool:
    waits = item.opens != WITHOUT_WAITING
    return may_read(answer.disclosure, Reader.PARTNER, sent, clock.now(), waits=waits)
