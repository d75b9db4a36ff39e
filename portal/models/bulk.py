"""Giving the same to many couples: what was asked for, and what became of it with each."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.bulk import Outcome, Reason
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, of_person, one_of


class BulkAssignment(OfPractice, Base):
    """One entry of the library for many couples, as a coach asked for it; the words are sealed for the coach."""

    __tablename__ = "bulk_assignments"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        of_person("asked_by"),
        Index("ix_bulk_assignments_done", "practice_id", "done_at"),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[UUID]
    asked_by: Mapped[UUID] = mapped_column(index=True)
    due_on: Mapped[date]
    why: Mapped[Sealed | None]
    asked_at: Mapped[Moment]
    done_at: Mapped[Moment | None]


class BulkRow(OfPractice, Base):
    """One couple of it: waiting, given (with the assignment that it became) or skipped, and why."""

    __tablename__ = "bulk_rows"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("bulk_id", "position"),
        UniqueConstraint("bulk_id", "couple_id"),
        ForeignKeyConstraint(["practice_id", "bulk_id"], ["bulk_assignments.practice_id", "bulk_assignments.id"]),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "assignment_id"], ["assignments.practice_id", "assignments.id"]),
        one_of("outcome", Outcome),
        one_of("reason", Reason),
        CheckConstraint("(outcome = 'skipped') = (reason IS NOT NULL)", name="skipped_for_a_reason"),
        CheckConstraint("(outcome = 'given') = (assignment_id IS NOT NULL)", name="given_is_an_assignment"),
    )

    id: Mapped[Id]
    bulk_id: Mapped[UUID]
    couple_id: Mapped[UUID]
    position: Mapped[int]
    outcome: Mapped[Word]
    reason: Mapped[Word | None]
    assignment_id: Mapped[UUID | None]
