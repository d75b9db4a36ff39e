"""Signals from private questions: flags, soft flags and wishes for a word alone. Coach pages alone read them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.domain.safety import SignalKind
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, one_of


class Signal(OfPractice, Base):
    """A flag is closed with a reason and never deleted. A private question that is answered again may raise another."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("response_id", "item", "raised_at"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        ForeignKeyConstraint(["practice_id", "response_id"], ["responses.practice_id", "responses.id"]),
        one_of("kind", SignalKind),
        CheckConstraint("(closed_at IS NULL) = (reason IS NULL)", name="closed_with_reason"),
        Index("ix_signals_couple_open", "couple_id", "closed_at"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    person_id: Mapped[UUID]
    response_id: Mapped[UUID]
    item: Mapped[Word]
    kind: Mapped[Word]
    raised_at: Mapped[Moment]
    opened_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    reason: Mapped[Sealed | None]
