"""The pathway of a couple and its steps, in the coach's order; what each partner did stands in their own tasks."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.assignments import For
from portal.domain.pathways import LONGEST_DELAY, LONGEST_OPEN, ReleaseKind
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, one_of, only_one


class Pathway(OfPractice, Base):
    """One way of a couple; before it is begun nothing of it is issued, nothing while it is held, none once it ended."""

    __tablename__ = "pathways"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        only_one("uq_pathways_running", "couple_id", where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID] = mapped_column(index=True)
    begun_at: Mapped[Moment | None]
    held_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]


class PathwayStep(OfPractice, Base):
    """One entry of the library on a pathway, in the version that both get; `assignment_id` once a copy was issued.

    `skipped_why`: why the coach left it out, for the coach alone.
    `confirmed_a_at` and `confirmed_b_at` are when the coach opened it for each: it reaches them at the next 08:00.
    """

    __tablename__ = "pathway_steps"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "pathway_id"], ["pathways.practice_id", "pathways.id"]),
        ForeignKeyConstraint(
            ["practice_id", "version_id"], ["questionnaire_versions.practice_id", "questionnaire_versions.id"]
        ),
        ForeignKeyConstraint(["practice_id", "assignment_id"], ["assignments.practice_id", "assignments.id"]),
        # looked at as a transaction ends: a practice that moves in brings its steps in any order
        ForeignKeyConstraint(
            ["practice_id", "release_after"],
            ["pathway_steps.practice_id", "pathway_steps.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        one_of("given_to", For),
        one_of("release", ReleaseKind),
        CheckConstraint("position > 0", name="position_counts"),
        CheckConstraint("given_to <> 'joint' OR release = 'by_coach'", name="joint_by_coach"),
        CheckConstraint("(release = 'on_day') = (release_on IS NOT NULL)", name="day_where_it_opens_on_one"),
        CheckConstraint("(release = 'after_own') = (release_after IS NOT NULL)", name="step_where_it_waits_for_one"),
        CheckConstraint(f"release_days BETWEEN 0 AND {LONGEST_DELAY}", name="delay_known"),
        CheckConstraint(f"days_open BETWEEN 1 AND {LONGEST_OPEN}", name="days_open_known"),
    )

    id: Mapped[Id]
    pathway_id: Mapped[UUID] = mapped_column(index=True)
    version_id: Mapped[UUID]
    position: Mapped[int]
    given_to: Mapped[Word]
    release: Mapped[Word]
    release_on: Mapped[date | None]
    release_after: Mapped[UUID | None]
    release_days: Mapped[int]
    days_open: Mapped[int]
    why: Mapped[Sealed | None]
    confirmed_a_at: Mapped[Moment | None]
    confirmed_b_at: Mapped[Moment | None]
    skipped_at: Mapped[Moment | None]
    skipped_why: Mapped[Sealed | None]
    assignment_id: Mapped[UUID | None] = mapped_column(index=True)
