"""People and their doors: addresses to sign in with, sessions of a browser, invitations and resets, data keys."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.people import PersonState, Role, SignInKind, TokenPurpose
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Sealed, Word, one_of


def of_person(column: str = "person_id") -> ForeignKeyConstraint:
    """The key of a row that is one person's."""
    return ForeignKeyConstraint(["practice_id", column], ["people.practice_id", "people.id"])


class Person(OfPractice, Base):
    """Somebody with an own login: staff or partner. The address is sealed; the name shown is in the clear."""

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        one_of("role", Role),
        one_of("state", PersonState),
        CheckConstraint("state = 'invited' OR password_hash IS NOT NULL", name="active_has_password"),
    )

    id: Mapped[Id]
    role: Mapped[Word]
    state: Mapped[Word]
    display_name: Mapped[Line]
    address: Mapped[Sealed]
    user_name: Mapped[Sealed | None]
    zone: Mapped[Word]
    locale: Mapped[Word]
    password_hash: Mapped[Line | None]
    never_reveals: Mapped[bool] = mapped_column(default=False)
    reset_at: Mapped[Moment | None]
    vouched_at: Mapped[Moment | None]
    asked_again_at: Mapped[Moment | None]
    created_at: Mapped[Moment]


class SignIn(OfPractice, Base):
    """Whom an address or a user name stands for: a keyed hash, so that the table names nobody."""

    __tablename__ = "sign_ins"
    __table_args__ = (of_person(), one_of("kind", SignInKind))

    lookup: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[Word]


class WebSession(OfPractice, Base):
    """One browser that is signed in; the cookie holds a token of which only the hash is kept."""

    __tablename__ = "web_sessions"
    __table_args__ = (of_person(),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    unsealed_task_id: Mapped[UUID | None]
    unsealed_at: Mapped[Moment | None]


class Token(OfPractice, Base):
    """An invitation or a reset: one purpose, one use, an end; a GET changes nothing."""

    __tablename__ = "tokens"
    __table_args__ = (
        of_person(),
        one_of("purpose", TokenPurpose),
        CheckConstraint("attempts >= 0", name="attempts_count"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(index=True)
    purpose: Mapped[Word]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    code_sealed: Mapped[Sealed | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]


class DataKey(OfPractice, Base):
    """The key of one person's (or one couple's common) texts, wrapped by a vault key."""

    __tablename__ = "data_keys"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_kind: Mapped[str] = mapped_column(String(10))
    wrapped: Mapped[Sealed]
    vault_version: Mapped[int]
    created_at: Mapped[Moment]

    __table_args__ = (one_of("owner_kind", ("person", "couple")), UniqueConstraint("practice_id", "owner_id"))
