"""People and their doors: addresses to sign in with, sessions of a browser, invitations and resets."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.people import PersonState, Role, SignInKind, TokenPurpose
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Sealed, Word, of_person, one_of


class Person(OfPractice, Base):
    """Somebody with an own login: staff or partner. The address is sealed; the name shown is in the clear.

    `knows_leave`: was told what "Leave" does and does not, and said so.

    `has_second_factor` stands here, and not only in the tables of factors, because every request asks for it: with
    the person's own row it cannot be missed.
    """

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
    knows_leave: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
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
    """One browser that is signed in; the cookie holds a token of which only the hash is kept.

    `proved_at` is when the second factor was given, `stepped_up_at` when the pass phrase was given again. While its
    screen is turned round, `joint_session_id` is the session for which both look at it.
    """

    __tablename__ = "web_sessions"
    __table_args__ = (
        of_person(),
        ForeignKeyConstraint(["practice_id", "joint_session_id"], ["sessions.practice_id", "sessions.id"]),
        Index("ix_web_sessions_person_seen", "person_id", "seen_at"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID]
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    unsealed_task_id: Mapped[UUID | None]
    unsealed_at: Mapped[Moment | None]
    proved_at: Mapped[Moment | None]
    stepped_up_at: Mapped[Moment | None]
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    challenge_at: Mapped[Moment | None]
    joint_session_id: Mapped[UUID | None]


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
