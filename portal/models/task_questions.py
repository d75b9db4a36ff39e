"""Questions about a task: one line of a partner to the coach, and one line back."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, of_person


class TaskQuestion(OfPractice, Base):
    """One question that a partner asked about their own copy; both lines are sealed for the partner."""

    __tablename__ = "task_questions"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"]),
        of_person(),
        of_person("answered_by"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_is_whole"),
        Index("ix_task_questions_waiting", "practice_id", "answered_at"),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    text: Mapped[Sealed]
    asked_at: Mapped[Moment]
    answer: Mapped[Sealed | None]
    answered_at: Mapped[Moment | None]
    answered_by: Mapped[UUID | None]
