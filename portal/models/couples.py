"""Couples: the client unit, its two partners, one line of the caseload that coach pages read, and saved views of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.beginnings import USUAL_MINUTES
from portal.domain.caseload import LONG_AGO, NOT_YET
from portal.domain.endings import Later
from portal.domain.people import ENDED, CoupleState, Label
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Word, of_person, one_of, only_one

_ENDED = ", ".join(f"'{state}'" for state in ENDED)


class Couple(OfPractice, Base):
    """The client unit. `alone_minutes` of each session of both belong to each partner alone; 0 for none."""

    __tablename__ = "couples"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "coach_id"], ["people.practice_id", "people.id"]),
        one_of("state", CoupleState),
        CheckConstraint("alone_minutes BETWEEN 0 AND 60", name="alone_minutes_make_sense"),
        CheckConstraint(f"ended_at IS NOT NULL OR state NOT IN ({_ENDED})", name="ended_is_dated"),
        Index("ix_couples_coach", "coach_id", "state", "names"),
    )

    id: Mapped[Id]
    coach_id: Mapped[UUID]
    state: Mapped[Word]
    step: Mapped[Word]
    names: Mapped[Line]
    created_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    alone_minutes: Mapped[int] = mapped_column(default=USUAL_MINUTES)


class Partnership(OfPractice, Base):
    """That a person is partner A or B of a couple; a person may be in two couples over time.

    `ended_at` is when everything of theirs was erased, `withdrawn_at` when they stopped taking part by themselves.
    `left_at_step`: at which step the couple was then.
    `asked_anew_at`: their coach asked them to agree anew; `agreed_anew_at`: they did.
    `later`: when they want to be asked once more after the end, chosen alone; `later_given`: after how many months they
    were asked last, 0 before that.
    `spoken_on`: the day on which their coach spoke with them alone, before the work with both.
    """

    __tablename__ = "partnerships"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        UniqueConstraint("couple_id", "person_id"),
        one_of("label", Label),
        one_of("later", Later),
        Index("ix_partnerships_later", "practice_id", "later"),
        Index("ix_partnerships_person", "person_id", "practice_id"),
        only_one("uq_partnerships_current", "person_id", where="ended_at IS NULL"),
    )

    couple_id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    joined_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]
    left_at_step: Mapped[Word | None]
    asked_anew_at: Mapped[Moment | None]
    agreed_anew_at: Mapped[Moment | None]
    spoken_on: Mapped[date | None]
    later: Mapped[Word | None]
    later_given: Mapped[int] = mapped_column(default=0)


class Caseload(OfPractice, Base):
    """What the coach's lists say of a couple, written with the change it follows from; coach pages alone read it.

    `find` are its names as they are looked for. Coach and state stand here too, so that a list is read in its order.
    """

    __tablename__ = "caseload"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "coach_id"], ["people.practice_id", "people.id"]),
        one_of("state", CoupleState),
        Index("ix_caseload_state", "coach_id", "state"),
        Index("ix_caseload_names", "coach_id", "find", "state"),
        Index("ix_caseload_next", "coach_id", "next_at", "find", "state"),
        Index("ix_caseload_active", "coach_id", "heard_at", "find", "state"),
        Index("ix_caseload_needs", "coach_id", "needs_from", "find", "state"),
        Index("ix_caseload_turns", "practice_id", "turns_at"),
    )

    couple_id: Mapped[UUID] = mapped_column(primary_key=True)
    coach_id: Mapped[UUID]
    state: Mapped[Word]
    find: Mapped[Line]
    open_until: Mapped[Moment | None]
    overdue_from: Mapped[Moment | None]
    silent_since: Mapped[Moment | None]
    heard_at: Mapped[Moment] = mapped_column(default=LONG_AGO)
    ahead_since: Mapped[Moment | None]
    dropped_a_at: Mapped[Moment | None]
    dropped_b_at: Mapped[Moment | None]
    door_since: Mapped[Moment | None]
    next_at: Mapped[Moment] = mapped_column(default=NOT_YET)
    needs_from: Mapped[Moment] = mapped_column(default=NOT_YET)
    turns_at: Mapped[Moment] = mapped_column(default=NOT_YET)
    unread: Mapped[int] = mapped_column(default=0)


Index(  # the most unread first, and of as many the longest wait
    "ix_caseload_waiting",
    Caseload.coach_id,
    Caseload.unread.desc(),
    Caseload.needs_from,
    Caseload.find,
    Caseload.state,
)


class CaseloadView(OfPractice, Base):
    """A coach's own way to look at the list, by a name: what it is narrowed to, and its order."""

    __tablename__ = "caseload_views"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("person_id", "name"),
        of_person(),
        only_one("uq_caseload_views_first", "person_id", where="is_first"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID]
    name: Mapped[Word]
    state: Mapped[Word]
    step: Mapped[Word]
    needs: Mapped[Word]
    sort: Mapped[Word]
    is_first: Mapped[bool]
