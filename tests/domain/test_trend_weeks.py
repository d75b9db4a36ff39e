"""The weeks of a trend: how far back, and what happened in each of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.trend_weeks import MOST_WEEKS, Given, Happened, Period, by_week, monday_of

MONDAYS = tuple(date(2026, 11, 2) + timedelta(weeks=n) for n in range(4))
FLOOR, LOG = "One holds the floor", "Repair log"


@pytest.mark.parametrize(
    ("period", "since_first", "weeks"),
    [
        (Period.TWELVE_WEEKS, 90, 12),
        (Period.HALF_A_YEAR, 3, 26),
        (Period.ALL, 0, 12),
        (Period.ALL, 11, 12),
        (Period.ALL, 12, 13),
        (Period.ALL, 103, 104),
        (Period.ALL, 2_000, MOST_WEEKS),
    ],
)
def test_a_period_is_so_many_weeks_and_all_begins_with_the_first_check_in(
    period: Period, since_first: int, weeks: int
) -> None:
    assert period.weeks(since_first) == weeks


def test_a_session_stands_in_its_week_with_its_number() -> None:
    happened = by_week(MONDAYS, [(date(2026, 11, 15), 4), (date(2026, 11, 16), 5), (date(2026, 10, 30), 3)], [])
    assert [one.sessions for one in happened] == [(), (4,), (5,), ()]


def test_a_step_begins_with_its_first_homework_and_only_once() -> None:
    homework = [
        Given(date(2026, 11, 18), LOG, "repair"),
        Given(date(2026, 11, 4), FLOOR, "active_listening"),
        Given(date(2026, 11, 25), LOG, "repair"),
    ]
    happened = by_week(MONDAYS, [], homework)
    assert [one.steps for one in happened] == [("active_listening",), (), ("repair",), ()]
    assert [one.homework for one in happened] == [(FLOOR,), (), (LOG,), (LOG,)]


def test_a_step_that_began_before_these_weeks_does_not_begin_in_them() -> None:
    homework = [Given(date(2026, 9, 4), FLOOR, "active_listening"), Given(date(2026, 11, 4), FLOOR, "active_listening")]
    assert by_week(MONDAYS, [], homework)[0] == Happened(homework=(FLOOR,))


def test_homework_of_no_step_begins_none() -> None:
    assert by_week(MONDAYS, [], [Given(date(2026, 11, 4), FLOOR, None)])[0].steps == ()


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_week_begins_on_monday(day: date) -> None:
    assert monday_of(day).weekday() == 0
    assert timedelta(0) <= day - monday_of(day) < timedelta(days=7)
