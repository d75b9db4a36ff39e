"""What the doors remember: failures by typed name, browsers that were signed in before, resets that were asked for."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, LongText, Moment, OfPractice, of_person


class DoorDelay(Base):
    """Failures of a name that was typed, known here or not: the key is a keyed hash, so that the table names nobody."""

    __tablename__ = "door_delays"
    __table_args__ = (
        CheckConstraint("failures >= 0", name="failures_count"),
        Index("ix_door_delays_last_at", "last_at"),
    )

    lookup: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[Moment]


class KnownDevice(OfPractice, Base):
    """That somebody was once fully signed in on a browser; one browser may be known to several people."""

    __tablename__ = "known_devices"
    __table_args__ = (of_person(),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[Moment] = mapped_column(index=True)


class ResetRequest(Base):
    """A new pass phrase that was asked for and waits for the worker; by whom, nobody has looked up yet."""

    __tablename__ = "reset_requests"

    id: Mapped[Id]
    asked_with: Mapped[bytes] = mapped_column(LargeBinary(32))
    link: Mapped[LongText]
    asked_at: Mapped[Moment]
