"""Notes of a session: drafted and saved as one writes, locked, then added to; sealed for whom they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people import Viewer
from portal.domain.session_notes import NoteOf, NoteState, kept_addendum, kept_text, notes_of
from portal.domain.sessions import SessionKind
from portal.extensions import begin_write, db
from portal.models.couples import Partnership
from portal.models.notes import Addendum, SessionNote
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import audit, scope, scope_of_notes, vault

TEXT, ADDED = "session_notes.text", "note_addenda.text"


@dataclass(frozen=True, slots=True)
class NoteHead:
    """One of the notes that a session can have; `saved_at` is None where nothing was written."""

    note_of: NoteOf
    saved_at: datetime | None
    locked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AddendumShown:
    """What was added to a locked note, by whom and when; without a text where its key is destroyed."""

    text: str | None
    author: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One note, opened; `text` is None where the key of whom it is about is destroyed. `author` wrote it first."""

    session_id: UUID
    note_of: NoteOf
    text: str | None
    state: NoteState
    author: str
    saved_at: datetime | None
    locked_at: datetime | None
    addenda: tuple[AddendumShown, ...]


def heads(viewer: Viewer, session_id: UUID, kind: SessionKind) -> tuple[NoteHead, ...]:
    """Which notes a session of this kind has or can have, for this viewer; one statement.

    Who reads along is shown those that were written, and whoever may read nothing of the couple, none.
    """
    found = {note.note_of: note for note in db.session.scalars(scope_of_notes.notes_to_read(viewer, session_id))}
    listed = notes_of(kind) if viewer.role.is_coach else tuple(map(NoteOf, found))
    return tuple(NoteHead(one, *_times(found.get(one))) for one in listed)


def _times(note: SessionNote | None) -> tuple[datetime | None, datetime | None]:
    return (note.saved_at, note.locked_at) if note else (None, None)


def note(viewer: Viewer, session_id: UUID, note_of: NoteOf) -> NoteShown:
    """One note of a session, with what was added to it; an empty one where nothing was written. Raises NotFound."""
    session = scope.session(viewer, session_id, scope.couples_to_read)
    row = scope_of_notes.note_or_none(viewer, session_id, note_of)
    if note_of not in notes_of(SessionKind(session.kind)) or (row is None and not viewer.role.is_coach):
        raise NotFound
    return _shown(session_id, note_of, row)


def _shown(session_id: UUID, note_of: NoteOf, row: SessionNote | None) -> NoteShown:
    if row is None:
        return NoteShown(session_id, note_of, "", NoteState(), "", None, None, ())
    vault.load_keys([row.sealed_for])
    state = NoteState(row.version, row.locked_at is not None)
    text = vault.unseal_or_none(row.sealed_for, TEXT, row.id, row.text)
    return NoteShown(session_id, note_of, text, state, _name(row.author_id), row.saved_at, row.locked_at, _addenda(row))


def _name(person_id: UUID) -> str:
    return db.session.scalars(select(Person.display_name).where(Person.id == person_id)).one()


def _addenda(row: SessionNote) -> tuple[AddendumShown, ...]:
    rows = db.session.execute(
        select(Addendum, Person.display_name)
        .join(Person, Person.id == Addendum.author_id)
        .where(Addendum.note_id == row.id)
        .order_by(Addendum.added_at, Addendum.id)
    )
    return tuple(
        AddendumShown(vault.unseal_or_none(row.sealed_for, ADDED, added.id, added.text), name, added.added_at)
        for added, name in rows
    )


def save(viewer: Viewer, session_id: UUID, note_of: NoteOf, text: str, version: int) -> NoteShown:
    """Keep what is written, over `version` of it (0 for the first); gives the note as it stands then.

    Raises NotFound, Invalid for a text that is too long, NotAllowed "note_locked", and Conflict "stale_note" with
    `note` where another version was saved meanwhile: both texts stay.
    """
    kept = kept_text(text)
    begin_write()
    row = _taken(viewer, session_id, note_of)
    shown = _shown(session_id, note_of, row)
    shown.state.check_open()
    if shown.text != kept:
        row = _over(viewer, shown, row, kept, version)
        shown = _shown(session_id, note_of, row)
    db.session.commit()
    return shown


def _over(viewer: Viewer, shown: NoteShown, row: SessionNote | None, text: str, version: int) -> SessionNote:
    """Write over a version of a note; gives its row. The caller commits."""
    shown.state.check_open()
    if row is not None and shown.text == text:
        return row
    if shown.state.version != version:
        raise Conflict("stale_note", note=shown)
    if shown.text is None:
        raise NotAllowed("note_of_somebody_erased")
    return _write(viewer, shown.session_id, shown.note_of, row, text)


def _taken(viewer: Viewer, session_id: UUID, note_of: NoteOf) -> SessionNote | None:
    """The note of a session that the viewer may act for, held until the commit: of two who write one waits."""
    mine = scope.sessions(viewer, scope.couples_to_act_for).where(Session.id == session_id)
    session = scope.found(mine.with_for_update())
    if note_of not in notes_of(SessionKind(session.kind)):
        raise NotFound
    return scope_of_notes.note_or_none(viewer, session_id, note_of, is_held=True)


def _write(viewer: Viewer, session_id: UUID, note_of: NoteOf, row: SessionNote | None, text: str) -> SessionNote:
    if row is None:
        session = scope.session(viewer, session_id, scope.couples_to_act_for)
        note_id, owner_id = randomness.new_id(), _owner(session.couple_id, note_of)
        row = SessionNote(
            id=note_id, practice_id=session.practice_id, couple_id=session.couple_id, session_id=session_id,
            author_id=viewer.person_id, sealed_for=owner_id, note_of=note_of, version=0,
        )  # fmt: skip
        db.session.add(row)
        audit.record(viewer, "session_note:begun", note_id)
    row.text = vault.seal(row.sealed_for, TEXT, row.id, text)
    row.version += 1
    row.saved_at = clock.now()
    db.session.flush()
    return row


def _owner(couple_id: UUID, note_of: NoteOf) -> UUID:
    """Whose key seals a note: of one alone theirs, so that it goes with them."""
    if note_of.label is None:
        return couple_id
    theirs = select(Partnership.person_id).where(
        Partnership.couple_id == couple_id, Partnership.label == note_of.label, Partnership.ended_at.is_(None)
    )
    owner_id = db.session.scalars(theirs).one_or_none()
    if owner_id is None:
        raise NotAllowed("note_of_somebody_erased")
    return owner_id


def lock(viewer: Viewer, session_id: UUID, note_of: NoteOf, text: str, version: int) -> None:
    """Keep what is written as `save` does, and lock it: from then on it is added to, and not changed.

    A second time does nothing. Raises what `save` does, and Invalid "note_empty" for nothing.
    """
    kept = kept_text(text)
    begin_write()
    row = _taken(viewer, session_id, note_of)
    shown = _shown(session_id, note_of, row)
    if not (shown.state.is_locked and shown.text == kept):
        if not kept.strip():
            raise Invalid("note_empty", field="text")
        row = _over(viewer, shown, row, kept, version)
        row.locked_at, row.locked_by = clock.now(), viewer.person_id
        audit.record(viewer, "session_note:locked", row.id)
    db.session.commit()


def add(viewer: Viewer, session_id: UUID, note_of: NoteOf, text: str) -> None:
    """Add to a locked note, dated. Raises NotFound, Invalid for what cannot be kept, and NotAllowed "note_open"."""
    kept = kept_addendum(text)
    begin_write()
    row = _taken(viewer, session_id, note_of)
    if row is None or row.locked_at is None:
        raise NotAllowed("note_open")
    addendum_id = randomness.new_id()
    db.session.add(
        Addendum(
            id=addendum_id,
            practice_id=row.practice_id,
            note_id=row.id,
            author_id=viewer.person_id,
            text=vault.seal(row.sealed_for, ADDED, addendum_id, kept),
            added_at=clock.now(),
        )
    )
    audit.record(viewer, "session_note:added_to", row.id)
    db.session.commit()


@dataclass(frozen=True, slots=True)
class OfRecord:
    """A locked note as it leaves in a record: of which session, its text, and what was added when."""

    met_at: datetime
    text: str
    addenda: tuple[tuple[datetime, str], ...]


def of_record(couple_id: UUID, note_of: NoteOf) -> tuple[OfRecord, ...]:
    """The locked notes of one kind of a couple, the first one first; a private one is never asked for.

    The caller has found the couple in scope. Drafts are no part of a record, nor is what no key opens.
    """
    if note_of is NoteOf.PRIVATE:
        raise NotFound
    statement = (
        select(SessionNote, Session.starts_at)
        .join(Session, Session.id == SessionNote.session_id)
        .where(SessionNote.couple_id == couple_id, SessionNote.note_of == note_of, SessionNote.locked_at.is_not(None))
        .order_by(Session.starts_at, SessionNote.id)
    )
    rows = db.session.execute(statement).all()
    vault.load_keys(row.SessionNote.sealed_for for row in rows)
    found = ((starts_at, _shown(note.session_id, note_of, note)) for note, starts_at in rows)
    return tuple(OfRecord(at, shown.text, _told(shown.addenda)) for at, shown in found if shown.text is not None)


def _told(addenda: Sequence[AddendumShown]) -> tuple[tuple[datetime, str], ...]:
    return tuple((one.added_at, one.text) for one in addenda if one.text is not None)
