"""The audit trail: who did what to which row, and when; never what was written there."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Line, Moment


class AuditEvent(Base):
    """Append-only. What happens before sign-in belongs to no practice."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_practice_time", "practice_id", "at"),)

    id: Mapped[Id]
    practice_id: Mapped[UUID | None] = mapped_column(ForeignKey("practices.id"))
    actor_id: Mapped[UUID | None]
    event: Mapped[Line]
    subject_id: Mapped[UUID | None]
    at: Mapped[Moment]
