"""When a practice works, and how soon it reads: the promise that partners are told, and by which its mails go out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.domain.errors import Invalid
from portal.domain.wall import are_weekdays

DAY = 24 * 60  # minutes
LONGEST_WITHIN = 80  # working hours: two usual weeks


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Weekdays (1 is Monday), from and until in minutes after midnight, and within how many working hours one reads.

    The wall is that of the practice's zone, which is given to each question: it may be set anew.
    """

    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    begins: int = 9 * 60
    ends: int = 17 * 60
    within: int = 8

    @property
    def word(self) -> str:
        """The days as they are kept: "12345"."""
        return "".join(map(str, self.days))


def working_hours(word: str, begins: int, ends: int, within: int) -> WorkingHours:
    """Working hours as they are kept."""
    return WorkingHours(tuple(map(int, word)), begins, ends, within)


def check(hours: WorkingHours) -> None:
    """Raise Invalid, with `field`, for hours in which nobody could ever read."""
    if not are_weekdays(hours.days):
        raise Invalid("no_working_day", field="days")
    if not 0 <= hours.begins < hours.ends <= DAY:
        raise Invalid("ends_before_it_begins", field="ends")
    if not 1 <= hours.within <= LONGEST_WITHIN:
        raise Invalid("within_out_of_range", field="within", maximum=LONGEST_WITHIN)


def after(start: datetime, working: timedelta, hours: WorkingHours, zone: str) -> datetime:
    """The instant at which so much working time has passed since `start`; its last moment, not the next morning's."""
    left = working
    for begins, ends in _stretches(start, hours, zone):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    raise AssertionError  # the stretches never end


def passed(start: datetime, until: datetime, hours: WorkingHours, zone: str) -> timedelta:
    """How much working time lies between two instants."""
    found = timedelta()
    for begins, ends in _stretches(start, hours, zone):
        if begins >= until:
            return found
        found += min(ends, until) - begins
    raise AssertionError


def _stretches(start: datetime, hours: WorkingHours, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The working time from `start` on, a day at a time, as instants in UTC: so that an hour lasts an hour.

    On the day on which the clock is put forward or back, a stretch across that moment is an hour shorter or longer.
    """
    day = start.astimezone(ZoneInfo(zone)).date()
    while True:
        if day.isoweekday() in hours.days:
            begins, ends = (_at(day, minutes, zone) for minutes in (hours.begins, hours.ends))
            begins = max(begins, start.astimezone(UTC))
            if ends > begins:  # what the clock leaps over is no working time
                yield begins, ends
        day += timedelta(days=1)


def _at(day: date, minutes: int, zone: str) -> datetime:
    """A time on the wall of that day; midnight at its end is the next day's."""
    whole, rest = divmod(minutes, DAY)
    wall = datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60), ZoneInfo(zone))
    return wall.astimezone(UTC)
