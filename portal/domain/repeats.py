"""Repeat rules: on which weekdays something comes again, at what time on whose wall, how often and until when.

A rule fires once on each of its days. A time that the clock leaps over on such a day is the first instant after the
leap, one that comes twice is the first of the two, and a day that was never on that wall has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.domain.errors import Invalid
from portal.domain.wall import WEEK, are_weekdays, instant_of

DAYS = len(WEEK)
USUAL_TIME = time(8)
FEWEST_TIMES, MOST_TIMES = 2, 366  # of something that comes again, what is given first counted
MOST_WEEKS = 26
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 12, 31)  # days that have another before and behind them
_SIDE = timedelta(days=2)  # further than any wall is from UTC, and any leap of the clock long


@dataclass(frozen=True, slots=True)
class Repeats:
    """Weekdays (1 is Monday), a whole minute on the wall of `zone`, the first day it may fire on, and when it ends.

    It ends after so many `times` or with the day `until`; with neither it goes on until somebody ends it. Of
    `every_weeks` weeks it takes one, and the first of them is the week in which it fires first.
    """

    weekdays: tuple[int, ...]
    at: time
    zone: str
    starts_on: date
    times: int | None = None
    until: date | None = None
    every_weeks: int = 1

    @property
    def word(self) -> str:
        """The weekdays as they are kept: "14"."""
        return "".join(map(str, self.weekdays))

    @property
    def times_in_all(self) -> int | None:
        """How often it comes, with what was given on the first day, which may be none of the weekdays."""
        return self.times and self.times + (self.starts_on.isoweekday() not in self.weekdays)


@dataclass(frozen=True, slots=True)
class Again:
    """How what is given today comes again: on these weekdays (none named: on today's), at this time on the wall.

    It comes so many `times` in all, what is given today counted, or up to the day `until`, or until somebody ends it.
    """

    weekdays: tuple[int, ...] = ()
    at: time = USUAL_TIME
    every_weeks: int = 1
    times: int | None = None
    until: date | None = None

    def rule(self, today: date, zone: str) -> Repeats:
        """The rule that carries on from `today`. Raises Invalid, with `field`, where nothing would come after it."""
        weekdays, times = self.weekdays or (today.isoweekday(),), self.times
        if times is not None:
            if not FEWEST_TIMES <= times <= MOST_TIMES:
                raise Invalid("times_out_of_range", field="times", minimum=FEWEST_TIMES, maximum=MOST_TIMES)
            times -= today.isoweekday() not in weekdays  # the rule counts its own days alone
        found = Repeats(weekdays, self.at, zone, today, times, self.until, self.every_weeks)
        check(found)
        if next_day_after(found, today) is None:
            raise Invalid("never_comes", field="until")
        return found


@dataclass(frozen=True, slots=True)
class Firing:
    """One time that a rule fires: the day it stands for, the instant in UTC, and its number, counted from 1.

    The day tells two firings of a rule apart, whatever was done to the clock between them.
    """

    on: date
    at: datetime
    number: int


def check(rule: Repeats) -> None:
    """Raise Invalid, with `field`, for a rule that cannot be kept, or that would never fire."""
    _check_days(rule)
    _check_wall(rule)
    _check_end(rule)
    if next(_firings(rule), None) is None:
        raise Invalid("never_comes", field="until")


def firings(rule: Repeats, since: datetime, until: datetime) -> tuple[Firing, ...]:
    """What fires after `since` and up to `until`, both aware; the earliest first, nothing where they are turned round.

    Windows that meet share nothing and lose nothing: what fires at the very instant belongs to the one that ends there.
    """
    near_enough = takewhile(lambda firing: firing.at <= until, _firings(rule, _day(since)))
    return tuple(firing for firing in near_enough if firing.at > since)


def next_after(rule: Repeats, instant: datetime) -> Firing | None:
    """The first firing after an instant, or None where the rule has ended by then."""
    return next((firing for firing in _firings(rule, _day(instant)) if firing.at > instant), None)


def next_day_after(rule: Repeats, day: date) -> date | None:
    """The first of its days after this one, or None where the rule has ended by then."""
    return next((firing.on for firing in _firings(rule, day) if firing.on > day), None)


def latest_due(rule: Repeats, last_on: date | None, now: datetime) -> Firing | None:
    """What should stand by `now` and does not yet: the latest firing for a day after `last_on`, or None.

    What was slept through is not made up for, and yet counted.
    """
    since = datetime.combine(rule.starts_on if last_on is None else last_on, time(), UTC) - _SIDE
    found = [firing for firing in firings(rule, since, now) if last_on is None or firing.on > last_on]
    return found[-1] if found else None


def fewest_days_apart(rule: Repeats) -> int:
    """How many days lie between the two of its days that are nearest to each other, were it never to end."""
    across_weeks = DAYS * rule.every_weeks - (rule.weekdays[-1] - rule.weekdays[0])
    return min([across_weeks, *(later - earlier for earlier, later in pairwise(rule.weekdays))])


def _is_on_the_wall(day: date, zone: str) -> bool:
    """Whether the zone has this day at all: where the date line was moved, one is missing."""
    return instant_of(day, time(), zone).astimezone(ZoneInfo(zone)).date() == day


def _firings(rule: Repeats, near: date = FIRST_DAY) -> Iterator[Firing]:
    """What the rule fires, in order, from somewhat before the day `near` on; all are counted from the first."""
    number = 0
    for day in _days(rule):
        if not _is_on_the_wall(day, rule.zone):
            continue
        number += 1
        if rule.times is not None and number > rule.times:
            return
        if day >= near:
            yield Firing(day, instant_of(day, rule.at, rule.zone), number)


def _days(rule: Repeats) -> Iterator[date]:
    """The days of the rule in its calendar, up to its last day."""
    last = LAST_DAY if rule.until is None else min(rule.until, LAST_DAY)
    first = min(_on_or_after(rule.starts_on, weekday) for weekday in rule.weekdays)
    monday = first - timedelta(days=first.isoweekday() - 1)
    for weeks in count(0, rule.every_weeks):
        for weekday in rule.weekdays:
            day = monday + timedelta(weeks=weeks, days=weekday - 1)
            if day > last:
                return
            if day >= first:
                yield day


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.isoweekday()) % DAYS)


def _day(instant: datetime) -> date:
    """A day before which nothing fires after this instant, whatever the zone."""
    return instant.astimezone(UTC).date() - _SIDE


def _check_days(rule: Repeats) -> None:
    if not are_weekdays(rule.weekdays):
        raise Invalid("no_such_weekdays", field="weekdays")
    if not 1 <= rule.every_weeks <= MOST_WEEKS:
        raise Invalid("every_weeks_out_of_range", field="every_weeks", maximum=MOST_WEEKS)
    if not FIRST_DAY <= rule.starts_on <= LAST_DAY:
        raise Invalid("day_out_of_range", field="starts_on")


def _check_wall(rule: Repeats) -> None:
    if rule.at.tzinfo is not None or rule.at.second or rule.at.microsecond or rule.at.fold:
        raise Invalid("no_whole_minute", field="at")
    try:
        ZoneInfo(rule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a path, or the name of a folder of zones
        raise Invalid("no_such_zone", field="zone") from None


def _check_end(rule: Repeats) -> None:
    if rule.times is not None and rule.until is not None:
        raise Invalid("ends_twice", field="until")
    if rule.times is not None and not 1 <= rule.times <= MOST_TIMES:
        raise Invalid("times_out_of_range", field="times", maximum=MOST_TIMES)
    if rule.until is not None and rule.until < rule.starts_on:
        raise Invalid("ends_before_it_starts", field="until")
