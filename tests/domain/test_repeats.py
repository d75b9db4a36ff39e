"""Repeat rules: once on each of their days, whatever is done to the clock and however the time line is cut."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.repeats import (
    Again,
    Firing,
    Repeats,
    check,
    fewest_days_apart,
    firings,
    latest_due,
    next_after,
    next_day_after,
)
from portal.domain.wall import instant_of

BERLIN, APIA = "Europe/Berlin", "Pacific/Apia"
ZONES = (
    BERLIN,
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    APIA,
    "Pacific/Chatham",
    "Asia/Kathmandu",
)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MONDAY = date(2026, 11, 23)
FROM, TO = date(2005, 1, 1), date(2045, 1, 1)
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def rule(weekdays=(1,), at="20:00", zone=BERLIN, starts_on=MONDAY, **more) -> Repeats:
    return Repeats(weekdays, time.fromisoformat(at), zone, starts_on, **more)


def days_of(found) -> list[date]:
    return [firing.on for firing in found]


def wall(found: Firing, zone: str) -> str:
    return found.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@cache
def days_of_change(zone: str) -> tuple[date, ...]:
    """Days on which the clock was or will be changed, found by looking at it each noon; none where it never is."""
    noons = [midnight(FROM) + n * A_DAY + A_DAY / 2 for n in range((TO - FROM).days)]
    walls = [noon.astimezone(ZoneInfo(zone)) for noon in noons]
    return tuple(later.date() for earlier, later in pairwise(walls) if later.utcoffset() != earlier.utcoffset())


@cache
def minutes_on_the_wall(zone: str, day: date) -> tuple[tuple[time, datetime], ...]:
    """Every minute of a local day, by walking through it and reading the wall, in the order in which they pass."""
    start = midnight(day) - A_DAY
    walked = (start + n * A_MINUTE for n in range(3 * 24 * 60))
    read = ((instant, instant.astimezone(ZoneInfo(zone))) for instant in walked)
    return tuple((shown.time(), instant) for instant, shown in read if shown.date() == day)


def by_walking(of: Repeats, day: date) -> datetime | None:
    """The first minute of the day on which the wall shows the time or has passed it; None for no such day."""
    return next((instant for shown, instant in minutes_on_the_wall(of.zone, day) if shown >= of.at), None)


@st.composite
def rules(draw, zones=ZONES):
    """Rules that never end, many of them begun within days of a change of the clock."""
    zone = draw(st.sampled_from(zones))
    near = draw(st.sampled_from(days_of_change(zone))) if days_of_change(zone) else date(2026, 3, 29)
    start = draw(st.dates(FROM, TO) | st.integers(0, 5).map(lambda days: near - timedelta(days=days)))
    weekdays = draw(st.sets(st.integers(1, 7), min_size=1).map(sorted).map(tuple) | st.just(EVERY_DAY))
    at = draw(st.times() | st.sampled_from([time(0), time(0, 30), time(1, 30), time(2, 30), time(3), time(23, 59)]))
    return Repeats(weekdays, at.replace(second=0, microsecond=0), zone, start)


@settings(max_examples=250)
@given(rules())
@example(Repeats(EVERY_DAY, time(2, 30), BERLIN, date(2026, 3, 27)))
@example(Repeats(EVERY_DAY, time(2, 30), BERLIN, date(2026, 10, 23)))
@example(Repeats(EVERY_DAY, time(0, 30), "America/Santiago", date(2026, 9, 4)))
@example(Repeats(EVERY_DAY, time(23, 30), "America/St_Johns", date(2010, 11, 5)))
@example(Repeats(EVERY_DAY, time(2, 15), "Australia/Lord_Howe", date(2026, 10, 2)))
@example(Repeats(EVERY_DAY, time(10), APIA, date(2011, 12, 28)))
def test_a_rule_fires_exactly_once_on_each_of_its_days_as_the_wall_shows_them(found_rule):
    last = found_rule.starts_on + timedelta(days=7)
    walked = [
        (day, by_walking(found_rule, day))
        for day in (found_rule.starts_on + timedelta(days=n) for n in range(8))
        if day.isoweekday() in found_rule.weekdays and minutes_on_the_wall(found_rule.zone, day)
    ]
    found = firings(found_rule, midnight(found_rule.starts_on) - 2 * A_DAY, midnight(last) + 3 * A_DAY)
    assert [(firing.on, firing.at) for firing in found if firing.on <= last] == walked
    on_the_wall = [firing.at.astimezone(ZoneInfo(found_rule.zone)).date() for firing in found]
    assert on_the_wall == days_of(found)
    assert len(set(on_the_wall)) == len(on_the_wall)


@given(rules(), st.lists(st.integers(1, 20 * 24 * 60), max_size=12), st.integers(1, 4), st.integers(1, 20) | st.none())
def test_however_the_time_line_is_cut_nothing_fires_twice_and_nothing_is_lost(found_rule, pieces, weeks, times):
    cut = Repeats(
        found_rule.weekdays, found_rule.at, found_rule.zone, found_rule.starts_on, times=times, every_weeks=weeks
    )
    edges = [midnight(cut.starts_on) - 2 * A_DAY]
    for minutes in pieces:
        edges.append(edges[-1] + minutes * A_MINUTE)
    together = [firing for since, until in pairwise(edges) for firing in firings(cut, since, until)]
    assert together == list(firings(cut, edges[0], edges[-1]))
    assert [firing.number for firing in together] == list(range(1, len(together) + 1))
    assert all(later.at > earlier.at for earlier, later in pairwise(together))


@given(rules(), st.integers(0, 40))
def test_a_window_may_end_at_the_very_instant_and_the_next_begin_there(found_rule, place):
    start = midnight(found_rule.starts_on) - 2 * A_DAY
    all_ = firings(found_rule, start, start + timedelta(days=60))
    edge = all_[place % len(all_)].at
    assert firings(found_rule, start, edge)[-1].at == edge
    assert all(firing.at > edge for firing in firings(found_rule, edge, start + timedelta(days=60)))


@given(rules(), st.integers(1, 12))
def test_from_one_to_the_next_is_the_same_way_as_all_at_once(found_rule, times):
    counted = Repeats(found_rule.weekdays, found_rule.at, found_rule.zone, found_rule.starts_on, times=times)
    instant, found = midnight(counted.starts_on) - 2 * A_DAY, []
    while (firing := next_after(counted, instant)) is not None:
        found.append(firing)
        instant = firing.at
    assert tuple(found) == firings(counted, midnight(counted.starts_on) - 2 * A_DAY, midnight(date(2100, 1, 1)))
    assert len(found) == times


@pytest.mark.parametrize("zone", ZONES)
def test_each_zone_fires_once_a_day_over_all_changes_of_its_clock_in_forty_years(zone):
    daily = rule(EVERY_DAY, "02:30", zone, FROM)
    found = firings(daily, midnight(FROM) - 2 * A_DAY, midnight(TO) + 2 * A_DAY)
    at_home = [firing.at.astimezone(ZoneInfo(zone)).date() for firing in found]
    missing = {date(2011, 12, 30)} if zone == APIA else set()
    expected = [day for n in range((TO - FROM).days) if (day := FROM + timedelta(days=n)) not in missing]
    assert at_home[: len(expected)] == expected


def test_most_of_the_zones_change_their_clocks_and_one_does_not():
    assert [zone for zone in ZONES if not days_of_change(zone)] == ["Asia/Kathmandu"]


@pytest.mark.parametrize(
    ("zone", "day", "at", "shown", "instant"),
    [
        (BERLIN, "2026-03-29", "02:30", "03:00", "2026-03-29T01:00"),  # leapt over: the first instant after it
        (BERLIN, "2026-03-29", "02:00", "03:00", "2026-03-29T01:00"),
        (BERLIN, "2026-03-29", "03:00", "03:00", "2026-03-29T01:00"),
        (BERLIN, "2026-03-29", "01:59", "01:59", "2026-03-29T00:59"),
        (BERLIN, "2026-10-25", "02:30", "02:30", "2026-10-25T00:30"),  # comes twice: the first of the two
        ("America/Santiago", "2026-09-06", "00:30", "01:00", "2026-09-06T04:00"),  # at midnight
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "02:30", "2026-10-03T15:30"),  # by half an hour
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "01:45", "2026-04-04T14:45"),
        ("Pacific/Chatham", "2026-09-27", "03:00", "03:45", "2026-09-26T14:00"),
        ("America/St_Johns", "2010-11-06", "23:30", "23:30", "2010-11-07T02:00"),  # back over midnight
        ("Asia/Kathmandu", "2026-11-23", "20:00", "20:00", "2026-11-23T14:15"),
    ],
)
def test_what_the_clock_leaps_over_fires_right_after_and_what_comes_twice_at_the_first(zone, day, at, shown, instant):
    daily = rule(EVERY_DAY, at, zone, date.fromisoformat(day))
    found = next_after(daily, midnight(daily.starts_on) - 2 * A_DAY)
    assert found == Firing(daily.starts_on, datetime.fromisoformat(instant).replace(tzinfo=UTC), 1)
    assert wall(found, zone) == f"{day} {shown}"


def test_a_leap_over_midnight_ends_on_the_next_day():
    found = instant_of(date(1919, 3, 30), time(23, 45), "America/Toronto")
    assert wall(Firing(date(1919, 3, 30), found, 1), "America/Toronto") == "1919-03-31 00:30"


def test_a_day_that_was_never_on_the_wall_has_no_firing_and_is_not_counted():
    fridays = rule((5,), "10:00", APIA, date(2011, 12, 16), times=3)
    found = firings(fridays, midnight(fridays.starts_on) - 2 * A_DAY, midnight(date(2012, 3, 1)))
    assert days_of(found) == [date(2011, 12, 16), date(2011, 12, 23), date(2012, 1, 6)]
    assert instant_of(date(2011, 12, 30), time(10), APIA) == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_a_weekly_rule_stays_at_its_time_on_the_wall_over_a_changed_clock():
    sundays = rule((7,), starts_on=date(2026, 3, 22), times=2)
    found = firings(sundays, midnight(date(2026, 3, 1)), midnight(date(2027, 1, 1)))
    assert [wall(firing, BERLIN) for firing in found] == ["2026-03-22 20:00", "2026-03-29 20:00"]
    assert found[1].at - found[0].at == timedelta(days=7, hours=-1)


def test_it_ends_after_so_many_times_or_with_a_day_that_still_counts():
    ahead = (midnight(MONDAY), midnight(date(2028, 1, 1)))
    assert len(firings(rule((1, 4), times=5), *ahead)) == 5
    assert days_of(firings(rule((1, 4), until=date(2026, 11, 30)), *ahead)) == [
        MONDAY,
        date(2026, 11, 26),
        date(2026, 11, 30),
    ]
    assert next_after(rule(times=1), midnight(date(2026, 12, 1))) is None


def test_every_other_week_is_counted_from_the_week_in_which_it_comes_first():
    ahead = (midnight(MONDAY), midnight(date(2026, 12, 25)))
    begun_on_a_wednesday = rule((1,), starts_on=date(2026, 11, 25), every_weeks=2)
    assert days_of(firings(begun_on_a_wednesday, *ahead)) == [date(2026, 11, 30), date(2026, 12, 14)]
    twice = rule((1, 5), starts_on=date(2026, 11, 25), every_weeks=2)
    assert days_of(firings(twice, *ahead)) == [
        date(2026, 11, 27),
        date(2026, 12, 7),
        date(2026, 12, 11),
        date(2026, 12, 21),
    ]


def test_a_window_that_is_turned_round_or_empty_holds_nothing():
    at = datetime(2026, 11, 23, 19, tzinfo=UTC)
    assert firings(rule(), at, at) == firings(rule(), at, at - A_DAY) == ()
    assert days_of(firings(rule(), at - A_MINUTE, at)) == [MONDAY]


def test_what_was_slept_through_is_not_made_up_for_and_yet_counted():
    six_times = rule(times=6)
    assert latest_due(six_times, None, datetime(2026, 11, 23, 18, 59, tzinfo=UTC)) is None
    assert latest_due(six_times, None, datetime(2026, 11, 23, 19, tzinfo=UTC)) == next_after(
        six_times, midnight(MONDAY)
    )
    late = latest_due(six_times, MONDAY, datetime(2026, 12, 17, tzinfo=UTC))
    assert (late.on, late.number) == (date(2026, 12, 14), 4)
    assert latest_due(six_times, late.on, datetime(2026, 12, 17, tzinfo=UTC)) is None
    assert latest_due(six_times, date(2026, 12, 28), midnight(date(2028, 1, 1))) is None


@given(rules(), st.lists(st.integers(1, 5_000), max_size=30), st.integers(1, 6) | st.none())
def test_however_irregularly_somebody_looks_each_day_is_due_once_at_most_and_the_latest_always(
    found_rule, pauses, times
):
    looked = replace(found_rule, times=times)
    start = now = midnight(looked.starts_on) - 2 * A_DAY
    last, due = None, []
    for pause in pauses:
        now += pause * A_MINUTE
        found = latest_due(looked, last, now)
        if found is not None:
            last = found.on
            due.append(found)
        over = firings(looked, start, now)
        assert due[-1:] == list(over[-1:])
    assert len({firing.on for firing in due}) == len(due)


@pytest.mark.parametrize(
    ("weekdays", "every_weeks", "days"),
    [((1,), 1, 7), ((1,), 3, 21), ((1, 4), 1, 3), ((1, 4), 2, 3), ((1, 7), 1, 1), ((1, 7), 2, 6), (EVERY_DAY, 1, 1)],
)
def test_how_near_two_of_its_days_can_be_is_known_beforehand(weekdays, every_weeks, days):
    assert fewest_days_apart(rule(weekdays, every_weeks=every_weeks)) == days


@given(rules(), st.integers(1, 3))
def test_no_two_firings_are_nearer_than_was_said(found_rule, weeks):
    found_rule = Repeats(found_rule.weekdays, found_rule.at, found_rule.zone, found_rule.starts_on, every_weeks=weeks)
    start = midnight(found_rule.starts_on) - 2 * A_DAY
    days = days_of(firings(found_rule, start, start + timedelta(days=70)))
    assert all((later - earlier).days >= fewest_days_apart(found_rule) for earlier, later in pairwise(days))


NEVER_ON_THE_WALL = {"weekdays": (5,), "zone": APIA, "starts_on": date(2011, 12, 30), "until": date(2011, 12, 31)}


@pytest.mark.parametrize(
    ("broken", "code", "field"),
    [
        ({"weekdays": ()}, "no_such_weekdays", "weekdays"),
        ({"weekdays": (0, 1)}, "no_such_weekdays", "weekdays"),
        ({"weekdays": (8,)}, "no_such_weekdays", "weekdays"),
        ({"weekdays": (2, 1)}, "no_such_weekdays", "weekdays"),
        ({"weekdays": (1, 1)}, "no_such_weekdays", "weekdays"),
        ({"at": "20:00:01"}, "no_whole_minute", "at"),
        ({"at": "20:00+01:00"}, "no_whole_minute", "at"),
        ({"zone": "Europe/Nowhere"}, "no_such_zone", "zone"),
        ({"zone": "Europe"}, "no_such_zone", "zone"),
        ({"zone": "../etc/passwd"}, "no_such_zone", "zone"),
        ({"zone": ""}, "no_such_zone", "zone"),
        ({"starts_on": date(1919, 3, 30)}, "day_out_of_range", "starts_on"),
        ({"every_weeks": 0}, "every_weeks_out_of_range", "every_weeks"),
        ({"every_weeks": 27}, "every_weeks_out_of_range", "every_weeks"),
        ({"times": 0}, "times_out_of_range", "times"),
        ({"times": 367}, "times_out_of_range", "times"),
        ({"times": 2, "until": date(2027, 1, 1)}, "ends_twice", "until"),
        ({"until": date(2026, 11, 22)}, "ends_before_it_starts", "until"),
        ({"weekdays": (2,), "until": MONDAY}, "never_comes", "until"),
        (NEVER_ON_THE_WALL, "never_comes", "until"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_field(broken, code, field):
    with pytest.raises(Invalid, match=code) as refusal:
        check(rule(**broken))
    assert refusal.value.params["field"] == field


def test_weekdays_are_kept_as_a_word():
    check(rule((1, 4), times=6))
    assert rule((1, 4)).word == "14"


def test_what_is_given_today_comes_again_on_this_weekday_unless_told():
    assert Again().rule(MONDAY, BERLIN) == rule(at="08:00")
    asked = Again((1, 4), time(20), 2, None, date(2026, 12, 31))
    assert asked.rule(MONDAY, BERLIN) == rule((1, 4), until=date(2026, 12, 31), every_weeks=2)


def test_what_is_given_today_counts_as_one_of_so_many_times():
    ahead = (midnight(MONDAY), midnight(date(2028, 1, 1)))
    on_its_day = Again((1,), times=3).rule(MONDAY, BERLIN)
    assert days_of(firings(on_its_day, *ahead)) == [MONDAY, date(2026, 11, 30), date(2026, 12, 7)]
    between = Again((4,), times=3).rule(MONDAY, BERLIN)
    assert days_of(firings(between, *ahead)) == [date(2026, 11, 26), date(2026, 12, 3)]


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (Again(times=1), "times_out_of_range", "times"),
        (Again(times=367), "times_out_of_range", "times"),
        (Again(times=2, until=date(2027, 1, 1)), "ends_twice", "until"),
        (Again((8,)), "no_such_weekdays", "weekdays"),
        (Again(every_weeks=0), "every_weeks_out_of_range", "every_weeks"),
        (Again(until=MONDAY), "never_comes", "until"),
        (Again(until=date(2026, 11, 29)), "never_comes", "until"),
        (Again((2,), until=MONDAY), "never_comes", "until"),
    ],
)
def test_what_would_not_come_again_is_refused_with_its_field(asked, code, field):
    with pytest.raises(Invalid, match=code) as refusal:
        asked.rule(MONDAY, BERLIN)
    assert refusal.value.params["field"] == field


def test_the_next_of_its_days_is_known_until_it_has_ended():
    twice = rule((1, 4), times=2)
    assert next_day_after(twice, MONDAY) == date(2026, 11, 26)
    assert next_day_after(twice, date(2026, 11, 26)) is None
