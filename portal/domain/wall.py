"""What the clock on a wall shows, and the instant that it stands for; and the days of a week as they are kept."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = range(1, 8)  # Monday is 1, as in ISO 8601
_A_SECOND = timedelta(seconds=1)


def are_weekdays(days: Sequence[int]) -> bool:
    """Whether these are days of a week, at least one, each once and in order."""
    return bool(days) and all(day in WEEK for day in days) and list(days) == sorted(set(days))


def instant_of(day: date, at: time, zone: str) -> datetime:
    """The instant in UTC at which the wall of `zone` first shows this time of this day.

    Where the clock leaps over it, the first instant after the leap: later on the wall, and perhaps on the next day.
    """
    wall = ZoneInfo(zone)
    meant = datetime.combine(day, at, wall).replace(fold=0)
    found = meant.astimezone(UTC)
    if found.astimezone(wall).replace(tzinfo=None) == meant.replace(tzinfo=None):
        return found
    return _end_of_leap(meant.replace(fold=1).astimezone(UTC), found, wall)


def _end_of_leap(before: datetime, after: datetime, wall: ZoneInfo) -> datetime:
    """The second between two instants at which the clock is put forward, found by halving."""
    before = before.replace(microsecond=0)
    old = before.astimezone(wall).utcoffset()
    while after - before > _A_SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(wall).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
