"""Consents: what each partner read and signed, alone; and the versions of the texts that a practice publishes."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.consent import Policy, PracticeRole
from portal.domain.texts import TextKind
from portal.extensions import Base
from portal.models.columns import Id, LongText, Moment, OfPractice, Sealed, Word, of_person, one_of, only_one


class Consent(OfPractice, Base):
    """One signature; the last of a person holds. `signature` is the name as it was typed; older ones have none.

    `withdrawn_at` is when they took it back, or agreed anew.
    """

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        one_of("policy", Policy),
        Index("ix_consents_person", "person_id", "given_at"),
        only_one("uq_consents_standing", "person_id", "text_version", "policy_version", where="withdrawn_at IS NULL"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    text_version: Mapped[int]
    policy: Mapped[Word]
    policy_version: Mapped[int]
    language: Mapped[Word] = mapped_column(default="en", server_default="en")
    signature: Mapped[Sealed | None]
    given_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]


class PracticeText(OfPractice, Base):
    """One version of a text, as it was published; it is never changed.

    It lies in the clear: it is what the practice tells everybody. `published_by` is nobody for what the portal came
    with, and so is `is_shipped` for as long as nobody published words of their own. Role and duties are those that were
    printed with a consent text.
    """

    __tablename__ = "practice_texts"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("practice_id", "kind", "version"),
        of_person("published_by"),
        one_of("kind", TextKind),
        one_of("practice_role", PracticeRole),
        CheckConstraint("version > 0", name="version_counts"),
        CheckConstraint("(kind = 'consent') = (practice_role IS NOT NULL)", name="role_is_the_consents"),
    )

    id: Mapped[Id]
    kind: Mapped[Word]
    version: Mapped[int]
    body: Mapped[LongText]
    is_shipped: Mapped[bool]
    published_at: Mapped[Moment]
    published_by: Mapped[UUID | None]
    practice_role: Mapped[Word | None]
    mandated_reporter: Mapped[bool] = mapped_column(default=False, server_default=false())
    duty_to_protect: Mapped[bool] = mapped_column(default=False, server_default=false())
    local_rule_note: Mapped[LongText] = mapped_column(default="")
