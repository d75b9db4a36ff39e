"""Signals from private questions (flags, soft flags, wishes for a word alone), and what was done about a flag."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.domain.safety import SignalKind
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, of_person, one_of


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
    waits_since: Mapped[Moment | None]  # later than it was raised, where its author answered again
    review_on: Mapped[date | None]


class ProtocolLine(OfPractice, Base):
    """That a step of the protocol was taken for a flag, by whom and when; a later line adds, and none is changed."""

    __tablename__ = "protocol_lines"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "signal_id"], ["signals.practice_id", "signals.id"]),
        of_person("noted_by"),
        CheckConstraint("step BETWEEN 1 AND 7", name="step_known"),
        Index("ix_protocol_lines_signal", "signal_id", "noted_at"),
    )

    id: Mapped[Id]
    signal_id: Mapped[UUID]
    step: Mapped[int]
    line: Mapped[Sealed | None]
    noted_by: Mapped[UUID]
    noted_at: Mapped[Moment]
