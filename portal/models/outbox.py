"""The outbox: what is to leave the building, written with the change that asks for it."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Sealed, Word


class OutboxEntry(OfPractice, Base):
    """One mail to one person; the payload (links with tokens) is sealed and goes once the mail has gone."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        CheckConstraint("attempts >= 0", name="attempts_count"),
        Index("ix_outbox_due", "done_at", "due_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    message: Mapped[Word]
    payload: Mapped[Sealed | None]
    dedupe_key: Mapped[Line]
    due_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[Moment | None]
    failed_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
