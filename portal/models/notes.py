"""Notes around a session: what was agreed (both partners read it), open threads and the coach's own reminders."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.domain.sessions import NoteKind
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, one_of


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
