"""The audit trail: who did what to which row, and when, each event chained to the one before; no content."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.audit import LOOK_AT_COUPLE, READINGS_OF_FORM
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment

_IS_READING = "event IN ({})".format(", ".join(f"'{event}'" for event in READINGS_OF_FORM))
_IS_LOOK = f"event = '{LOOK_AT_COUPLE}'"


class AuditHead(Base):
    """Where a chain ends. `chain_id` is the practice's, or nil for what happens before sign-in."""

    __tablename__ = "audit_heads"
    __table_args__ = (
        CheckConstraint("practice_id IS NULL OR practice_id = chain_id", name="own_chain"),
        CheckConstraint("length >= 0", name="length"),
    )

    chain_id: Mapped[Id]
    practice_id: Mapped[UUID | None] = mapped_column(ForeignKey("practices.id"))
    length: Mapped[int]
    last: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEvent(Base):
    """Append-only: triggers refuse to change or remove a row. What happens before sign-in belongs to no practice."""

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("chain_id", "number"),
        CheckConstraint("practice_id IS NULL OR practice_id = chain_id", name="own_chain"),
        CheckConstraint("number >= 1", name="number"),
        Index("ix_audit_events_practice_time", "practice_id", "at"),
        # for who opened which form; a partial one, so that sending does not pay for it
        Index(
            "ix_audit_events_readings",
            "practice_id",
            "subject_id",
            sqlite_where=text(_IS_READING),
            postgresql_where=text(_IS_READING),
        ),
        # likewise for who looked at a couple's pages
        Index(
            "ix_audit_events_looks",
            "subject_id",
            "at",
            sqlite_where=text(_IS_LOOK),
            postgresql_where=text(_IS_LOOK),
        ),
    )

    id: Mapped[Id]
    practice_id: Mapped[UUID | None] = mapped_column(ForeignKey("practices.id"))
    actor_id: Mapped[UUID | None]
    event: Mapped[Line]
    subject_id: Mapped[UUID | None]
    at: Mapped[Moment]
    chain_id: Mapped[UUID] = mapped_column(ForeignKey("audit_heads.chain_id"))
    number: Mapped[int]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
