"""Choices: two or three small steps that one partner is offered, of which they take one."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, of_person, only_one


class OfferedChoice(OfPractice, Base):
    """What one partner may choose from, with why; `task_id` is their copy of what they took.

    The other partner has one of their own, or none: nothing binds the two together.
    """

    __tablename__ = "offered_choices"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"]),
        of_person(),
        of_person("offered_by"),
        CheckConstraint("(task_id IS NULL) = (picked_at IS NULL)", name="picked_is_a_task"),
        only_one("uq_offered_choices_open", "person_id", where="picked_at IS NULL AND withdrawn_at IS NULL"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    offered_by: Mapped[UUID]
    due_on: Mapped[date]
    why: Mapped[Sealed | None]
    offered_at: Mapped[Moment]
    picked_at: Mapped[Moment | None]
    task_id: Mapped[UUID | None] = mapped_column(index=True)
    withdrawn_at: Mapped[Moment | None]


class OfferedStep(OfPractice, Base):
    """One of the steps of a choice, in the words that it had when it was offered."""

    __tablename__ = "offered_steps"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("choice_id", "position"),
        ForeignKeyConstraint(["practice_id", "choice_id"], ["offered_choices.practice_id", "offered_choices.id"]),
        ForeignKeyConstraint(
            ["practice_id", "version_id"], ["questionnaire_versions.practice_id", "questionnaire_versions.id"]
        ),
        CheckConstraint("position > 0", name="position_counts"),
    )

    id: Mapped[Id]
    choice_id: Mapped[UUID]
    version_id: Mapped[UUID]
    position: Mapped[int]
