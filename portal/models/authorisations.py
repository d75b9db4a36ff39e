"""The joint record on its way out of the practice: asked for by the coach, and each partner's own answer to it."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, of_person, only_one


class Authorisation(OfPractice, Base):
    """That the joint record of a couple is to go to somebody; one is asked for at a time.

    `purpose` says to whom and why. It is over once it was called off, or `made_at`: the file was made.
    """

    __tablename__ = "authorisations"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        of_person("asked_by"),
        only_one("uq_authorisations_standing", "couple_id", where="called_off_at IS NULL AND made_at IS NULL"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    asked_by: Mapped[UUID]
    purpose: Mapped[Sealed]
    asked_at: Mapped[Moment]
    called_off_at: Mapped[Moment | None]
    made_at: Mapped[Moment | None]


class AuthorisationAnswer(OfPractice, Base):
    """Whether one partner agrees that the joint record goes; the other is never shown it."""

    __tablename__ = "authorisation_answers"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "authorisation_id"], ["authorisations.practice_id", "authorisations.id"]),
        of_person(),
    )

    authorisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    agrees: Mapped[bool]
    answered_at: Mapped[Moment]
