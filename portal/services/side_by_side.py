"""Versions of one questionnaire as a couple answered them, side by side: each with its own wording."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.services import couples, glances, scope, sent_forms
from portal.services.overview import names_of
from portal.services.sent_forms import SentForm

AT_ONCE = 2  # as many versions stand beside each other


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """A couple that has answered an entry, in so many of its versions."""

    couple_id: UUID
    names: str
    versions: int


@dataclass(frozen=True, slots=True)
class Column:
    """One version as the couple answered it last: which form of whom, sent when."""

    number: int
    title: str
    forms: Mapping[Label, tuple[UUID, datetime]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as one version words it, and the answer of each whose form of that version came in."""

    item: Item
    answers: Mapping[Label, Answer | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page shows. A row has one place a column, None where that version does not ask the question.

    `numbers` are all the versions that were answered. Private questions are in no row.
    """

    couple_id: UUID
    couple_names: str
    questionnaire_id: UUID
    names: Mapping[Label, str]
    numbers: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Asked | None, ...], ...]


def answered_by(viewer: Viewer, questionnaire_id: UUID) -> tuple[AnsweredBy, ...]:
    """The couples whom the viewer acts for that have answered an entry, by name; one statement."""
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    rows = db.session.execute(
        select(Couple.id, Couple.names, func.count(QuestionnaireVersion.id.distinct()))
        .join(Assignment, Assignment.couple_id == Couple.id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Task, Task.assignment_id == Assignment.id)
        .join(Response, Response.task_id == Task.id)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire_id, Couple.id.in_(mine))
        .group_by(Couple.id, Couple.names)
        .order_by(Couple.names, Couple.id)
    )
    return tuple(AnsweredBy(*row) for row in rows)


def place_of(viewer: Viewer, response_id: UUID) -> tuple[UUID, UUID]:
    """The couple and the entry of the library that a response belongs to. Raises NotFound."""
    response = scope.response(viewer, response_id, scope.couples_to_act_for)
    row = db.session.execute(
        select(Assignment.couple_id, QuestionnaireVersion.questionnaire_id)
        .join(Task, Task.assignment_id == Assignment.id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Task.id == response.task_id)
    ).one()
    return row.couple_id, row.questionnaire_id


def compare(viewer: Viewer, couple_id: UUID, questionnaire_id: UUID, asked: Iterable[int], zone: str) -> Beside:
    """The versions that are asked for, else the last two that were answered; the forms go on record as read.

    Of each version it is the last form of each partner. Raises NotFound.
    """
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    entry = scope.library_entry(viewer, questionnaire_id)
    shown = couples.couple(viewer, couple.id)
    by_number = _by_number(viewer, couple.id, entry.id)
    numbers = tuple(sorted(by_number))
    wanted = [number for number in dict.fromkeys(asked) if number in by_number][:AT_ONCE] or numbers[-AT_ONCE:]
    coach_name = scope.coach_of(viewer, couple.id).display_name
    taken = [by_number[number] for number in wanted]
    found = Beside(
        couple.id,
        couple.names,
        entry.id,
        names_of(shown),
        numbers,
        tuple(_column(number, by_number[number]) for number in wanted),
        _rows(taken, coach_name),
    )
    glances.note(viewer, (form for forms in by_number.values() for form in forms.values()), zone)
    return found


def _by_number(viewer: Viewer, couple_id: UUID, questionnaire_id: UUID) -> dict[int, dict[Label, SentForm]]:
    """By the version's number and by whom, the last form that came in."""
    statement = (
        scope.responses(viewer, scope.couples_to_act_for)
        .where(Assignment.couple_id == couple_id, QuestionnaireVersion.questionnaire_id == questionnaire_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .with_only_columns(Response.id, QuestionnaireVersion.number)
    )
    numbers = {row.id: row.number for row in db.session.execute(statement)}
    found: dict[int, dict[Label, SentForm]] = {}
    for form in sent_forms.of_couple(viewer, couple_id):
        if form.response_id in numbers:
            found.setdefault(numbers[form.response_id], {})[form.label] = form
    return found


def _column(number: int, forms: Mapping[Label, SentForm]) -> Column:
    sent = {label: (forms[label].response_id, forms[label].submitted_at) for label in Label if label in forms}
    return Column(number, next(iter(forms.values())).title, sent)


def _rows(columns: list[dict[Label, SentForm]], coach_name: str) -> tuple[tuple[Asked | None, ...], ...]:
    """The questions of the last column in its order, and after them those that earlier ones alone ask."""
    asked = [asked_in(forms, coach_name) for forms in columns]
    order = dict.fromkeys(item_id for column in reversed(asked) for item_id in column)
    return tuple(tuple(column.get(item_id) for column in asked) for item_id in order)


def asked_in(forms: Mapping[Label, SentForm], coach_name: str) -> dict[str, Asked]:
    """The questions of one version by their ids, with what the forms of it say; what is private is left out."""
    definition = from_document(next(iter(forms.values())).document).spoken(coach_name)
    return {
        item.id: Asked(item, {label: _answer(form, item.id) for label, form in forms.items()})
        for item in definition.items
        if item.disclosure is not Disclosure.LOCKED
    }


def _answer(form: SentForm, item_id: str) -> Answer | None:
    return next((answer for answer in form.answers if answer.item_id == item_id), None)
