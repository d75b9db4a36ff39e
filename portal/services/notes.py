"""Notes around a session, sealed under the couple's key: what both agreed; the coach's agenda, threads, reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Row, ScalarSelect, Select, bindparam, select

from portal import clock, randomness
from portal.domain.people import Viewer
from portal.domain.sessions import NoteKind, SessionKind, SessionState, check_note, lines_of
from portal.extensions import begin_write, db
from portal.models.columns import Instant
from portal.models.notes import Note
from portal.models.sessions import Session
from portal.services import audit, scope, vault

PLACE = "notes.text"
MOST_AGREED = 20


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One note, opened. What was agreed is `is_open` until it was replaced, the coach's own until it is closed."""

    note_id: UUID
    session_id: UUID
    kind: NoteKind
    text: str
    written_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What stood open at an instant: the lines both agreed on, and the coach's own notes, the latest first."""

    agreed: tuple[str, ...]
    own: tuple[NoteShown, ...]


def write(viewer: Viewer, session_id: UUID, kind: NoteKind, text: str) -> UUID:
    """Write a note on a session; gives its id. Raises NotFound, and Invalid for what cannot be kept."""
    begin_write()
    note = add(viewer, scope.session(viewer, session_id, scope.couples_to_act_for), kind, text)
    db.session.commit()
    return note.id


def add(viewer: Viewer, session: Session, kind: NoteKind, text: str) -> Note:
    """Add a note that has passed every check. The caller commits."""
    kept = check_note(kind, SessionKind(session.kind), text)
    note_id = randomness.new_id()
    note = Note(
        id=note_id,
        practice_id=session.practice_id,
        couple_id=session.couple_id,
        session_id=session.id,
        author_id=viewer.person_id,
        kind=kind,
        text=vault.seal(session.couple_id, PLACE, note_id, kept),
        written_at=clock.now(),
    )
    db.session.add(note)
    db.session.flush()
    audit.record(viewer, f"note:written_{kind}", note_id)
    return note


def close_thread(viewer: Viewer, note_id: UUID) -> UUID:
    """Say that one of the coach's own notes is settled; gives its session's id. A second time changes nothing."""
    begin_write()
    note = scope.note(viewer, note_id)
    if note.closed_at is None:
        note.closed_at = clock.now()
        audit.record(viewer, "note:closed", note.id)
    session_id = note.session_id
    db.session.commit()
    return session_id


def replace_agreed(viewer: Viewer, session: Session, text: str) -> None:
    """Let `text` be what was agreed in a session, a line each; what stood there is closed. The caller commits."""
    standing = db.session.scalars(
        select(Note).where(Note.session_id == session.id, Note.kind == NoteKind.AGREED, Note.closed_at.is_(None))
    ).all()
    if _lines(_opened(standing)) == lines_of(text):
        return
    for note in standing:
        note.closed_at = clock.now()
    if lines_of(text):
        add(viewer, session, NoteKind.AGREED, text)


def of_session(viewer: Viewer, session_id: UUID) -> tuple[NoteShown, ...]:
    """The notes on one session in the order in which they were written; lines that were replaced are left out."""
    found = scope.session(viewer, session_id, scope.couples_to_read)
    is_replaced = (Note.kind == NoteKind.AGREED) & Note.closed_at.is_not(None)
    statement = select(Note).where(Note.session_id == found.id, ~is_replaced)
    return _opened(db.session.scalars(statement.order_by(Note.written_at, Note.id)).all())


def agreed_in(viewer: Viewer, session_id: UUID) -> tuple[str, ...]:
    """What was agreed in one session, a line each, for a page that both look at. Raises NotFound."""
    found = scope.session(viewer, session_id, scope.couples_to_read)
    standing = (Note.session_id == found.id, Note.kind == NoteKind.AGREED, Note.closed_at.is_(None))
    statement = select(Note).where(*standing).order_by(Note.written_at, Note.id)
    return _lines(_opened(db.session.scalars(statement).all()))


def open_threads(viewer: Viewer, couple_id: UUID) -> tuple[NoteShown, ...]:
    """What the coach has still open with a couple, the agenda included, the latest first. Raises NotFound."""
    return _own_and_open(viewer, couple_id, (NoteKind.AGENDA, NoteKind.THREAD, NoteKind.REMINDER))


def reminders(viewer: Viewer, couple_id: UUID) -> tuple[NoteShown, ...]:
    """The coach's own reminders that are not settled, the latest first. Raises NotFound."""
    return _own_and_open(viewer, couple_id, (NoteKind.REMINDER,))


def _own_and_open(viewer: Viewer, couple_id: UUID, kinds: tuple[NoteKind, ...]) -> tuple[NoteShown, ...]:
    statement = select(Note).where(
        Note.couple_id == scope.couple(viewer, couple_id, scope.couples_to_read).id,
        Note.kind.in_(kinds),
        Note.closed_at.is_(None),
    )
    return _opened(db.session.scalars(statement.order_by(Note.written_at.desc(), Note.id)).all())


def agreed_for_partner(viewer: Viewer) -> tuple[str, ...]:
    """What was agreed in the latest session of both that holds any, the same lines for either partner."""
    return _latest_agreed(scope.of_partner(viewer, _agreed_at(), at=clock.now()))


@cache
def _agreed_at() -> Select[*tuple[Any, ...]]:
    columns = (Note.id, Note.couple_id, Note.session_id, Note.kind, Note.text, Note.written_at, Note.closed_at)
    standing = _standing(scope.couple_of_partner().scalar_subquery(), bindparam("at", type_=Instant()))
    return standing.with_only_columns(*columns).where(_was_agreed()).limit(MOST_AGREED)


def agreed_by(couple_id: UUID, at: datetime) -> tuple[tuple[datetime, str], ...]:
    """The lines that stood agreed at an instant, each with the session of both that it is of, the first one first.

    The caller has found the couple in scope.
    """
    statement = _standing(couple_id, at).where(_was_agreed()).add_columns(Session.starts_at)
    rows = db.session.execute(statement.order_by(None).order_by(Session.starts_at, Note.written_at, Note.id)).all()
    starts = {row.Note.id: row.starts_at for row in rows}
    found = _opened([row.Note for row in rows])
    return tuple((starts[note.note_id], line) for note in found for line in lines_of(note.text))


def standing_at(couple_id: UUID, at: datetime, before: datetime) -> Standing:
    """What stood open on a couple at `at`, in one statement; what was agreed of a session that began before `before`.

    The caller has found the couple in scope.
    """
    is_in_it = (Note.kind != NoteKind.AGREED) | (_was_agreed() & (Session.starts_at < before))
    found = db.session.scalars(_standing(couple_id, at).where(is_in_it)).all()
    own = [note for note in found if note.kind != NoteKind.AGREED]
    return Standing(
        _latest_agreed([note for note in found if note.kind == NoteKind.AGREED]),
        _opened(sorted(own, key=lambda note: note.written_at, reverse=True)),
    )


def _standing(couple_id: UUID | ScalarSelect[UUID], at: datetime | BindParameter[datetime]) -> Select[Note]:
    """Notes that stood open, those of the latest session first, each session's in the order of their writing."""
    return (
        select(Note)
        .join(Session, Session.id == Note.session_id)
        .where(Note.couple_id == couple_id, Note.written_at <= at, Note.closed_at.is_(None) | (Note.closed_at > at))
        .order_by(Session.starts_at.desc(), Session.id, Note.written_at, Note.id)
    )


def _was_agreed() -> ColumnElement[bool]:
    """Lines both agreed on; a session that was called off says nothing."""
    is_of_both = (Session.kind == SessionKind.JOINT) & (Session.state != SessionState.CANCELLED)
    return (Note.kind == NoteKind.AGREED) & is_of_both


def _latest_agreed(found: Sequence[Note | Row[Any]]) -> tuple[str, ...]:
    return _lines(_opened([note for note in found if note.session_id == found[0].session_id]))


def _lines(found: Sequence[NoteShown]) -> tuple[str, ...]:
    return tuple(line for note in found for line in lines_of(note.text))


def _opened(found: Sequence[Note | Row[Any]]) -> tuple[NoteShown, ...]:
    vault.load_keys(note.couple_id for note in found)
    return tuple(
        NoteShown(note.id, note.session_id, NoteKind(note.kind), text, note.written_at, note.closed_at is None)
        for note in found
        if (text := vault.unseal_or_none(note.couple_id, PLACE, note.id, note.text)) is not None
    )
