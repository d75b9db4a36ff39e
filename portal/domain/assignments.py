"""Assignments and tasks: to whom, until when, the states of one partner's own copy, and weekly repetition."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.errors import NotAllowed
from portal.domain.people import Label

CHECK_INS_APART = timedelta(days=4)


class For(StrEnum):
    """Whom an assignment is given to; a joint task still gives one form to each."""

    A = "a"
    B = "b"
    BOTH = "both"
    JOINT = "joint"

    @property
    def labels(self) -> tuple[Label, ...]:
        if self is For.A:
            return (Label.A,)
        if self is For.B:
            return (Label.B,)
        return (Label.A, Label.B)


class TaskState(StrEnum):
    """The states of a task. "Overdue" is no state: it is derived from the clock, and on the coach's side alone."""

    ASSIGNED = "assigned"
    STARTED = "started"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """May still be answered."""
        return self in (TaskState.ASSIGNED, TaskState.STARTED)

    @property
    def is_sent(self) -> bool:
        return self in (TaskState.SUBMITTED, TaskState.REVIEWED)


class Act(StrEnum):
    """What can happen to a task."""

    START = "start"
    SUBMIT = "submit"
    REVIEW = "review"
    WITHDRAW = "withdraw"


_NEXT = {
    (TaskState.ASSIGNED, Act.START): TaskState.STARTED,
    (TaskState.STARTED, Act.START): TaskState.STARTED,
    (TaskState.ASSIGNED, Act.SUBMIT): TaskState.SUBMITTED,
    (TaskState.STARTED, Act.SUBMIT): TaskState.SUBMITTED,
    (TaskState.SUBMITTED, Act.REVIEW): TaskState.REVIEWED,
    (TaskState.REVIEWED, Act.REVIEW): TaskState.REVIEWED,
    (TaskState.ASSIGNED, Act.WITHDRAW): TaskState.WITHDRAWN,
    (TaskState.STARTED, Act.WITHDRAW): TaskState.WITHDRAWN,
}


def after(state: TaskState, act: Act) -> TaskState:
    """The state that `act` leads to; raises NotAllowed where it leads nowhere (what was sent is never reopened)."""
    try:
        return _NEXT[state, act]
    except KeyError:
        raise NotAllowed(f"task_{act}_when_{state}") from None


def due_at(day: date, zone: str) -> datetime:
    """The instant at which `day` ends on the wall clock of `zone`."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def due_before(session_starts_at: datetime, zone: str) -> date:
    """The usual last day of a task: the evening before the session."""
    return session_starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)


def days_to_issue(*, weekday: int, starts_on: date, last_issued_on: date | None, today: date) -> date | None:
    """The day of the weekly form that should stand by `today`, or None when it stands already.

    Weeks that were slept through are not made up for: only the latest is issued. Never two within four days.
    """
    day = today - timedelta(days=(today.weekday() - weekday) % 7)
    if day < starts_on:
        return None
    if last_issued_on is not None and day - last_issued_on < CHECK_INS_APART:
        return None
    return day
