"""Consents: what each partner read and accepted, alone."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.domain.consent import Policy
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Word, one_of


class Consent(OfPractice, Base):
    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        one_of("policy", Policy),
        UniqueConstraint("person_id", "text_version", "policy_version"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    text_version: Mapped[int]
    policy: Mapped[Word]
    policy_version: Mapped[int]
    given_at: Mapped[Moment]
