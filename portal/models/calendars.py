"""Calendar feeds: an address that is a secret, under which a calendar fetches somebody's own appointments."""

from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, of_person


class CalendarFeed(OfPractice, Base):
    """One person's address, of which only the hash is kept; a new one takes its place.

    `shows_alone`: a partner has asked for the appointments to which they come alone.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (UniqueConstraint("practice_id", "id"), UniqueConstraint("person_id"), of_person())

    id: Mapped[Id]
    person_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    shows_alone: Mapped[bool]
    made_at: Mapped[Moment]
