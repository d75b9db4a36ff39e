"""Assignments, the repetition that makes them, and the task: one partner's own copy of an assignment."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.assignments import For, TaskState
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, one_of, only_one


class Repetition(OfPractice, Base):
    """A rule by weekdays: on each of its days a new assignment of the same questionnaire, until it is ended or over.

    `weekdays` as in "14", the time in minutes after midnight on the wall of `zone`. On `skip_on` nothing comes, and
    while it is held nothing at all; neither is told to anybody but the coach.
    """

    __tablename__ = "repetitions"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        ForeignKeyConstraint(["practice_id", "assigned_by"], ["people.practice_id", "people.id"]),
        one_of("given_to", For),
        CheckConstraint("weekdays <> ''", name="weekdays_named"),
        CheckConstraint("at_minute BETWEEN 0 AND 1439", name="at_minute_of_a_day"),
        CheckConstraint("every_weeks > 0", name="every_weeks_counts"),
        CheckConstraint("times > 0", name="times_count"),
        CheckConstraint("times IS NULL OR until IS NULL", name="ends_once"),
        CheckConstraint("skip_why IS NULL OR skip_on IS NOT NULL", name="skipped_on_a_day"),
        only_one("uq_repetitions_running", "couple_id", "questionnaire_id", where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID] = mapped_column(index=True)
    questionnaire_id: Mapped[UUID]
    assigned_by: Mapped[UUID]
    given_to: Mapped[Word]
    weekdays: Mapped[Word]
    at_minute: Mapped[int]
    zone: Mapped[Word]
    every_weeks: Mapped[int]
    times: Mapped[int | None]
    until: Mapped[date | None]
    starts_on: Mapped[date]
    last_issued_on: Mapped[date | None]
    skip_on: Mapped[date | None]
    skip_why: Mapped[Sealed | None]
    held_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]


class Assignment(OfPractice, Base):
    """What the coach gave to a couple: a version of a questionnaire, to whom, until when, and why.

    `extended_to` is a later last day that copies which were open then have; it says that one was, and is the coach's.
    `session_id` is the session on whose eve it ends, wherever that is moved to; `moved_at` is when it last was. The
    check-in that belongs to one ends at `ends_at` instead, the cut-off of the brief; what comes later is taken.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("repetition_id", "assigned_on"),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        ForeignKeyConstraint(
            ["practice_id", "version_id"], ["questionnaire_versions.practice_id", "questionnaire_versions.id"]
        ),
        ForeignKeyConstraint(["practice_id", "repetition_id"], ["repetitions.practice_id", "repetitions.id"]),
        ForeignKeyConstraint(["practice_id", "assigned_by"], ["people.practice_id", "people.id"]),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        one_of("given_to", For),
        CheckConstraint("due_on >= assigned_on", name="due_after_assigned"),
        Index("ix_assignments_couple_day", "couple_id", "assigned_on"),
    )

    id: Mapped[Id]
    couple_id: Mapped[UUID]
    version_id: Mapped[UUID]
    repetition_id: Mapped[UUID | None]
    assigned_by: Mapped[UUID]
    given_to: Mapped[Word]
    assigned_on: Mapped[date]
    due_on: Mapped[date]
    extended_to: Mapped[date | None]
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    moved_at: Mapped[Moment | None]
    ends_at: Mapped[Moment | None]
    why: Mapped[Sealed | None]
    obstacle: Mapped[Sealed | None]
    created_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]


class Task(OfPractice, Base):
    """One partner's own copy of an assignment, with its own state and an id that nobody else is shown.

    A guarded form is put away as it is sent: from then on it stands on no page of its author's.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("assignment_id", "person_id"),
        ForeignKeyConstraint(["practice_id", "assignment_id"], ["assignments.practice_id", "assignments.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        one_of("state", TaskState),
        CheckConstraint("ordinal > 0", name="ordinal_counts"),
        CheckConstraint(
            "(state IN ('submitted', 'reviewed')) <= (submitted_at IS NOT NULL)", name="submitted_has_time"
        ),
        Index("ix_tasks_person_state", "person_id", "practice_id", "state"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[Word]
    ordinal: Mapped[int]
    step: Mapped[Word]
    due_at: Mapped[Moment]
    issued_at: Mapped[Moment]
    started_at: Mapped[Moment | None]
    submitted_at: Mapped[Moment | None]
    reviewed_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]
    put_away_at: Mapped[Moment | None]
