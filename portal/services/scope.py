"""The second door: rows that a viewer may reach. The only look-up by an id that came from outside.

Absent and forbidden are one answer: NotFound.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, false, select

from portal.domain.errors import NotFound
from portal.domain.people import Role, Viewer
from portal.extensions import Base, ask, db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.couples import Couple, Partnership
from portal.models.erasures import Erasure, Hold
from portal.models.notes import Note
from portal.models.practices import Contact, Practice
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.models.sessions import Session
from portal.models.users import Person

Found = TypeVar("Found", bound=Base)
Columns = TypeVarTuple("Columns")
A_PARTNER = Viewer(  # for statements that are built once: its ids are places, which `of_partner` fills
    cast(UUID, bindparam("viewer_id", type_=Uuid())),
    cast(UUID, bindparam("viewer_practice", type_=Uuid())),
    Role.PARTNER,
)


def found(statement: Select[Found]) -> Found:
    """The one row of a select that is narrowed already; raises NotFound."""
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    return row


def of_partner(viewer: Viewer, statement: Select[*Columns], **places: object) -> Sequence[Row[*Columns]]:
    """Rows of a statement that was built for A_PARTNER, asked for this viewer; NotFound for all but partners."""
    if viewer.role is not Role.PARTNER:
        raise NotFound
    return ask(statement, viewer_id=viewer.person_id, viewer_practice=viewer.practice_id, **places).all()


def couples(viewer: Viewer) -> Select[Couple]:
    """A coach's own couples; nobody else reaches a couple as such."""
    statement = select(Couple).where(Couple.practice_id == viewer.practice_id)
    if not viewer.role.is_coach:
        return statement.where(false())
    return statement.where(Couple.coach_id == viewer.person_id)


def couple(viewer: Viewer, couple_id: UUID) -> Couple:
    return found(couples(viewer).where(Couple.id == couple_id))


def partner_of_couple(viewer: Viewer, couple_id: UUID, person_id: UUID) -> Person:
    """One partner of a couple of the coach's."""
    return found(
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple(viewer, couple_id).id, Person.id == person_id)
    )


def partners_of(viewer: Viewer, couple_id: UUID) -> Select[Person]:
    """Both partners of a couple of the coach's, A first."""
    return (
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple(viewer, couple_id).id)
        .order_by(Partnership.label)
    )


def own_person(viewer: Viewer) -> Person:
    """The viewer's own row."""
    return found(select(Person).where(Person.practice_id == viewer.practice_id, Person.id == viewer.person_id))


def own_practice(viewer: Viewer) -> Practice:
    """The practice that the viewer belongs to."""
    return found(select(Practice).where(Practice.id == viewer.practice_id))


def own_tasks(viewer: Viewer) -> Select[Task]:
    """A partner's own copies; withdrawn ones are not there for them."""
    statement = select(Task).where(Task.practice_id == viewer.practice_id, Task.person_id == viewer.person_id)
    if viewer.role is not Role.PARTNER:
        return statement.where(false())
    return statement.where(Task.withdrawn_at.is_(None))


def assignments(viewer: Viewer) -> Select[Assignment]:
    """What was assigned to the coach's own couples."""
    return select(Assignment).where(Assignment.couple_id.in_(couples(viewer).with_only_columns(Couple.id)))


def assignment(viewer: Viewer, assignment_id: UUID) -> Assignment:
    return found(assignments(viewer).where(Assignment.id == assignment_id))


def repetition(viewer: Viewer, repetition_id: UUID) -> Repetition:
    """A weekly rule of one of the coach's own couples."""
    mine = couples(viewer).with_only_columns(Couple.id)
    return found(select(Repetition).where(Repetition.couple_id.in_(mine), Repetition.id == repetition_id))


def responses(viewer: Viewer) -> Select[Response]:
    """What the partners of the coach's own couples have sent."""
    mine = assignments(viewer).with_only_columns(Assignment.id)
    return select(Response).join(Task, Task.id == Response.task_id).where(Task.assignment_id.in_(mine))


def response(viewer: Viewer, response_id: UUID) -> Response:
    return found(responses(viewer).where(Response.id == response_id))


def sessions(viewer: Viewer) -> Select[Session]:
    """The appointments with the coach's own couples."""
    return select(Session).where(Session.couple_id.in_(couples(viewer).with_only_columns(Couple.id)))


def session(viewer: Viewer, session_id: UUID) -> Session:
    return found(sessions(viewer).where(Session.id == session_id))


def note(viewer: Viewer, note_id: UUID) -> Note:
    """A note on one of the coach's own couples."""
    mine = couples(viewer).with_only_columns(Couple.id)
    return found(select(Note).where(Note.couple_id.in_(mine), Note.id == note_id))


def signals(viewer: Viewer) -> Select[Signal]:
    """What private answers raised, in the coach's own couples."""
    return select(Signal).where(Signal.couple_id.in_(couples(viewer).with_only_columns(Couple.id)))


def signal(viewer: Viewer, signal_id: UUID) -> Signal:
    return found(signals(viewer).where(Signal.id == signal_id))


def contact(viewer: Viewer, contact_id: UUID) -> Contact:
    """An entry of the viewer's practice's list of contacts."""
    return found(select(Contact).where(Contact.practice_id == viewer.practice_id, Contact.id == contact_id))


def library(viewer: Viewer) -> Select[Questionnaire]:
    """The practice's library, for its coaches."""
    statement = select(Questionnaire).where(Questionnaire.practice_id == viewer.practice_id)
    return statement if viewer.role.is_coach else statement.where(false())


def library_entry(viewer: Viewer, questionnaire_id: UUID) -> Questionnaire:
    return found(library(viewer).where(Questionnaire.id == questionnaire_id))


def versions(viewer: Viewer) -> Select[QuestionnaireVersion]:
    """Every version of the library's entries; one reworded for a couple only with that couple's coach."""
    mine = couples(viewer).with_only_columns(Couple.id)
    return select(QuestionnaireVersion).where(
        QuestionnaireVersion.questionnaire_id.in_(library(viewer).with_only_columns(Questionnaire.id)),
        QuestionnaireVersion.couple_id.is_(None) | QuestionnaireVersion.couple_id.in_(mine),
    )


def partners(viewer: Viewer) -> Select[Person]:
    """Partners whose records somebody may see to: a coach those of the own couples, the owner those of the practice."""
    statement = select(Person).where(Person.practice_id == viewer.practice_id, Person.role == Role.PARTNER)
    if viewer.role is Role.OWNER:
        return statement
    mine = couples(viewer).with_only_columns(Couple.id)
    return statement.where(Person.id.in_(select(Partnership.person_id).where(Partnership.couple_id.in_(mine))))


def erasures(viewer: Viewer) -> Select[Erasure]:
    """What is asked to be erased in the practice, for its owner and coaches: two of them have to look at each."""
    statement = select(Erasure).where(Erasure.practice_id == viewer.practice_id)
    return statement if viewer.role.is_coach else statement.where(false())


def holds(viewer: Viewer) -> Select[Hold]:
    """Holds on records of the practice, for its owner."""
    statement = select(Hold).where(Hold.practice_id == viewer.practice_id)
    return statement if viewer.role is Role.OWNER else statement.where(false())


def couple_id_of_partner(viewer: Viewer) -> UUID:
    """The couple that a partner is in at present; raises NotFound."""
    rows = of_partner(viewer, couple_of_partner())
    if not rows:
        raise NotFound
    couple_id: UUID = rows[0].couple_id
    return couple_id


@cache
def couple_of_partner() -> Select[UUID]:
    """The couple that A_PARTNER is in at present, for statements that are built once."""
    return (
        select(Partnership.couple_id)
        .where(
            Partnership.practice_id == A_PARTNER.practice_id,
            Partnership.person_id == A_PARTNER.person_id,
            Partnership.ended_at.is_(None),
        )
        .order_by(Partnership.joined_at.desc())
        .limit(1)
    )
