"""Who opened which of one's own forms, and when: for its author, behind the pass phrase, forms and never answers.

Of each reader it is the day of the first opening. Days of later ones would tell which form is looked at again and
again, and so that something in it was answered in private. By which page a form was read makes no difference either.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Row, Select, bindparam, func, select, union_all

from portal.domain.accounts import stays_sealed
from portal.domain.audit import LOOK_AT_COUPLE, READINGS_OF_FORM
from portal.domain.errors import Invalid
from portal.domain.people import Role, Viewer
from portal.domain.roles import Power, ties_for
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.audit import AuditEvent
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.models.users import Person
from portal.services import accounts, audit, scope


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody's first opening. `name` is that of who may read answers here; None for the practice otherwise."""

    name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Who opened which of one's own forms, and who besides the coach looked at the couple's pages at all."""

    forms: tuple["ReadForm", ...]
    others: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class ReadForm:
    """One's own form that somebody opened, with its readers in the order in which they came."""

    title: str
    sent_at: datetime
    readings: tuple[Reading, ...]


def of_own_forms(viewer: Viewer, passphrase: str) -> ReadBy:
    """One's own forms that were opened, the latest sent first, and others' looks; looking them up goes on record.

    Raises Invalid for a wrong pass phrase, and for one that came by mail and that the coach has not vouched for.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    found: dict[UUID, ReadForm] = {}
    for row in db.session.execute(_readings(viewer)):
        before = found[row.id].readings if row.id in found else ()
        found[row.id] = ReadForm(row.title, row.submitted_at, _with(before, row))
    others = _looks(viewer)
    audit.record(viewer, "readings:shown", viewer.person_id)
    db.session.commit()
    return ReadBy(tuple(found.values()), others)


def _looks(viewer: Viewer) -> tuple[Reading, ...]:
    """The first look of a supervisor or a colleague on days away at pages of the couple that tell of several forms.

    It follows from what they did alone, and is the same for either partner.
    """
    first = func.min(AuditEvent.at).label("at")
    # as a literal, for the database must see that this is the event that the index is of
    look: BindParameter[str] = bindparam("look", LOOK_AT_COUPLE, literal_execute=True)
    statement: Select[*tuple[Any, ...]] = (
        select(Person.display_name, Person.role, first)
        .join(Person, Person.id == AuditEvent.actor_id)
        .where(AuditEvent.practice_id == viewer.practice_id, AuditEvent.event == look)
        .where(AuditEvent.subject_id == scope.couple_id_of_partner(viewer))
        .group_by(Person.id, Person.display_name, Person.role)
        .order_by(first)
    )
    looks: tuple[Reading, ...] = ()
    for row in db.session.execute(statement):
        looks = _with(looks, row)
    return looks


def _with(before: tuple[Reading, ...], row: Row[Any]) -> tuple[Reading, ...]:
    """The readers so far and the next one; whoever reads nothing here by their role is the practice, once."""
    name = row.display_name if row.role and ties_for(Role(row.role), Power.READ) else None
    known = any(reading.name == name for reading in before)
    return before if known else (*before, Reading(name, row.at))


def _readings(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """One row for each form and reader, the forms the latest first, their readers in the order of time."""
    mine = scope.own_tasks(viewer).with_only_columns(Task.id)
    # what a reading may name: the form itself, or what one of its private answers raised
    own = select(Response.id).where(Response.task_id.in_(mine))
    by_form = own.with_only_columns(Response.id.label("response_id"), Response.id.label("subject_id"))
    by_signal = select(Signal.response_id, Signal.id).where(Signal.response_id.in_(own))
    named = union_all(by_form, by_signal).subquery()
    first = func.min(AuditEvent.at).label("at")
    # as literals, for the database must see that these are the events that the index is of
    events: BindParameter[list[str]] = bindparam("events", READINGS_OF_FORM, expanding=True, literal_execute=True)
    return (
        select(Response.id, QuestionnaireVersion.title, Response.submitted_at, Person.display_name, Person.role, first)
        .select_from(named)
        .join(AuditEvent, AuditEvent.subject_id == named.c.subject_id)
        .join(Response, Response.id == named.c.response_id)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(Task.id.in_(mine), AuditEvent.practice_id == viewer.practice_id, AuditEvent.event.in_(events))
        .group_by(Response.id, QuestionnaireVersion.title, Response.submitted_at, Person.id)
        .order_by(Response.submitted_at.desc(), Response.id, first)
    )
