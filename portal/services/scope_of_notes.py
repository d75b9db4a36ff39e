"""The second door, where it leads to the notes of a session: those of the record, and those that are one's own."""

from uuid import UUID

from sqlalchemy import Select, select

from portal.domain.people import Viewer
from portal.domain.session_notes import NoteOf
from portal.extensions import db
from portal.models.notes import SessionNote
from portal.models.sessions import Session
from portal.services import scope


def notes_to_read(viewer: Viewer, session_id: UUID) -> Select[SessionNote]:
    """Of a session of a couple that the viewer may read: what belongs to the record, and their own private note.

    A private note is its writer's: neither who covers nor who reads along finds it, nor who takes the couple over.
    """
    mine = scope.sessions(viewer, scope.couples_to_read).with_only_columns(Session.id)
    its = select(SessionNote).where(SessionNote.session_id == session_id, SessionNote.session_id.in_(mine))
    is_own = SessionNote.author_id == viewer.person_id
    return its.where((SessionNote.note_of != NoteOf.PRIVATE) | is_own)


def note_or_none(viewer: Viewer, session_id: UUID, note_of: NoteOf, *, is_held: bool = False) -> SessionNote | None:
    """One of them, held until the commit or not; of a couple that the viewer may read."""
    statement = notes_to_read(viewer, session_id).where(SessionNote.note_of == note_of)
    return db.session.scalars(statement.with_for_update() if is_held else statement).one_or_none()
