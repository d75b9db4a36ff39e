"""Erasures of one person each, holds that keep a person's records in spite of them, and how long records are kept."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.erasure import Cause, RunsFrom
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Word, of_person, one_of, only_one


class Erasure(OfPractice, Base):
    """That everything of one person's is to be erased: asked for, approved twice, carried out; or withdrawn.

    `begun_at` is when the person's row was made neutral, `done_at` when the keys were gone. `destroyed` counts what
    was destroyed, by kind, and holds nothing of it. `first_was_alone`: there was nobody else then who could approve.
    One stands at a time, and after one is done no other.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        of_person(),
        of_person("asked_by"),
        of_person("first_by"),
        of_person("second_by"),
        one_of("cause", Cause),
        CheckConstraint("(first_by IS NULL) = (first_at IS NULL)", name="first_is_whole"),
        CheckConstraint("(second_by IS NULL) = (second_at IS NULL)", name="second_is_whole"),
        CheckConstraint("second_at IS NULL OR first_at IS NOT NULL", name="second_follows"),
        CheckConstraint(
            "begun_at IS NULL OR (second_at IS NOT NULL AND withdrawn_at IS NULL AND begun_at >= not_before)",
            name="begun_when_allowed",
        ),
        CheckConstraint("done_at IS NULL OR begun_at IS NOT NULL", name="done_after_begun"),
        CheckConstraint("not_before > asked_at", name="can_be_taken_back"),
        only_one("uq_erasures_standing", "person_id", where="withdrawn_at IS NULL"),
        Index("ix_erasures_due", "done_at", "not_before"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    cause: Mapped[Word]
    asked_by: Mapped[UUID]
    asked_at: Mapped[Moment]
    not_before: Mapped[Moment]
    first_by: Mapped[UUID | None]
    first_at: Mapped[Moment | None]
    first_was_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    second_by: Mapped[UUID | None]
    second_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]
    begun_at: Mapped[Moment | None]
    done_at: Mapped[Moment | None]
    destroyed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Hold(OfPractice, Base):
    """That a person's records must be kept for now, whatever was asked: nothing of theirs is erased meanwhile."""

    __tablename__ = "holds"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        of_person(),
        of_person("placed_by"),
        of_person("lifted_by"),
        CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="lifted_is_whole"),
        only_one("uq_holds_standing", "person_id", where="lifted_at IS NULL"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    placed_by: Mapped[UUID]
    placed_at: Mapped[Moment]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[Moment | None]


class RetentionRule(OfPractice, Base):
    """How long a practice keeps records, from when on, and why: its own decision, for local law differs."""

    __tablename__ = "retention_rules"
    __table_args__ = (
        UniqueConstraint("practice_id"),
        of_person("set_by"),
        one_of("runs_from", RunsFrom),
        CheckConstraint("months BETWEEN 1 AND 600", name="months_make_sense"),
    )

    id: Mapped[Id]
    runs_from: Mapped[Word]
    months: Mapped[int]
    note: Mapped[Line]
    set_by: Mapped[UUID]
    set_at: Mapped[Moment]
