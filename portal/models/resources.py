"""The shelf of a practice: for each step of its programme what can be heard, seen or read elsewhere."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.media import MOST_MINUTES
from portal.domain.resources import ResourceKind
from portal.extensions import Base
from portal.models.columns import Id, Line, LongText, Moment, OfPractice, Word, one_of


class Resource(OfPractice, Base):
    """One link, in the practice's order within its step; from `retired_at` on no partner meets it."""

    __tablename__ = "resources"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "step"], ["steps.practice_id", "steps.slug"]),
        one_of("kind", ResourceKind),
        CheckConstraint("position > 0", name="position_counts"),
        CheckConstraint(f"minutes BETWEEN 1 AND {MOST_MINUTES}", name="minutes_known"),
        CheckConstraint("address LIKE 'https://%'", name="address_is_https"),
        Index("ix_resources_step", "practice_id", "step", "position"),
    )

    id: Mapped[Id]
    step: Mapped[Word]
    kind: Mapped[Word]
    title: Mapped[Line]
    address: Mapped[LongText]
    minutes: Mapped[int | None] = mapped_column()
    why: Mapped[Line]
    position: Mapped[int] = mapped_column()
    retired_at: Mapped[Moment | None]
