"""Nudges: one sentence of the coach's own about one partner's open task, to that one alone."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, of_person


class Nudge(OfPractice, Base):
    """The one sentence about a copy; it is sealed for the partner whose copy it is."""

    __tablename__ = "nudges"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("task_id"),
        ForeignKeyConstraint(["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"]),
        of_person(),
        of_person("sent_by"),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(index=True)
    text: Mapped[Sealed]
    sent_by: Mapped[UUID]
    sent_at: Mapped[Moment]
