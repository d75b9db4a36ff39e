"""The weeks of a trend: how many are looked back on, and what happened in each beside what was answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_WEEKS = 260  # five years: more is a file of its own


class Period(StrEnum):
    """How far back one looks."""

    TWELVE_WEEKS = "12"
    HALF_A_YEAR = "26"
    ALL = "all"

    def weeks(self, since_first: int) -> int:
        """How many weeks that is where the first check-in came in so many weeks ago."""
        if self is Period.ALL:
            return max(Period.TWELVE_WEEKS.weeks(0), min(since_first + 1, MOST_WEEKS))
        return int(self)


@dataclass(frozen=True, slots=True)
class Given:
    """A piece of homework: the day it was given, its title, and the slug of the step that it belongs to."""

    on: date
    title: str
    step: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in one week: numbers of the sessions of both, slugs of steps begun, titles of homework given."""

    sessions: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()
    homework: tuple[str, ...] = ()


def by_week(
    mondays: Sequence[date], sessions: Iterable[tuple[date, int]], homework: Iterable[Given]
) -> tuple[Happened, ...]:
    """For each of these weeks what happened in it. A step begins with the first homework of it that is given.

    Which step a couple is at can be set at any time, and to and fro: what they were given says what they worked on.
    `homework` is all there was, from before these weeks too.
    """
    given = sorted(homework, key=lambda one: (one.on, one.title))
    firsts: dict[str, date] = {}
    for one in given:
        if one.step:
            firsts.setdefault(one.step, monday_of(one.on))
    met = sorted((number, monday_of(on)) for on, number in sessions)
    return tuple(
        Happened(
            tuple(number for number, week in met if week == monday),
            tuple(step for step, week in firsts.items() if week == monday),
            tuple(one.title for one in given if monday_of(one.on) == monday),
        )
        for monday in mondays
    )


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
