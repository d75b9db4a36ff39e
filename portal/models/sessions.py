"""Sessions: appointments of a couple, or of one partner; the check-in before them; what is chosen for their briefs."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.brief_choices import Copy
from portal.domain.sessions import Attendance, SessionKind, SessionState
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Sealed, Word, of_person, one_of


class Session(OfPractice, Base):
    """An appointment. `attendance` is who was there, None before that is put down; `changes` counts how often it was
    moved or called off, as calendars ask. `asks_at` is when its own check-in is given, `cut_off_at` when its brief is
    cut off, where that is not as it begins.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "coach_id"], ["people.practice_id", "people.id"]),
        one_of("kind", SessionKind),
        one_of("state", SessionState),
        one_of("attendance", Attendance),
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes_make_sense"),
        CheckConstraint("asks_at < cut_off_at AND cut_off_at <= starts_at", name="asked_before_cut_off"),
        Index("ix_sessions_couple_time", "couple_id", "starts_at"),
        Index("ix_sessions_couple_kind", "couple_id", "kind", "starts_at"),
        Index("ix_sessions_coach_time", "coach_id", "starts_at"),
        Index("ix_sessions_asks", "practice_id", "asks_at"),
        Index("ix_sessions_practice_time", "practice_id", "starts_at"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    coach_id: Mapped[UUID]
    kind: Mapped[Word]
    state: Mapped[Word]
    starts_at: Mapped[Moment]
    minutes: Mapped[int]
    place: Mapped[Line]
    attendance: Mapped[Word | None]
    changes: Mapped[int] = mapped_column(default=0)
    asks_at: Mapped[Moment | None]
    cut_off_at: Mapped[Moment | None]
    created_at: Mapped[Moment]


class SessionCheckIn(OfPractice, Base):
    """That a couple is asked for a check-in before each of its joint sessions: which, and how many hours before."""

    __tablename__ = "session_check_ins"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        of_person("set_by"),
        CheckConstraint("ends_hours > 0 AND opens_hours > ends_hours", name="opens_before_it_ends"),
    )

    couple_id: Mapped[UUID] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[UUID]
    opens_hours: Mapped[int]
    ends_hours: Mapped[int]
    set_by: Mapped[UUID]
    set_at: Mapped[Moment]


class BriefChoice(OfPractice, Base):
    """What the coach chose for one copy of a session's brief.

    `hidden` and `openers` are ids, parted by spaces; `line` is sealed under the couple's key.
    """

    __tablename__ = "brief_choices"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("session_id", "copy"),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        one_of("copy", Copy),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID]
    couple_id: Mapped[UUID]
    copy: Mapped[Word]
    line: Mapped[Sealed | None]
    hidden: Mapped[str] = mapped_column(Text)
    openers: Mapped[str] = mapped_column(Text)
    chosen_at: Mapped[Moment]


class PickedHomework(OfPractice, Base):
    """A piece of homework that both picked as a session was closed: which, for when, and what could get in the way.

    It is given by the coach alone, once nobody else looks: `done_at` is when, or when it was let go; `assignment_id` is
    None then.
    """

    __tablename__ = "picked_homework"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("session_id"),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        ForeignKeyConstraint(["practice_id", "assignment_id"], ["assignments.practice_id", "assignments.id"]),
        CheckConstraint("at_minute BETWEEN 0 AND 1439", name="at_minute_of_a_day"),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID]
    couple_id: Mapped[UUID]
    questionnaire_id: Mapped[UUID]
    day: Mapped[date]
    at_minute: Mapped[int]
    obstacle: Mapped[Sealed | None]
    picked_at: Mapped[Moment]
    done_at: Mapped[Moment | None]
    assignment_id: Mapped[UUID | None]
