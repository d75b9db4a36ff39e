"""Assignments and tasks: to whom, until when, the states of one partner's own copy, and what comes again."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label
from portal.domain.programme import Audience

CHECK_INS_APART = timedelta(days=4)
LONGEST_AHEAD = timedelta(days=366)
USUAL_DAYS = timedelta(days=7)
FEWEST_DAYS = timedelta(days=3)


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


OPEN = tuple(state for state in TaskState if state.is_open)
SENT = tuple(state for state in TaskState if state.is_sent)


class Act(StrEnum):
    """What can happen to a task."""

    START = "start"
    SUBMIT = "submit"
    REVIEW = "review"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


_NEXT = {
    (TaskState.ASSIGNED, Act.START): TaskState.STARTED,
    (TaskState.STARTED, Act.START): TaskState.STARTED,
    (TaskState.ASSIGNED, Act.SUBMIT): TaskState.SUBMITTED,
    (TaskState.STARTED, Act.SUBMIT): TaskState.SUBMITTED,
    (TaskState.SUBMITTED, Act.REVIEW): TaskState.REVIEWED,
    (TaskState.REVIEWED, Act.REVIEW): TaskState.REVIEWED,
    (TaskState.SUBMITTED, Act.CORRECT): TaskState.SUBMITTED,
    (TaskState.REVIEWED, Act.CORRECT): TaskState.SUBMITTED,
    (TaskState.ASSIGNED, Act.WITHDRAW): TaskState.WITHDRAWN,
    (TaskState.STARTED, Act.WITHDRAW): TaskState.WITHDRAWN,
}


def after(state: TaskState, act: Act) -> TaskState:
    """The state that `act` leads to; raises NotAllowed where it leads nowhere (what was sent is never reopened)."""
    try:
        return _NEXT[state, act]
    except KeyError:
        raise NotAllowed(f"task_{act}_when_{state}") from None


def fitting(given_to: For, audience: Audience) -> For:
    """Whom an exercise of this audience is really given to; raises Invalid where the two do not go together.

    What is done together is a joint task, also where "both" was chosen; what is done alone is none.
    """
    if not audience.is_joint:
        if given_to is For.JOINT:
            raise Invalid("alone_is_no_joint_task")
        return given_to
    if given_to in (For.A, For.B):
        raise Invalid("together_needs_both")
    return For.JOINT


def check_due_on(due_on: date, today: date) -> None:
    """Raise Invalid for a last day that is over, or more than a year away."""
    if due_on < today:
        raise Invalid("due_in_the_past")
    if due_on - today > LONGEST_AHEAD:
        raise Invalid("due_too_far")


def usual_due_on(joint_sessions: Iterable[datetime], today: date, zone: str) -> date:
    """The last day that is offered first: the evening before the next joint session, else a week from `today`.

    A session that leaves fewer than three days is passed over: no exercise fits in before it.
    """
    evenings = (due_before(starts_at, zone) for starts_at in joint_sessions)
    ahead = [day for day in evenings if today + FEWEST_DAYS <= day <= today + LONGEST_AHEAD]
    return min(ahead, default=today + USUAL_DAYS)


def due_again_on(day: date, open_for: timedelta, next_on: date | None) -> date:
    """The last day of what came again on `day`: as many days as the first one had, but over before the next."""
    return day + (open_for if next_on is None else min(open_for, next_on - day - timedelta(days=1)))


def is_left_out(day: date, today: date, given_on: date | None, next_on: date | None) -> bool:
    """Whether the check-in of a rule's `day`, which could come `today`, does not: never two within four days.

    One that was given shortly before stands in its place, and so does the next where it is that late. What belongs to
    a session stands in the place of a whole week's (`session_check_ins.stands_in_place`).
    """
    is_given = given_on is not None and day - given_on < CHECK_INS_APART
    return is_given or (next_on is not None and are_too_near(today, next_on))


def are_too_near(earlier: date, later: date) -> bool:
    """Whether two check-ins on these days would be two within four days."""
    return abs(later - earlier) < CHECK_INS_APART


def due_at(day: date, zone: str) -> datetime:
    """The instant at which `day` ends on the wall clock of `zone`."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def due_before(session_starts_at: datetime, zone: str) -> date:
    """The usual last day of a task: the evening before the session."""
    return session_starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
