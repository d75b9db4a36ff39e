"""Consents: what each partner read and accepted, alone."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.domain.consent import Policy
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Word, one_of, only_one


class Consent(OfPractice, Base):
    """That somebody agreed; `withdrawn_at` is when they took it back, or agreed anew."""

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        one_of("policy", Policy),
        only_one("uq_consents_standing", "person_id", "text_version", "policy_version", where="withdrawn_at IS NULL"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    text_version: Mapped[int]
    policy: Mapped[Word]
    policy_version: Mapped[int]
    given_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]
