"""The briefs of a day, as a coach asked for them: what is made and what waits; the files lie with each session."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.day_packs import Outcome
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Word, of_person, one_of, only_one


class DayPack(OfPractice, Base):
    """One day's briefs for one coach, of which one at most is being made. It has ended once nothing of it waits."""

    __tablename__ = "day_packs"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        of_person("asked_by"),
        CheckConstraint("NOT is_cancelled OR ended_at IS NOT NULL", name="cancelled_has_ended"),
        only_one("uq_day_packs_running", "practice_id", "asked_by", where="ended_at IS NULL"),
        Index("ix_day_packs_asked", "practice_id", "asked_by", "asked_at"),
    )

    id: Mapped[Id]
    asked_by: Mapped[UUID]
    day: Mapped[date]
    asked_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    is_cancelled: Mapped[bool] = mapped_column(server_default=false())


class DayPackRow(OfPractice, Base):
    """One session's brief of it. `taken_at` is when a machine began with it, `tries` how often one did."""

    __tablename__ = "day_pack_rows"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("pack_id", "position"),
        UniqueConstraint("pack_id", "session_id"),
        ForeignKeyConstraint(["practice_id", "pack_id"], ["day_packs.practice_id", "day_packs.id"]),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        one_of("outcome", Outcome),
        CheckConstraint("tries >= 0", name="tries_count"),
    )

    id: Mapped[Id]
    pack_id: Mapped[UUID]
    session_id: Mapped[UUID]
    position: Mapped[int]
    outcome: Mapped[Word]
    taken_at: Mapped[Moment | None]
    tries: Mapped[int]
