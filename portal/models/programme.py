"""The programme of a practice: its steps, in its own order and words."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Word


class Step(OfPractice, Base):
    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("practice_id", "slug"),
        CheckConstraint("position > 0", name="position_counts"),
    )

    id: Mapped[Id]
    slug: Mapped[Word]
    title: Mapped[Line]
    position: Mapped[int] = mapped_column()
    retired_at: Mapped[Moment | None]
