"""What partners have sent, as their coach reads it: answers with their disclosure, scores, and when what opens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select

from portal import clock
from portal.domain.answers import Answer
from portal.domain.assignments import For, TaskState
from portal.domain.disclosure import Reader, Sent, may_read, still_opens
from portal.domain.errors import NotFound
from portal.domain.people import Label, Viewer
from portal.domain.programme import Kind
from portal.domain.scoring import Scores
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.releases import ReleaseRequest
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import released, scope, vault, versions
from portal.services.versions import Version

MOST_CAME_IN = 30


@dataclass(frozen=True, slots=True)
class SentForm:
    """One response of one partner, in its latest version. `document` is the definition that it answered."""

    response_id: UUID
    task_id: UUID
    assignment_id: UUID
    person_id: UUID
    label: Label
    kind: Kind
    slug: str
    title: str
    ordinal: int
    submitted_at: datetime
    answers: tuple[Answer, ...]
    scores: Scores | None
    sent: Sent
    document: Mapping[str, Any]
    is_reviewed: bool
    versions: tuple[Version, ...]
    entered_by: UUID | None  # who typed it in from paper
    is_late: bool  # it came after the cut-off of its session

    @property
    def corrected_at(self) -> datetime | None:
        """When it was corrected last; None where it never was."""
        return self.versions[-1].written_at if len(self.versions) > 1 else None

    def as_of(self, instant: datetime) -> "SentForm":
        """The form as it stood at an instant."""
        kept = versions.as_of(self.versions, instant)
        return replace(self, versions=kept, answers=kept[-1].answers, scores=kept[-1].scores)

    def value(self, item_id: str) -> int | str | bool | None:
        """The answer to one question; None where it was skipped or not asked."""
        return next((answer.value for answer in self.answers if answer.item_id == item_id), None)


@dataclass(frozen=True, slots=True)
class CameIn:
    """One line of what came in: who sent what, and when; `at` is of the latest version."""

    response_id: UUID
    couple_id: UUID
    name: str
    title: str
    at: datetime
    is_correction: bool
    is_reviewed: bool


def of_couple(
    viewer: Viewer, couple_id: UUID, since: datetime | None = None, until: datetime | None = None
) -> tuple[SentForm, ...]:
    """Everything that a couple of the coach's has sent, oldest first, in a fixed number of statements."""
    statement = _forms().where(Assignment.couple_id == scope.couple(viewer, couple_id, scope.couples_to_read).id)
    if since is not None:
        statement = statement.where(Response.submitted_at > since)
    if until is not None:
        statement = statement.where(Response.submitted_at <= until)
    return _in_order(statement)


def so_far(viewer: Viewer, couple_id: UUID) -> tuple[SentForm, ...]:
    """The same for whom the couple was found already: in nobody's scope it is empty."""
    mine = scope.couples_to_read(viewer).where(Couple.id == couple_id).with_only_columns(Couple.id)
    return _in_order(_forms().where(Assignment.couple_id.in_(mine)))


def own(viewer: Viewer) -> tuple[SentForm, ...]:
    """What a partner has sent themselves, oldest first; what was withdrawn or put away is not there for them.

    It holds what their coach reads of it: the caller leaves out what its author is never shown again.
    """
    mine = scope.own_tasks(viewer).with_only_columns(Task.id)
    return _in_order(_forms().where(Response.task_id.in_(mine), Response.person_id == viewer.person_id))


def of_assignments(viewer: Viewer, assignment_ids: Iterable[UUID]) -> tuple[SentForm, ...]:
    """What has been sent of assignments of couples that the viewer may read, the first sent first."""
    mine = scope.assignments(viewer, scope.couples_to_read).with_only_columns(Assignment.id)
    return _in_order(_forms().where(Assignment.id.in_(set(assignment_ids)), Assignment.id.in_(mine)))


def _in_order(statement: Select[*tuple[Any, ...]]) -> tuple[SentForm, ...]:
    return assemble(db.session.execute(statement.order_by(Response.submitted_at, Response.id)).all())


def one(viewer: Viewer, response_id: UUID) -> SentForm:
    """One response to the coach of its author's couple; raises NotFound."""
    mine = scope.responses(viewer, scope.couples_to_read).with_only_columns(Response.id)
    forms = assemble(db.session.execute(_forms().where(Response.id == response_id, Response.id.in_(mine))).all())
    if not forms:
        raise NotFound
    return forms[0]


def _forms() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Response,
            Task.assignment_id,
            Task.ordinal,
            Task.state,
            ((Assignment.ends_at.is_not(None)) & (Response.submitted_at > Task.due_at)).label("is_late"),
            Assignment.couple_id,
            Partnership.label,
            Questionnaire.kind,
            Questionnaire.slug,
            QuestionnaireVersion.title,
            QuestionnaireVersion.document.label("definition"),
        )
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(
            Partnership,
            (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Response.person_id),
        )
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
    )


def assemble(rows: Iterable[Row[Any]]) -> tuple[SentForm, ...]:
    """Rows of `_forms` as values; loads keys and the other partner's opening once for all of them."""
    listed = list(rows)
    vault.load_keys(row.Response.person_id for row in listed)
    openings = openings_of(row.assignment_id for row in listed)
    said = versions.versions_of(row.Response for row in listed)
    sent = [sent_of(row.Response, openings[row.assignment_id]) for row in listed]
    return tuple(_form(row, one, said[row.Response.id]) for row, one in zip(listed, sent, strict=True))


class Opening(NamedTuple):
    """The 08:00 after somebody sent their form of an assignment, None as long as nothing was sent; what was `released`
    of it since, by question, with when it opened."""

    opens_at: datetime | None
    released: dict[str, datetime | None]


class Openings(NamedTuple):
    """Whom an assignment was given to, and by person what opens of those copies that were issued."""

    given_to: For
    by_person: dict[UUID, Opening]


def openings_of(assignment_ids: Iterable[UUID]) -> dict[UUID, Openings]:
    """By assignment, when what was sent of it opens, in one statement.

    A copy that was withdrawn unsent stays in: what was to open when both have sent then never opens. Who let nothing
    more open before their own 08:00 counts as one who has not sent, and so does who was not issued their copy yet.
    """
    opens = (Response.opens_at, Response.sharing_ended_at, ReleaseRequest)
    statement = (
        select(Task.assignment_id, Assignment.given_to, Task.person_id, *opens)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .outerjoin(Response, Response.task_id == Task.id)
        .outerjoin(ReleaseRequest, (ReleaseRequest.response_id == Response.id) & released.is_released())
        .where(Task.assignment_id.in_(set(assignment_ids)))
    )
    found: dict[UUID, Openings] = {}
    for assignment_id, given_to, person_id, opens_at, ended_at, request in db.session.execute(statement):
        opening = Opening(still_opens(opens_at, ended_at), {})
        own = found.setdefault(assignment_id, Openings(For(given_to), {})).by_person.setdefault(person_id, opening)
        if request is not None:
            own.released.update(dict.fromkeys(released.items_of(request), request.opened_at))
    return found


def sent_of(response: Response, openings: Openings) -> Sent:
    """When this response was sent and what has opened since, beside those of the same assignment.

    Whether it waits for somebody follows from whom the assignment was given to, and never from how many copies were
    issued: each may get theirs on another day.
    """
    others = [o.opens_at for person_id, o in openings.by_person.items() if person_id != response.person_id]
    own = openings.by_person[response.person_id]
    return Sent(
        response.person_id,
        response.opens_at,
        alone=len(openings.given_to.labels) == 1,
        other_opens_at=others[0] if others else None,
        author_opened_at=response.author_opened_at,
        session_opened_at=response.session_opened_at,
        released=own.released,
        ended_at=response.sharing_ended_at,
        is_hidden=response.hidden_at is not None,
        exchanged_at=response.exchanged_at,
    )


def _form(row: Row[Any], sent: Sent, said: tuple[Version, ...]) -> SentForm:
    response = row.Response
    for_coach = tuple(replace(version, answers=_for_coach(version.answers, sent)) for version in said)
    return SentForm(
        response.id,
        response.task_id,
        row.assignment_id,
        response.person_id,
        Label(row.label),
        Kind(row.kind),
        row.slug,
        row.title,
        row.ordinal,
        response.submitted_at,
        for_coach[-1].answers,
        for_coach[-1].scores,
        sent,
        row.definition,
        row.state == "reviewed",
        for_coach,
        response.entered_by,
        row.is_late,
    )


def _for_coach(answers: tuple[Answer, ...], sent: Sent) -> tuple[Answer, ...]:
    """What passes the third door for the coach; what both may read is narrowed further from there."""
    return tuple(a for a in answers if may_read(a.disclosure, Reader.COACH, sent, clock.now(), waits=True))


def came_in(viewer: Viewer, since: datetime) -> tuple[CameIn, ...]:
    """What the coach's couples have sent or corrected since then, and all that is unread; newest first, no answers."""
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    at = func.coalesce(Response.corrected_at, Response.submitted_at)
    statement = (
        select(
            Response.id,
            Assignment.couple_id,
            Person.display_name,
            QuestionnaireVersion.title,
            at.label("at"),
            Response.corrected_at.is_not(None),
            Task.state,
        )
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Person, Person.id == Response.person_id)
        .where(Assignment.couple_id.in_(mine), (at > since) | (Task.state == TaskState.SUBMITTED))
        .order_by(at.desc(), Response.id)
        .limit(MOST_CAME_IN)
    )
    return tuple(CameIn(*row[:6], row[6] == "reviewed") for row in db.session.execute(statement))


@cache
def other_check_ins() -> Select[*tuple[Any, ...]]:
    """A person's other check-ins in the couple of a task, oldest first."""
    own = select(Assignment.couple_id).join(Task, Task.assignment_id == Assignment.id)
    couple_id = own.where(Task.id == bindparam("task")).scalar_subquery()
    return (
        select(Response.id, Response.person_id, Response.scores, Response.submitted_at)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(
            Assignment.couple_id == couple_id,
            Response.person_id == bindparam("person"),
            Questionnaire.kind == Kind.CHECK_IN,
            Response.task_id != bindparam("task"),
        )
        .order_by(Response.submitted_at)
    )
