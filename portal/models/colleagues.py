"""Who else works with a couple: a supervisor who may read along, a colleague during leave, and the next coach."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, of_person, only_one


def _of_couple() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"])


class Supervision(OfPractice, Base):
    """That a supervisor may read along with one couple, from the moment it was granted until it is ended."""

    __tablename__ = "supervisions"
    __table_args__ = (
        _of_couple(),
        of_person("supervisor_id"),
        of_person("granted_by"),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ends_after_start"),
        only_one("uq_supervisions_current", "couple_id", "supervisor_id", where="ends_at IS NULL"),
        Index("ix_supervisions_supervisor", "supervisor_id", "couple_id"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    supervisor_id: Mapped[UUID]
    granted_by: Mapped[UUID]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment | None]


class Cover(OfPractice, Base):
    """That a colleague reads and acts for a coach who is away; whole days on the wall of the practice."""

    __tablename__ = "covers"
    __table_args__ = (
        of_person("coach_id"),
        of_person("cover_id"),
        of_person("granted_by"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("coach_id <> cover_id", name="another_coach"),
        Index("ix_covers_coach", "coach_id", "ends_at"),
        Index("ix_covers_cover", "cover_id", "ends_at"),
    )

    id: Mapped[Id]
    coach_id: Mapped[UUID]
    cover_id: Mapped[UUID]
    granted_by: Mapped[UUID]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    called_off_at: Mapped[Moment | None]


class HandOver(OfPractice, Base):
    """That a couple is offered to another coach of the practice; it moves when that coach accepts."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        _of_couple(),
        of_person("from_id"),
        of_person("to_id"),
        of_person("offered_by"),
        CheckConstraint("accepted_at IS NULL OR settled_at IS NOT NULL", name="accepted_is_settled"),
        only_one("uq_hand_overs_open", "couple_id", where="settled_at IS NULL"),
        Index("ix_hand_overs_to", "to_id", "settled_at"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    from_id: Mapped[UUID]
    to_id: Mapped[UUID]
    offered_by: Mapped[UUID]
    offered_at: Mapped[Moment]
    accepted_at: Mapped[Moment | None]
    settled_at: Mapped[Moment | None]
