"""Appointments: their kinds and states, what counts as a session's number, and the notes around one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label
from portal.domain.wall import instant_of

MINUTES = (5, 480)
MOST_IN_PLACE = 200  # characters
MOST_IN_NOTE = 1_000  # characters
MOST_IN_AGREED = 260  # characters: such a line stands on the brief and on both homes
YEARS = (1900, 2200)
LONGEST_AHEAD = timedelta(days=366)
WEEKS_APART = (1, 8)
TIMES = (1, 26)
AWAKE_AFTER = timedelta(minutes=30)  # the last words of an hour may take longer than planned
LONGEST_BACK = timedelta(days=1)  # a session of this morning may still be put down


class SessionKind(StrEnum):
    """Who sits with the coach."""

    JOINT = "joint"
    INDIVIDUAL_A = "individual_a"
    INDIVIDUAL_B = "individual_b"

    @property
    def attending(self) -> Label | None:
        """The partner who comes alone; None when both come."""
        return {SessionKind.INDIVIDUAL_A: Label.A, SessionKind.INDIVIDUAL_B: Label.B}.get(self)


class SessionState(StrEnum):
    """A session is planned until it was held or called off."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Attendance(StrEnum):
    """Who was there, of those whom a session was for."""

    BOTH = "both"
    A = "a"
    B = "b"
    NOBODY = "nobody"


class SessionAct(StrEnum):
    """What can happen to a session."""

    MOVE = "move"
    HOLD = "hold"
    CANCEL = "cancel"


class NoteKind(StrEnum):
    """`agreed` is read by both partners; the others are the coach's own.

    What is on the `agenda` and an open `thread` carry over from brief to brief until they are settled.
    """

    AGREED = "agreed"
    AGENDA = "agenda"
    THREAD = "thread"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class OnScreen:
    """A session for which a screen is turned round, as far as that screen's falling asleep hangs on it."""

    starts_at: datetime
    minutes: int
    state: SessionState

    def keeps_awake(self, idle_at: datetime) -> datetime:
        """When the screen falls asleep that would at `idle_at`: not while the session runs, nor soon after its end.

        One that has fallen asleep before the session begins stays asleep.
        """
        until = self.starts_at + timedelta(minutes=self.minutes) + AWAKE_AFTER
        return idle_at if self.state is SessionState.CANCELLED or idle_at < self.starts_at else max(idle_at, until)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the order of sessions is derived from."""

    id: UUID
    kind: SessionKind
    state: SessionState
    starts_at: datetime
    attendance: Attendance | None = None
    cut_off_at: datetime | None = None

    @property
    def data_until(self) -> datetime:
        """Up to when its brief tells of what came in; what comes later stands in the next one."""
        return self.cut_off_at or self.starts_at

    @property
    def was_of_both(self) -> bool:
        """Whether both can have been there: not put down yet is taken as that they were."""
        return self.attendance in (None, Attendance.BOTH)


@dataclass(frozen=True, slots=True)
class Series:
    """How often an appointment comes: so many times in all, every so many weeks at the same time on the wall."""

    every_weeks: int = 1
    times: int = 1


_NEXT = {
    (SessionState.PLANNED, SessionAct.MOVE): SessionState.PLANNED,
    (SessionState.PLANNED, SessionAct.HOLD): SessionState.HELD,
    (SessionState.HELD, SessionAct.HOLD): SessionState.HELD,
    (SessionState.PLANNED, SessionAct.CANCEL): SessionState.CANCELLED,
    (SessionState.CANCELLED, SessionAct.CANCEL): SessionState.CANCELLED,
}


def after(state: SessionState, act: SessionAct) -> SessionState:
    """The state that `act` leads to; raises NotAllowed where it leads nowhere."""
    try:
        return _NEXT[state, act]
    except KeyError:
        raise NotAllowed("session_is_over") from None


def joint_in_order(appointments: Iterable[Appointment]) -> list[Appointment]:
    """The joint sessions that were not called off, earliest first: they alone make number and period."""
    counted = (a for a in appointments if a.kind is SessionKind.JOINT and a.state is not SessionState.CANCELLED)
    return sorted(counted, key=lambda a: (a.starts_at, a.id))


def number_of(appointment: Appointment, appointments: Iterable[Appointment]) -> int:
    """The session's number, from 1; an individual session bears the number of the joint ones before it."""
    earlier = [a for a in joint_in_order(appointments) if a.starts_at < appointment.starts_at]
    return len(earlier) + (1 if appointment.kind is SessionKind.JOINT else 0)


def previous_joint(appointment: Appointment, appointments: Iterable[Appointment]) -> Appointment | None:
    """The joint session before this one at which both were; where its brief ends the next one begins."""
    earlier = [a for a in joint_in_order(appointments) if a.starts_at < appointment.starts_at and a.was_of_both]
    return earlier[-1] if earlier else None


def brief_until(appointment: Appointment, appointments: Iterable[Appointment]) -> datetime:
    """Up to when the brief of a session tells of what came in: its cut-off, and never before the session before it."""
    before = previous_joint(appointment, appointments)
    return max(appointment.data_until, before.starts_at) if before else appointment.data_until


def instant(day: date, at: time, zone: str) -> datetime:
    """The instant, in UTC, at which the clock on the wall in `zone` shows `day` and `at`.

    Raises Invalid for a time that the clock leaps over; of one that it shows twice, the first is meant. Years beyond
    those of a working life are no dates here.
    """
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise Invalid("not_a_date", field="day")
    found = instant_of(day, at, zone)
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != datetime.combine(day, at):
        raise Invalid("time_is_leapt_over", field="time")
    return found


def instants(day: date, at: time, zone: str, series: Series) -> tuple[datetime, ...]:
    """The instants of a series that begins on `day`. Raises Invalid, with `field`, as `instant` does, and for numbers.

    A time that the clock leaps over on a later day is refused as on the first: nobody would know when to come.
    """
    for field, value, (least, most) in (
        ("every_weeks", series.every_weeks, WEEKS_APART),
        ("times", series.times, TIMES),
    ):
        if not least <= value <= most:
            raise Invalid("out_of_range", minimum=least, maximum=most, field=field)
    days = (day + timedelta(weeks=series.every_weeks * number) for number in range(series.times))
    return tuple(instant(on, at, zone) for on in days)


def attendance_of(kind: SessionKind) -> tuple[Attendance, ...]:
    """Who can have been there: of a session of one alone that one, or nobody."""
    if kind.attending is None:
        return tuple(Attendance)
    return Attendance(kind.attending.lower()), Attendance.NOBODY


def check_attendance(kind: SessionKind, attendance: Attendance) -> None:
    """Raise Invalid for somebody whom the session was not for."""
    if attendance not in attendance_of(kind):
        raise Invalid("attendance_of_others", field="attendance")


def check_times(starts_at: datetime, minutes: int, now: datetime) -> None:
    """Raise Invalid, with `field`, for a session that is long over, too far ahead, or of no sensible length."""
    shortest, longest = MINUTES
    if not shortest <= minutes <= longest:
        raise Invalid("out_of_range", minimum=shortest, maximum=longest, field="minutes")
    if starts_at < now - LONGEST_BACK:
        raise Invalid("session_in_the_past", field="day")
    if starts_at > now + LONGEST_AHEAD:
        raise Invalid("session_too_far", field="day")


def check_note(kind: NoteKind, session: SessionKind, text: str) -> str:
    """The text as it is kept; of what was agreed, each line is one agreement. Raises Invalid.

    What was agreed belongs to joint sessions alone: both partners read it, and no individual session may be told of.
    """
    if kind is NoteKind.AGREED and session is not SessionKind.JOINT:
        raise Invalid("agreed_needs_both", field="text")
    kept = "\n".join(lines_of(text)) if kind is NoteKind.AGREED else text.strip()
    longest = max(map(len, kept.splitlines()), default=0) if kind is NoteKind.AGREED else len(kept)
    maximum = MOST_IN_AGREED if kind is NoteKind.AGREED else MOST_IN_NOTE
    if not kept:
        raise Invalid("note_empty", field="text")
    if longest > maximum or len(kept) > MOST_IN_NOTE:
        raise Invalid("too_long", maximum=maximum, field="text")
    return kept


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text that say something, each with single spaces."""
    return tuple(joined for line in text.splitlines() if (joined := " ".join(line.split())))
