"""What a practice hands out of a record: to one partner their own alone, and the joint one once both have agreed.

The own record holds what one wrote, without locked answers, and nothing of the other; with it go the notes of sessions
that are of that one, as the joint one has those of both, once they are locked. Neither holds a note of the coach's own.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.people import Label, PersonState, Role, Viewer
from portal.domain.session_notes import NoteOf
from portal.domain.sessions import Attendance, NoteKind, SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.notes import Note
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import (
    accounts,
    audit,
    authorisations,
    exports,
    notes,
    own_lines,
    scope,
    session_notes,
    shared,
    vault,
)
from portal.services.exports import OwnForm
from portal.services.own_lines import OwnNudge, OwnQuestion
from portal.services.session_notes import OfRecord
from portal.services.shared import SharedForm


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One partner's own record: what they sent, lines on it and about their tasks, when they came, notes of them."""

    name: str
    coach_name: str
    together: tuple[datetime, ...]
    alone: tuple[datetime, ...]
    forms: tuple[OwnForm, ...]
    questions: tuple[OwnQuestion, ...]
    nudges: tuple[OwnNudge, ...]
    notes: tuple[OfRecord, ...]


@dataclass(frozen=True, slots=True)
class JointRecord:
    """The joint record: what both shared, what was agreed in which session of both, when these were, notes of both."""

    purpose: str
    names: str
    coach_name: str
    forms: tuple[SharedForm, ...]
    agreed: tuple[tuple[datetime, str], ...]
    together: tuple[datetime, ...]
    notes: tuple[OfRecord, ...]


def own_record(viewer: Viewer, couple_id: UUID, label: Label, passphrase: str) -> OwnRecord:
    """The own record of one partner, for that partner; that it was made goes on record.

    Raises NotFound, also for somebody who was erased, and Invalid for a wrong pass phrase.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    person = scope.found(
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple.id, Partnership.label == label)
    )
    if person.state == PersonState.DEACTIVATED:
        raise NotFound
    vault.load_keys([person.id])
    kind = SessionKind.INDIVIDUAL_A if label is Label.A else SessionKind.INDIVIDUAL_B
    partner = Viewer(person.id, person.practice_id, Role.PARTNER)
    found = OwnRecord(
        person.display_name,
        scope.coach_of(viewer, couple.id).display_name,
        _times_of(couple.id, SessionKind.JOINT, label),
        _times_of(couple.id, kind, label),
        tuple(exports.sent_in_couple(partner, couple.id)),
        own_lines.questions(partner, couple.id),
        own_lines.nudges(partner, couple.id),
        session_notes.of_record(couple.id, NoteOf.A if label is Label.A else NoteOf.B),
    )
    audit.record(viewer, "record:made", person.id)
    db.session.commit()
    return found


def joint_record(viewer: Viewer, couple_id: UUID, passphrase: str) -> JointRecord:
    """The joint record, which both have agreed to let go, each alone; it is used up as the file is given (`take`).

    Raises NotFound, Invalid for a wrong pass phrase, and NotAllowed "both_have_not_agreed".
    """
    accounts.check_own_passphrase(viewer, passphrase)
    couple: Couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    return JointRecord(
        authorisations.agreed(viewer, couple.id).purpose,
        couple.names,
        scope.coach_of(viewer, couple.id).display_name,
        shared.before_both(couple.id, clock.now()),
        _agreed(couple.id),
        _times_of(couple.id, SessionKind.JOINT),
        session_notes.of_record(couple.id, NoteOf.JOINT),
    )


def _times_of(couple_id: UUID, kind: SessionKind, *there: Label) -> tuple[datetime, ...]:
    """When sessions of one kind were at which these partners were, or both; the first one first.

    What was called off is left out, and so is one that somebody did not come to; not put down is taken as come.
    """
    were = (Session.couple_id == couple_id, Session.kind == kind, Session.state != SessionState.CANCELLED)
    came = {Attendance.BOTH, *(Attendance(label.lower()) for label in there)}
    was_there = Session.attendance.is_(None) | Session.attendance.in_(came)
    begun = select(Session.starts_at).where(*were, was_there, Session.starts_at <= clock.now())
    return tuple(db.session.scalars(begun.order_by(Session.starts_at)))


def _agreed(couple_id: UUID) -> tuple[tuple[datetime, str], ...]:
    """The lines that stand agreed, each with the session of both that it is of, the first one first."""
    statement = (
        select(Session.starts_at, Note.id, Note.text)
        .join(Session, Session.id == Note.session_id)
        .where(
            Note.couple_id == couple_id,
            Note.kind == NoteKind.AGREED,
            Note.closed_at.is_(None),
            Session.kind == SessionKind.JOINT,
            Session.state != SessionState.CANCELLED,
        )
        .order_by(Session.starts_at, Note.written_at, Note.id)
    )
    vault.load_keys([couple_id])
    return tuple(
        (starts_at, text)
        for starts_at, note_id, sealed in db.session.execute(statement)
        if (text := vault.unseal_or_none(couple_id, notes.PLACE, note_id, sealed)) is not None
    )
