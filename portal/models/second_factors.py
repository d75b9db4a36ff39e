"""Second factors: the seed of an app, public keys of passkeys, and spare codes of which only hashes are kept."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, of_person


class SecondFactor(OfPractice, Base):
    """The app that makes somebody's codes; until one code was given right it counts for nothing."""

    __tablename__ = "second_factors"
    __table_args__ = (
        of_person(),
        UniqueConstraint("practice_id", "person_id"),
        CheckConstraint("confirmed_at IS NULL OR last_step IS NOT NULL", name="confirmed_by_a_code"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(index=True)
    seed: Mapped[Sealed]
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]


class Passkey(OfPractice, Base):
    """The public half of a key that a phone or a computer keeps, under the name that its owner gave it."""

    __tablename__ = "passkeys"
    __table_args__ = (
        of_person(),
        UniqueConstraint("practice_id", "credential"),
        CheckConstraint("sign_count >= 0", name="sign_count_counts"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[Sealed]
    credential: Mapped[bytes] = mapped_column(LargeBinary(1023))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]


class RecoveryCode(OfPractice, Base):
    """A spare code: it opens the door once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (of_person(), UniqueConstraint("practice_id", "person_id", "code_hash"))

    id: Mapped[Id]
    person_id: Mapped[UUID]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
