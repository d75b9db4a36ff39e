"""Working hours: so many of them on the wall of a zone, over nights, weekends, and the days the clock is changed on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.working_hours import WorkingHours, after, check, passed, working_hours

BERLIN = "Europe/Berlin"
USUAL = WorkingHours()


def wall(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T10:00", 4, "2026-11-23T14:00"),  # a Monday
        ("2026-11-23T10:00", 7, "2026-11-23T17:00"),
        ("2026-11-23T10:00", 8, "2026-11-24T10:00"),
        ("2026-11-23T06:00", 8, "2026-11-23T17:00"),  # before the door opens
        ("2026-11-23T22:00", 8, "2026-11-24T17:00"),  # after it closed
        ("2026-11-27T16:00", 2, "2026-11-30T10:00"),  # over the weekend
        ("2026-11-28T12:00", 8, "2026-11-30T17:00"),  # on a Saturday
        ("2026-11-23T10:00", 0, "2026-11-23T10:00"),
        ("2026-11-23T09:00", 40, "2026-11-27T17:00"),
    ],
)
def test_working_hours_are_counted_on_the_wall_of_the_practice(start: str, hours: int, end: str) -> None:
    assert after(wall(start), timedelta(hours=hours), USUAL, BERLIN) == wall(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-27T16:00", "2026-03-30T16:00"),  # the clock is put forward on the Sunday between
        ("2026-10-23T16:00", "2026-10-26T16:00"),  # and back
    ],
)
def test_the_wall_stays_where_it_is_over_a_changed_clock(start: str, end: str) -> None:
    assert after(wall(start), timedelta(hours=8), USUAL, BERLIN) == wall(end)


@pytest.mark.parametrize(
    ("day", "hours_on_the_wall", "hours_that_pass"),
    [("2026-03-29", 8, 7), ("2026-10-25", 8, 9), ("2026-11-22", 8, 8)],
)
def test_a_night_in_which_the_clock_changes_has_as_many_hours_as_pass(
    day: str, hours_on_the_wall: int, hours_that_pass: int
) -> None:
    nights = WorkingHours((7,), 0, hours_on_the_wall * 60)
    begins, ends = wall(f"{day}T00:00"), wall(f"{day}T0{hours_on_the_wall}:00")
    assert passed(begins, ends + timedelta(days=1), nights, BERLIN) == timedelta(hours=hours_that_pass)
    assert after(begins, timedelta(hours=hours_that_pass), nights, BERLIN) == ends


def test_the_same_instant_is_another_hour_in_another_zone() -> None:
    start = datetime(2026, 11, 23, 20, tzinfo=UTC)  # 21:00 in Berlin, 15:00 in New York
    assert after(start, timedelta(hours=1), USUAL, BERLIN) == wall("2026-11-24T10:00")
    assert after(start, timedelta(hours=1), USUAL, "America/New_York") == datetime(2026, 11, 23, 21, tzinfo=UTC)


def test_a_day_may_last_until_midnight() -> None:
    always = WorkingHours((1, 2, 3, 4, 5, 6, 7), 0, 24 * 60)
    start = wall("2026-11-23T22:00")
    assert after(start, timedelta(hours=5), always, BERLIN) == wall("2026-11-24T03:00")


def test_nothing_passes_outside_working_hours_or_backwards() -> None:
    assert passed(wall("2026-11-27T18:00"), wall("2026-11-30T08:00"), USUAL, BERLIN) == timedelta()
    assert passed(wall("2026-11-24T12:00"), wall("2026-11-24T10:00"), USUAL, BERLIN) == timedelta()


@given(
    st.integers(1_735_000_000, 1_830_000_000),
    st.integers(0, 60 * 60),
    st.lists(st.integers(1, 7), min_size=1, unique=True).map(sorted).map(tuple),
    st.integers(0, 23 * 60),
    st.integers(15, 60),
    st.sampled_from([BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_what_is_counted_forward_is_what_has_passed(
    start: int, minutes: int, days: tuple[int, ...], begins: int, lasts: int, zone: str
) -> None:
    hours, working = WorkingHours(days, begins, begins + lasts), timedelta(minutes=minutes)
    at = datetime.fromtimestamp(start, UTC)
    end = after(at, working, hours, zone)
    assert end >= at
    assert passed(at, end, hours, zone) == working


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (WorkingHours(days=()), "days"),
        (WorkingHours(days=(0, 1)), "days"),
        (WorkingHours(days=(2, 1)), "days"),
        (WorkingHours(days=(1, 1)), "days"),
        (WorkingHours(begins=600, ends=600), "ends"),
        (WorkingHours(begins=-1), "ends"),
        (WorkingHours(ends=24 * 60 + 1), "ends"),
        (WorkingHours(within=0), "within"),
        (WorkingHours(within=81), "within"),
    ],
)
def test_hours_in_which_nobody_reads_are_refused(hours: WorkingHours, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(hours)
    assert refusal.value.params["field"] == field


def test_hours_are_kept_and_found_again() -> None:
    check(USUAL)
    assert USUAL.word == "12345"
    assert working_hours(USUAL.word, USUAL.begins, USUAL.ends, USUAL.within) == USUAL
