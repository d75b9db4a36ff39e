"""Notes around a session: single lines (agreed, agenda, threads, reminders), and the notes that are written of it."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.domain.session_notes import NoteOf
from portal.domain.sessions import NoteKind
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, of_person, one_of, only_one


class Note(OfPractice, Base):
    __tablename__ = "notes"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        ForeignKeyConstraint(["practice_id", "author_id"], ["people.practice_id", "people.id"]),
        one_of("kind", NoteKind),
        Index("ix_notes_couple_kind", "couple_id", "kind", "written_at"),
        Index("ix_notes_session", "session_id", "written_at"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    session_id: Mapped[UUID]
    author_id: Mapped[UUID]
    kind: Mapped[Word]
    text: Mapped[Sealed]
    written_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]


class SessionNote(OfPractice, Base):
    """What is written of a session. `sealed_for` is whose key seals it: of one alone theirs, else the couple's.

    `version` counts how often it was saved; once it is locked nothing of it changes.
    """

    __tablename__ = "session_notes"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        of_person("author_id"),
        of_person("locked_by"),
        one_of("note_of", NoteOf),
        CheckConstraint("version > 0", name="version_counts"),
        CheckConstraint("(locked_at IS NULL) = (locked_by IS NULL)", name="locked_by_somebody"),
        only_one("uq_session_notes_of_record", "session_id", "note_of", where="note_of <> 'private'"),
        only_one("uq_session_notes_private", "session_id", "author_id", where="note_of = 'private'"),
        Index("ix_session_notes_couple", "couple_id", "note_of"),
        Index("ix_session_notes_session", "session_id"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    session_id: Mapped[UUID]
    author_id: Mapped[UUID]
    sealed_for: Mapped[UUID]
    note_of: Mapped[Word]
    text: Mapped[Sealed]
    version: Mapped[int]
    saved_at: Mapped[Moment]
    locked_at: Mapped[Moment | None]
    locked_by: Mapped[UUID | None]


class Addendum(OfPractice, Base):
    """What was added to a locked note, dated; sealed as the note is."""

    __tablename__ = "note_addenda"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "note_id"], ["session_notes.practice_id", "session_notes.id"]),
        of_person("author_id"),
        Index("ix_note_addenda_note", "note_id", "added_at"),
    )

    id: Mapped[Id]
    note_id: Mapped[UUID]
    author_id: Mapped[UUID]
    text: Mapped[Sealed]
    added_at: Mapped[Moment]
