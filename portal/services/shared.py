"""What both partners may read: everything on this page has passed the third door for the one who looks."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from portal import clock
from portal.domain.answers import Answer
from portal.domain.disclosure import Reader, may_read
from portal.domain.items import WITHOUT_WAITING, Item
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import scope, sent_forms, vault


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """One answer that is open to both: whose, and in their words."""

    label: Label
    name: str
    item: Item
    answer: Answer


@dataclass(frozen=True, slots=True)
class SharedForm:
    """What is open of one assignment, question by question."""

    title: str
    assigned_on: date
    answers: tuple[SharedAnswer, ...]


def for_both(viewer: Viewer) -> tuple[SharedForm, ...]:
    """What is open to both partners now, the latest assignment first; the same for both. Raises NotFound."""
    rows = _rows(scope.couple_id_of_partner(viewer))
    vault.load_keys(row.Response.person_id for row in rows)
    openings = sent_forms.openings_of(row.assignment_id for row in rows)
    grouped: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.assignment_id, []).append(row)
    forms = [
        SharedForm(group[0].title, group[0].assigned_on, _open_answers(group, openings.get(assignment_id, {})))
        for assignment_id, group in grouped.items()
    ]
    return tuple(form for form in forms if form.answers)


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
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Partnership, (Partnership.couple_id == couple_id) & (Partnership.person_id == Response.person_id))
        .join(Person, Person.id == Response.person_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Assignment.couple_id == couple_id)
        .order_by(Assignment.assigned_on.desc(), Assignment.created_at.desc(), Assignment.id, Partnership.label)
    )
    return list(db.session.execute(statement).all())


def _open_answers(rows: list[Row[Any]], openings: Any) -> tuple[SharedAnswer, ...]:
    definition = from_document(rows[0].definition).spoken(rows[0].coach_name)
    items = {item.id: (place, item) for place, item in enumerate(definition.items)}
    opened = []
    for row in rows:
        sent = sent_forms.sent_of(row.Response, openings)
        for answer in sent_forms.answers_of(row.Response):
            place, item = items[answer.item_id]
            waits = item.opens != WITHOUT_WAITING
            is_open = may_read(answer.disclosure, Reader.PARTNER, sent, clock.now(), waits=waits)
            if is_open and answer.value is not None:
                opened.append((place, row.label, SharedAnswer(Label(row.label), row.display_name, item, answer)))
    return tuple(shared for _, _, shared in sorted(opened, key=lambda entry: entry[:2]))
