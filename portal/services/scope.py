"""The second door: rows that a viewer may reach. The only look-up by an id that came from outside.

Absent and forbidden are one answer: NotFound. Who says nothing reaches a coach's own couples; wider circles (to act
for during leave, to read, to arrange dates and doors, to hand over) are asked for by name. What colleagues
arrange among each other is in `scope_of_colleagues`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Uuid, bindparam, false, or_, select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.people import PersonState, Role, Viewer
from portal.domain.roles import Power, Tie, ties_for
from portal.extensions import Base, ask, db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.colleagues import Cover, Supervision
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
    return statement.where(_is_tied(viewer, Tie.OWN) if viewer.role.is_coach else false())


def couples_to_act_for(viewer: Viewer) -> Select[Couple]:
    """The couples that a coach may act for: their own, and those of a colleague whom they cover today."""
    return _with(viewer, Power.ACT)


def couples_to_read(viewer: Viewer) -> Select[Couple]:
    """The couples whose clinical text may be read: those to act for, and a supervisor's named ones."""
    return _with(viewer, Power.READ)


def couples_to_arrange(viewer: Viewer) -> Select[Couple]:
    """The couples whose dates and doors may be seen to: those to act for; an assistant's are the whole practice's."""
    return _with(viewer, Power.ARRANGE)


def couples_to_hand_over(viewer: Viewer) -> Select[Couple]:
    """The couples that may be offered to another coach: one's own; the owner's are the whole practice's."""
    return _with(viewer, Power.HAND_OVER)


Reach = Callable[[Viewer], Select[Couple]]


def _with(viewer: Viewer, power: Power) -> Select[Couple]:
    statement = select(Couple).where(Couple.practice_id == viewer.practice_id)
    ties = ties_for(viewer.role, power)
    if Tie.NONE in ties:
        return statement
    tied = [_is_tied(viewer, tie) for tie in sorted(ties)]
    return statement.where(or_(*tied) if tied else false())


def _is_tied(viewer: Viewer, tie: Tie) -> ColumnElement[bool]:
    if tie is Tie.OWN:
        return Couple.coach_id == viewer.person_id
    return Couple.coach_id.in_(covered(viewer)) if tie is Tie.COVERED else Couple.id.in_(supervised(viewer))


def covered(viewer: Viewer) -> Select[UUID]:
    """The coaches whom somebody covers now."""
    now = clock.now()
    is_today = (Cover.starts_at <= now, Cover.ends_at > now, Cover.called_off_at.is_(None))
    return select(Cover.coach_id).where(Cover.cover_id == viewer.person_id, *is_today)


def supervised(viewer: Viewer) -> Select[UUID]:
    """The couples that somebody was named to supervise, and still is."""
    now = clock.now()
    is_open = Supervision.ends_at.is_(None) | (Supervision.ends_at > now)
    mine = (Supervision.supervisor_id == viewer.person_id, Supervision.starts_at <= now, is_open)
    return select(Supervision.couple_id).where(*mine)


def couple(viewer: Viewer, couple_id: UUID, reach: Reach = couples) -> Couple:
    return found(reach(viewer).where(Couple.id == couple_id))


def partner_of_couple(viewer: Viewer, couple_id: UUID, person_id: UUID, reach: Reach = couples) -> Person:
    """One partner of a couple within reach."""
    return found(
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple(viewer, couple_id, reach).id, Person.id == person_id)
    )


def partners_of(viewer: Viewer, couple_id: UUID, reach: Reach = couples) -> Select[Person]:
    """Both partners of a couple within reach, A first."""
    return (
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple(viewer, couple_id, reach).id)
        .order_by(Partnership.label)
    )


def coach_of(viewer: Viewer, couple_id: UUID) -> Person:
    """The coach of a couple that the viewer may read: whose name the couple's forms speak of."""
    its_coach = couples_to_read(viewer).where(Couple.id == couple_id).with_only_columns(Couple.coach_id)
    return found(select(Person).where(Person.id.in_(its_coach)))


def member(viewer: Viewer, person_id: UUID) -> Person:
    """Somebody of the staff of the viewer's practice, for its staff."""
    statement = select(Person).where(Person.practice_id == viewer.practice_id, Person.role != Role.PARTNER)
    return found(
        statement.where(Person.id == person_id) if viewer.role is not Role.PARTNER else statement.where(false())
    )


def own_person(viewer: Viewer, *, is_held: bool = False) -> Person:
    """The viewer's own row, held or not; who was deactivated has none, whatever they had open."""
    mine = (Person.practice_id == viewer.practice_id, Person.id == viewer.person_id)
    statement = select(Person).where(*mine, Person.state != PersonState.DEACTIVATED)
    return found(statement.with_for_update() if is_held else statement)


def own_practice(viewer: Viewer, *, is_held: bool = False) -> Practice:
    """The practice that the viewer belongs to, held against everybody else or not."""
    statement = select(Practice).where(Practice.id == viewer.practice_id)
    return found(statement.with_for_update() if is_held else statement)


def own_tasks(viewer: Viewer) -> Select[Task]:
    """A partner's own copies; what was withdrawn, or put away as it was sent, is not there for them."""
    statement = select(Task).where(Task.practice_id == viewer.practice_id, Task.person_id == viewer.person_id)
    if viewer.role is not Role.PARTNER:
        return statement.where(false())
    return statement.where(Task.withdrawn_at.is_(None), Task.put_away_at.is_(None))


def own_response(viewer: Viewer, task_id: UUID, *, is_held: bool = False) -> Response:
    """What one has sent for a task of one's own, held against everybody else or not."""
    mine = own_tasks(viewer).where(Task.id == task_id).with_only_columns(Task.id)
    statement = select(Response).where(Response.task_id.in_(mine))
    return found(statement.with_for_update() if is_held else statement)


def _ids(viewer: Viewer, reach: Reach) -> Select[UUID]:
    return reach(viewer).with_only_columns(Couple.id)


def assignments(viewer: Viewer, reach: Reach = couples) -> Select[Assignment]:
    """What was assigned to the couples within reach."""
    return select(Assignment).where(Assignment.couple_id.in_(_ids(viewer, reach)))


def assignment(viewer: Viewer, assignment_id: UUID, reach: Reach = couples) -> Assignment:
    return found(assignments(viewer, reach).where(Assignment.id == assignment_id))


def repetition(viewer: Viewer, repetition_id: UUID) -> Repetition:
    """A weekly rule of a couple that the viewer may act for."""
    mine = _ids(viewer, couples_to_act_for)
    return found(select(Repetition).where(Repetition.couple_id.in_(mine), Repetition.id == repetition_id))


def responses(viewer: Viewer, reach: Reach = couples) -> Select[Response]:
    """What the partners of the couples within reach have sent."""
    mine = assignments(viewer, reach).with_only_columns(Assignment.id)
    return select(Response).join(Task, Task.id == Response.task_id).where(Task.assignment_id.in_(mine))


def response(viewer: Viewer, response_id: UUID, reach: Reach = couples) -> Response:
    return found(responses(viewer, reach).where(Response.id == response_id))


def sessions(viewer: Viewer, reach: Reach = couples) -> Select[Session]:
    """The appointments with the couples within reach."""
    return select(Session).where(Session.couple_id.in_(_ids(viewer, reach)))


def session(viewer: Viewer, session_id: UUID, reach: Reach = couples) -> Session:
    return found(sessions(viewer, reach).where(Session.id == session_id))


def note(viewer: Viewer, note_id: UUID) -> Note:
    """A note on a couple that the viewer may act for."""
    return found(select(Note).where(Note.couple_id.in_(_ids(viewer, couples_to_act_for)), Note.id == note_id))


def signals(viewer: Viewer, reach: Reach = couples) -> Select[Signal]:
    """What private answers raised, in the couples within reach."""
    return select(Signal).where(Signal.couple_id.in_(_ids(viewer, reach)))


def signal(viewer: Viewer, signal_id: UUID) -> Signal:
    """What a private answer raised in a couple that the viewer may act for."""
    return found(signals(viewer, couples_to_act_for).where(Signal.id == signal_id))


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
    """Every version of the library's entries; one reworded for a couple only for who acts for it."""
    mine = _ids(viewer, couples_to_act_for)
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
