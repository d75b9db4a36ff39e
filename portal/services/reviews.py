"""A coach's reading of one response: every reading is on record; it is marked reviewed, and a line may be left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import clock, randomness
from portal.domain.assignments import Act, For, TaskState, after
from portal.domain.consent import Policy
from portal.domain.errors import Invalid
from portal.domain.items import Item
from portal.domain.joint_tasks import TwoAccounts
from portal.domain.people import Viewer
from portal.domain.questionnaires import Questionnaire, from_document
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple
from portal.models.responses import Feedback, Response
from portal.models.users import Person
from portal.services import audit, caseload_row, joint_accounts, released, scope, sent_forms, taking_part, vault
from portal.services.released import Asked
from portal.services.sent_forms import SentForm

MOST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of a review: whom a new line went to, if any, and whether the form counts as read now."""

    sent_to: str | None
    is_read: bool


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """A response as its author's coach reads it."""

    form: SentForm
    author_name: str
    partner_name: str | None
    couple_id: UUID
    couple_names: str
    questionnaire: Questionnaire
    items: dict[str, Item]
    feedback: str | None
    coach_name: str
    policy: Policy  # under which it was given
    policy_version: int
    asked: tuple[Asked, ...]
    entered_by: str | None  # who typed it in from paper
    accounts: TwoAccounts | None  # of a joint task of which the reader has read the other's as well


def read(viewer: Viewer, response_id: UUID) -> ReadResponse:
    """Read one response; the reading goes on record. Raises NotFound."""
    begin_write()
    response = scope.response(viewer, response_id, scope.couples_to_read)
    audit.record(viewer, "response:read", response.id)
    found = _as_read(viewer, response)
    db.session.commit()
    return found


def _as_read(viewer: Viewer, response: Response) -> ReadResponse:
    typist = aliased(Person)
    couple, assignment, coach_name, entered_by = db.session.execute(
        select(Couple, Assignment, Person.display_name, typist.display_name)
        .join(Person, Person.id == Couple.coach_id)
        .join(Assignment, Assignment.couple_id == Couple.id)
        .join(Task, Task.assignment_id == Assignment.id)
        .join(Response, Response.task_id == Task.id)
        .outerjoin(typist, typist.id == Response.entered_by)
        .where(Response.id == response.id)
    ).one()
    forms = sent_forms.of_assignments(viewer, [assignment.id]) if assignment.given_to == For.JOINT else ()
    form = next((one for one in forms if one.response_id == response.id), None) or sent_forms.one(viewer, response.id)
    questionnaire = from_document(form.document).spoken(coach_name)
    names = taking_part.names(couple.id)
    return ReadResponse(
        form,
        names[form.label],
        names.get(form.label.other),
        couple.id,
        couple.names,
        questionnaire,
        {item.id: item for item in questionnaire.items},
        feedback_or_none(response),
        coach_name,
        Policy(response.policy),
        response.policy_version,
        released.of_response(response),
        entered_by,
        joint_accounts.beside(viewer, form, forms),
    )


def feedback_or_none(response: Response) -> str | None:
    """The line that the coach left on a response that the caller found in scope."""
    row = db.session.scalars(select(Feedback).where(Feedback.response_id == response.id)).one_or_none()
    return vault.unseal_or_none(response.person_id, "feedback.text", row.id, row.text) if row else None


def review(viewer: Viewer, response_id: UUID, feedback: str, seen: datetime | None = None) -> Reviewed:
    """Mark a response reviewed, with a line for its author or without. Raises Invalid for a line that is too long.

    `seen` is when the version was written that the coach had on the page: a later one stays to be read. A line
    counts as sent where it did not stand there before; none goes to a form that was put away.
    """
    if len(feedback) > MOST_CHARACTERS:
        raise Invalid("too_long", maximum=MOST_CHARACTERS)
    begin_write()
    task_id = scope.response(viewer, response_id, scope.couples_to_act_for).task_id
    task = db.session.scalars(select(Task).where(Task.id == task_id).with_for_update()).one()
    again = scope.responses(viewer, scope.couples_to_act_for).where(Response.id == response_id)
    response = scope.found(again.execution_options(populate_existing=True))  # as it stands now that the task is held
    is_latest = seen is None or response.corrected_at is None or response.corrected_at <= seen
    if is_latest and task.state == TaskState.SUBMITTED:
        caseload_row.tell_read(_couple_of(task))
    if is_latest:
        task.state = after(TaskState(task.state), Act.REVIEW)
        task.reviewed_at = task.reviewed_at or clock.now()
    is_new = bool(feedback.strip()) and feedback.strip() != feedback_or_none(response)
    is_new &= task.put_away_at is None  # nobody would find a line on it
    author = _name_of(response.person_id)
    if is_new:
        _leave(viewer, response, feedback.strip())
    audit.record(viewer, "response:reviewed", response.id)
    db.session.commit()
    return Reviewed(author if is_new else None, is_latest)


def _name_of(person_id: UUID) -> str:
    return db.session.scalars(select(Person.display_name).where(Person.id == person_id)).one()


def _couple_of(task: Task) -> UUID:
    return db.session.scalars(select(Assignment.couple_id).where(Assignment.id == task.assignment_id)).one()


def _leave(viewer: Viewer, response: Response, text: str) -> None:
    row = db.session.scalars(select(Feedback).where(Feedback.response_id == response.id)).one_or_none()
    if row is None:
        row = Feedback(
            id=randomness.new_id(),
            practice_id=response.practice_id,
            response_id=response.id,
            coach_id=viewer.person_id,
        )
        db.session.add(row)
    row.text = vault.seal(response.person_id, "feedback.text", row.id, text)
    row.written_at = clock.now()
