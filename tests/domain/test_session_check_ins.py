"""When the check-in of a session is asked, when its brief is cut off, and which one stands in whose place."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.domain.errors import Invalid
from portal.domain.session_check_ins import Ahead, Times, after_move, check, stands_in_place

NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)


def test_it_is_asked_and_cut_off_so_many_hours_before() -> None:
    times = Ahead(48, 12).times(NOON, NOON - timedelta(days=5))
    assert times == Times(datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 3, 0, tzinfo=UTC))


def test_a_session_that_is_planned_when_no_evening_is_left_is_asked_for_nothing() -> None:
    ahead, cut_off_at = Ahead(48, 12), NOON - timedelta(hours=12)
    assert ahead.times(NOON, cut_off_at - timedelta(hours=12)).cut_off_at == cut_off_at
    assert ahead.times(NOON, cut_off_at - timedelta(hours=12) + timedelta(seconds=1)) == Times()


def test_a_cut_off_that_is_over_stays_unless_there_is_time_to_cut_off_anew() -> None:
    now, over = NOON - timedelta(hours=6), Times(NOON - timedelta(hours=48), NOON - timedelta(hours=12))
    anew = Times(NOON, NOON + timedelta(hours=36))
    assert after_move(over, Times(), NOON + timedelta(hours=2), now) == over
    assert after_move(over, anew, NOON + timedelta(hours=48), now) == anew
    assert after_move(over, Times(), NOON, NOON - timedelta(hours=13)) == Times()  # it lay ahead still
    assert after_move(Times(), Times(), NOON, now) == Times()


@pytest.mark.parametrize(
    ("ahead", "field"),
    [
        (Ahead(11, 1), "opens"),
        (Ahead(169, 12), "opens"),
        (Ahead(48, 0), "ends"),
        (Ahead(168, 73), "ends"),
        (Ahead(24, 13), "opens"),
    ],
)
def test_hours_that_leave_no_evening_are_refused(ahead: Ahead, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(ahead)
    assert caught.value.params["field"] == field


def test_hours_that_leave_an_evening_are_taken() -> None:
    for ahead in (Ahead(), Ahead(24, 12), Ahead(168, 72), Ahead(13, 1)):
        check(ahead)


@pytest.mark.parametrize(
    ("given_on", "day", "is_in_place"),
    [
        (date(2026, 11, 30), date(2026, 12, 6), True),  # Monday and Sunday of one week
        (date(2026, 12, 6), date(2026, 11, 30), True),
        (date(2026, 12, 6), date(2026, 12, 9), True),  # of two weeks, and three days apart
        (date(2026, 12, 6), date(2026, 12, 10), False),
        (date(2026, 12, 31), date(2027, 1, 3), True),  # one week over the end of the year
        (date(2026, 12, 28), date(2027, 1, 4), False),
    ],
)
def test_one_stands_in_the_place_of_another_in_its_week_and_within_four_days(
    given_on: date, day: date, is_in_place: bool
) -> None:
    assert stands_in_place(given_on, day) is is_in_place
