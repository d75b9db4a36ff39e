"""How the work with a couple begins: a form and the first check-in to each alone, a talk with each, minutes alone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.beginnings import BEGINNING, check_alone_minutes, check_spoken_on
from portal.domain.errors import Invalid
from portal.domain.people import ENDED, CoupleState, Label, Viewer
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import Questionnaire
from portal.models.users import Person
from portal.services import (
    assignments,
    audit,
    glances,
    passages,
    programme,
    repeating,
    scope,
    sent_forms,
    side_by_side,
    taking_part,
)
from portal.services.assignments import NewAssignment
from portal.services.side_by_side import Asked


@dataclass(frozen=True, slots=True)
class AtBeginning:
    """One partner: on which day their coach spoke with them alone, and which form of theirs came in, sent when."""

    person_id: UUID
    label: Label
    name: str
    spoken_on: date | None
    form: tuple[UUID, datetime] | None


@dataclass(frozen=True, slots=True)
class Beginning:
    """How the work with one couple begins. `given_on`: when the form was given; None where it was not, or taken back.

    `asked` are its questions with what each has answered.
    """

    couple_id: UUID
    names: str
    given_on: date | None
    may_be_given: bool
    alone_minutes: int
    partners: tuple[AtBeginning, ...]
    asked: tuple[Asked, ...]


def beginning(viewer: Viewer, couple_id: UUID, zone: str) -> Beginning:
    """How the work with one of the coach's couples begins; the forms go on record as read. Raises NotFound."""
    couple: Couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    given = passages.given(couple.id, BEGINNING)
    forms = sent_forms.of_assignments(viewer, (one.assignment_id for one in given)) if given else ()
    latest = {form.label: form for form in forms}
    rows = db.session.execute(
        select(Partnership.label, Partnership.spoken_on, Person.id, Person.display_name)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id == couple.id)
        .order_by(Partnership.label)
    ).all()
    sent = {label: (form.response_id, form.submitted_at) for label, form in latest.items()}
    asked = side_by_side.asked_in(latest, scope.coach_of(viewer, couple.id).display_name) if latest else {}
    found = Beginning(
        couple.id,
        couple.names,
        given[0].assigned_on if given else None,
        not given and couple.state not in (*ENDED, CoupleState.PAUSED),
        couple.alone_minutes,
        tuple(
            AtBeginning(row.id, Label(row.label), row.display_name, row.spoken_on, sent.get(Label(row.label)))
            for row in rows
        ),
        tuple(asked.values()),
    )
    glances.note(viewer, forms, zone)
    return found


def give(viewer: Viewer, couple_id: UUID, link: str = "") -> None:
    """Give each, alone, what the work begins with: the form, and a first check-in where there was none.

    `link` goes into the mails. Raises NotFound, and Invalid for what was given already and as `assignments.assign`.
    """
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    if passages.given(couple.id, BEGINNING):
        raise Invalid("given_already", field="")
    given_to, due_on = taking_part.whom(couple), assignments.offered_due_on(viewer, couple.id)
    form = NewAssignment(passages.entry_id(viewer, BEGINNING), given_to, due_on)
    assignments.give(viewer, couple.id, form, link)
    check_in = scope.library(viewer).where(Questionnaire.slug == programme.CHECK_IN_SLUG)
    check_in_id = db.session.scalars(check_in.with_only_columns(Questionnaire.id)).one()
    if repeating.last_given_on(couple.id, check_in_id) is None:
        assignments.give(viewer, couple.id, NewAssignment(check_in_id, given_to, due_on), link)
    db.session.commit()


def note_talk(viewer: Viewer, couple_id: UUID, person_id: UUID, day: date | None) -> None:
    """Note on which day one spoke with a partner alone, or (None) take it back. Raises NotFound, and Invalid."""
    if day is not None:
        check_spoken_on(day, clock.today(scope.own_practice(viewer).zone))
    begin_write()
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_act_for)
    own = (Partnership.couple_id == couple_id, Partnership.person_id == person.id)
    row = scope.found(select(Partnership).where(*own).with_for_update(key_share=True))
    if row.spoken_on != day:
        row.spoken_on = day
        audit.record(viewer, "talk_alone:noted" if day else "talk_alone:taken_back", person.id)
    db.session.commit()


def set_alone_minutes(viewer: Viewer, couple_id: UUID, minutes: int) -> None:
    """Set how many minutes of each session of both belong to each alone, 0 for none. Raises NotFound, and Invalid."""
    check_alone_minutes(minutes)
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    if couple.alone_minutes != minutes:
        couple.alone_minutes = minutes
        audit.record(viewer, "alone_minutes:set", couple.id)
    db.session.commit()
