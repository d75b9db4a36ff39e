"""How a partner can be reached safely: one sealed document a person, which the other partner never meets."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Moment, OfPractice, Sealed, of_person


class SafeWay(OfPractice, Base):
    """What somebody said about being reached, as it stands now; what it said before is not kept."""

    __tablename__ = "safe_ways"
    __table_args__ = (of_person(),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    document: Mapped[Sealed]
    written_at: Mapped[Moment]
