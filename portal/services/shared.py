"""What both partners may read: everything on this page has passed the third door for the one who looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from portal.domain.answers import Answer
from portal.domain.assignments import For
from portal.domain.disclosure import Reader, Sent, hangs_on_the_other, may_read
from portal.domain.items import WITHOUT_WAITING, Item
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import Questionnaire, from_document, open_with_conditions
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import sent_forms, taking_part, vault, versions
from portal.services.pathway_rows import in_own_time


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
    """What is open of one assignment, question by question; `assigned_on` is None for what one was given alone.

    On which day that was is theirs: it may be the day on which they took it, or had sent what came before it. `slug`
    and `step` are those of its definition.
    """

    title: str
    assigned_on: date | None
    questions: tuple[SharedQuestion, ...]
    slug: str = ""
    step: str | None = None


def for_both(viewer: Viewer) -> tuple[SharedForm, ...]:
    """What is open to the viewer now, and beside it what of their own is. Raises NotFound.

    The latest assignment comes first, and what was given to one alone last, by its title.

    An own answer that the other's sending alone has opened stands here once something of the other's is open beside it
    and not before: it would tell that they have sent, also where they kept everything to themselves. Who takes part no
    more meets what was open when they left.
    """
    couple_id, at = taking_part.couple_and_moment(viewer)
    return _open_forms(couple_id, at, viewer.person_id)


def before_both(couple_id: UUID, at: datetime) -> tuple[SharedForm, ...]:
    """What of a couple may stand before both at an instant; the caller has found the couple in scope."""
    return _open_forms(couple_id, at, None)


def _open_forms(couple_id: UUID, at: datetime, reader_id: UUID | None) -> tuple[SharedForm, ...]:
    rows = _rows(couple_id, at, reader_id)
    vault.load_keys(row.Response.person_id for row in rows)
    openings = sent_forms.openings_of(row.assignment_id for row in rows)
    met = versions.met_now((row.Response for row in rows), at)
    grouped: dict[UUID, list[_Read]] = {}
    for row in rows:
        sent = sent_forms.sent_of(row.Response, openings[row.assignment_id])
        grouped.setdefault(row.assignment_id, []).append(_Read(row, met[row.Response.id], sent))
    for_each = [group for group in grouped.values() if not group[0].is_of_one]
    of_one = [group for group in grouped.values() if group[0].is_of_one]
    listed = [
        *sorted(for_each, key=lambda group: group[0].given_at, reverse=True),
        *sorted(of_one, key=lambda group: (group[0].row.title, group[0].row.assignment_id)),
    ]
    forms = [_form(group, at, reader_id) for group in listed]
    return tuple(form for form in forms if form.questions)


class _Read(NamedTuple):
    """A response with the answers that the other partner meets of it, and what has opened since it was sent."""

    row: Row[Any]
    answers: tuple[Answer, ...]
    sent: Sent

    @property
    def given_at(self) -> tuple[date, datetime]:
        """When this was given, as far as its reader knows: never when the other's copy of it went out.

        Of a step that each gets in their own time it is when the reader's own copy did, or else, and for both at once,
        when the pathway began.
        """
        if self.row.begun_at is None:
            return self.row.assigned_on, self.row.created_at
        at: datetime = self.row.own_issued_at or self.row.begun_at
        return at.astimezone(ZoneInfo(self.row.zone)).date(), at

    @property
    def given_on(self) -> date | None:
        return None if self.is_of_one else self.given_at[0]

    @property
    def is_of_one(self) -> bool:
        return len(For(self.row.given_to).labels) == 1


def _rows(couple_id: UUID, at: datetime, reader_id: UUID | None = None) -> list[Row[Any]]:
    own = aliased(Task)
    coach = select(Person.display_name).join(Couple, Couple.coach_id == Person.id).where(Couple.id == couple_id)
    statement: Select[*tuple[Any, ...]] = (
        select(
            Response,
            Task.assignment_id,
            Assignment.assigned_on,
            Assignment.created_at,
            Assignment.given_to,
            Practice.zone,
            in_own_time().label("begun_at"),
            own.issued_at.label("own_issued_at"),
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
        .join(Practice, Practice.id == Response.practice_id)
        .outerjoin(own, (own.assignment_id == Task.assignment_id) & (own.person_id == reader_id))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        # so that no index leads there from all that the couple was given: a look would pass by what is private
        .where(Partnership.couple_id == couple_id, func.nullif(Assignment.couple_id, couple_id).is_(None))
        .where(_may_be_open(at))
        .order_by(Assignment.id, Partnership.label)
    )
    return list(db.session.execute(statement).all())


def _may_be_open(at: datetime) -> ColumnElement[bool]:
    """What cannot be open is not even read: no look at this page takes longer for what is private."""
    instants = (Response.opens_at, Response.author_opened_at, Response.session_opened_at, Response.exchanged_at)
    is_time = or_(*(instant <= at for instant in instants))
    ended = Response.sharing_ended_at
    was_time = or_(ended.is_(None), *(instant < ended for instant in instants))
    return Response.may_open & is_time & was_time & Response.hidden_at.is_(None)


def _form(group: list[_Read], at: datetime, reader_id: UUID | None) -> SharedForm:
    first = group[0]
    definition = from_document(first.row.definition).spoken(first.row.coach_name)
    questions = _questions(definition, group, at, reader_id)
    return SharedForm(first.row.title, first.given_on, questions, definition.slug, definition.step)


def _questions(
    definition: Questionnaire, group: list[_Read], at: datetime, reader_id: UUID | None
) -> tuple[SharedQuestion, ...]:
    lines = [(read, *line) for read in group for line in open_answers(definition, read.answers, read.sent, at)]
    found: dict[str, list[SharedAnswer]] = {item.id: [] for item in definition.items}
    authors = {read.row.Response.person_id for read, _, _ in lines}
    for read, item, answer in lines:
        is_own = reader_id in (None, read.row.Response.person_id)
        if not is_own or len(authors) > 1 or not _hangs(item, answer, read.sent, at):
            found[item.id].append(SharedAnswer(Label(read.row.label), read.row.display_name, answer))
    return tuple(SharedQuestion(item, tuple(found[item.id])) for item in definition.items if found[item.id])


def open_answers(
    definition: Questionnaire, answers: Iterable[Answer], sent: Sent, at: datetime
) -> tuple[tuple[Item, Answer], ...]:
    """What of one form the other partner may read at an instant; what was skipped is not there for them.

    The page of what is shared is made by it, and so is what an author is shown of it beforehand (`previews`).
    """
    pairs = [(definition.item(answer.item_id), answer) for answer in answers if answer.value is not None]
    found = {item.id: (item, answer) for item, answer in pairs if _is_open(item, answer, sent, at)}
    open_ids = open_with_conditions(definition.items, found)
    return tuple(pair for item_id, pair in found.items() if item_id in open_ids)


def _is_open(item: Item, answer: Answer, sent: Sent, at: datetime) -> bool:
    waits = item.opens != WITHOUT_WAITING
    return may_read(answer.disclosure, Reader.PARTNER, sent.of_item(item.id), at, waits=waits)


def _hangs(item: Item, answer: Answer, sent: Sent, at: datetime) -> bool:
    waits = item.opens != WITHOUT_WAITING
    return hangs_on_the_other(answer.disclosure, sent.of_item(item.id), at, waits=waits)
