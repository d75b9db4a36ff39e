"""The rules of assignments: every state and act, days that are an hour off, and what comes again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.assignments import (
    Act,
    For,
    TaskState,
    after,
    check_due_on,
    due_again_on,
    due_at,
    due_before,
    fitting,
    is_left_out,
    usual_due_on,
)
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.repeats import Repeats, latest_due, next_day_after

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
MONDAY = date(2026, 11, 23)

LEADS_TO = {
    TaskState.ASSIGNED: {
        Act.START: TaskState.STARTED,
        Act.SUBMIT: TaskState.SUBMITTED,
        Act.WITHDRAW: TaskState.WITHDRAWN,
    },
    TaskState.STARTED: {
        Act.START: TaskState.STARTED,
        Act.SUBMIT: TaskState.SUBMITTED,
        Act.WITHDRAW: TaskState.WITHDRAWN,
    },
    TaskState.SUBMITTED: {Act.REVIEW: TaskState.REVIEWED, Act.CORRECT: TaskState.SUBMITTED},
    TaskState.REVIEWED: {Act.REVIEW: TaskState.REVIEWED, Act.CORRECT: TaskState.SUBMITTED},
    TaskState.WITHDRAWN: {},
}


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("act", Act)
def test_each_act_leads_from_each_state_where_it_should_or_is_not_allowed(state, act):
    if act in LEADS_TO[state]:
        assert after(state, act) is LEADS_TO[state][act]
    else:
        with pytest.raises(NotAllowed) as caught:
            after(state, act)
        assert caught.value.code == f"task_{act}_when_{state}"


@given(st.lists(st.sampled_from(Act)))
def test_what_was_sent_or_withdrawn_is_never_open_again(acts):
    state, was_closed = TaskState.ASSIGNED, False
    for act in acts:
        try:
            state = after(state, act)
        except NotAllowed:
            continue
        assert not (was_closed and state.is_open)
        was_closed = was_closed or not state.is_open


@pytest.mark.parametrize(
    ("given_to", "labels"),
    [(For.A, (Label.A,)), (For.B, (Label.B,)), (For.BOTH, tuple(Label)), (For.JOINT, tuple(Label))],
)
def test_a_joint_task_too_gives_a_form_to_each(given_to, labels):
    assert given_to.labels == labels


def test_what_needs_both_is_a_joint_task_and_goes_to_no_one_alone():
    for audience in (Audience.TOGETHER, Audience.ALONE_THEN_TOGETHER):
        assert fitting(For.BOTH, audience) is fitting(For.JOINT, audience) is For.JOINT
        for one in (For.A, For.B):
            with pytest.raises(Invalid, match="together_needs_both"):
                fitting(one, audience)


def test_what_is_done_alone_goes_to_one_or_both_and_is_no_joint_task():
    assert [fitting(one, Audience.ALONE) for one in (For.A, For.B, For.BOTH)] == [For.A, For.B, For.BOTH]
    with pytest.raises(Invalid, match="alone_is_no_joint_task"):
        fitting(For.JOINT, Audience.ALONE)


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        (date(2026, 11, 23), BERLIN, datetime(2026, 11, 23, 23, tzinfo=UTC)),
        (date(2026, 3, 28), BERLIN, datetime(2026, 3, 28, 23, tzinfo=UTC)),  # the day before the clocks go forward
        (date(2026, 3, 29), BERLIN, datetime(2026, 3, 29, 22, tzinfo=UTC)),  # 23 hours long
        (date(2026, 10, 25), BERLIN, datetime(2026, 10, 25, 23, tzinfo=UTC)),  # 25 hours long
        (date(2026, 3, 7), NEW_YORK, datetime(2026, 3, 8, 5, tzinfo=UTC)),
        (date(2026, 3, 8), NEW_YORK, datetime(2026, 3, 9, 4, tzinfo=UTC)),  # 23 hours long
        (date(2026, 11, 1), NEW_YORK, datetime(2026, 11, 2, 5, tzinfo=UTC)),  # 25 hours long
        (date(2026, 12, 31), NEW_YORK, datetime(2027, 1, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_of_the_wall_clock_whatever_its_length(day, zone, ends):
    assert due_at(day, zone) == ends


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.sampled_from([BERLIN, NEW_YORK, "Pacific/Auckland", "UTC"]))
def test_until_it_is_due_it_is_still_that_day_and_then_no_more(day, zone):
    # instants are moved in UTC: on a wall clock an hour may be missing
    ends = due_at(day, zone).astimezone(UTC)
    assert (ends - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day
    assert ends.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)


def test_the_evening_before_a_session_is_judged_where_the_practice_is():
    starts_at = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    assert due_before(starts_at, BERLIN) == date(2026, 12, 1)
    assert due_before(starts_at, NEW_YORK) == date(2026, 11, 30)


def test_the_usual_last_day_is_before_the_next_session_that_leaves_three_days():
    near, next_one = datetime(2026, 11, 26, 17, tzinfo=UTC), datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert usual_due_on([near, next_one], MONDAY, BERLIN) == date(2026, 11, 26)
    assert usual_due_on([near], MONDAY, BERLIN) == usual_due_on([], MONDAY, BERLIN) == date(2026, 11, 30)
    assert usual_due_on([datetime(2029, 1, 1, tzinfo=UTC)], MONDAY, BERLIN) == date(2026, 11, 30)


def test_a_last_day_is_today_at_the_earliest_and_a_year_away_at_most():
    check_due_on(MONDAY, MONDAY)
    check_due_on(date(2027, 11, 23), MONDAY)
    for day, code in ((date(2026, 11, 22), "due_in_the_past"), (date(2027, 11, 25), "due_too_far")):
        with pytest.raises(Invalid, match=code):
            check_due_on(day, MONDAY)


def test_what_comes_again_has_as_many_days_as_the_first_and_is_over_before_the_next():
    day, next_on = date(2026, 11, 30), date(2026, 12, 7)
    assert due_again_on(day, timedelta(days=2), next_on) == date(2026, 12, 2)
    assert due_again_on(day, timedelta(days=60), next_on) == date(2026, 12, 6)
    assert due_again_on(day, timedelta(days=60), day + timedelta(days=1)) == day
    assert due_again_on(day, timedelta(days=60), None) == date(2027, 1, 29)


def test_a_check_in_that_was_given_shortly_before_stands_in_the_place_of_the_rules():
    given_on = [MONDAY - timedelta(days=days) for days in range(6)]
    assert [is_left_out(MONDAY, MONDAY, day, None) for day in given_on] == [True] * 4 + [False] * 2
    later_in_its_place = MONDAY + timedelta(days=2)
    assert is_left_out(MONDAY, later_in_its_place, given_on[2], None)
    assert not is_left_out(MONDAY, MONDAY, None, None)


def test_a_check_in_that_is_so_late_that_the_next_is_near_waits_for_the_next():
    next_on = MONDAY + timedelta(days=7)
    late = [is_left_out(MONDAY, MONDAY + timedelta(days=days), None, next_on) for days in range(7)]
    assert late == [False] * 4 + [True] * 3


@given(weekday=st.integers(1, 7), every_weeks=st.integers(1, 3), pauses=st.lists(st.integers(1, 40), max_size=40))
def test_no_two_check_ins_of_a_rule_ever_appear_within_four_days(weekday, every_weeks, pauses):
    """However irregularly the sweep runs: neither the days they stand for, nor those on which they are issued."""
    rule = Repeats((weekday,), time(8), BERLIN, MONDAY, every_weeks=every_weeks)
    today, last, appeared = MONDAY, MONDAY, []
    for pause in pauses:
        today += timedelta(days=pause)
        firing = latest_due(rule, last, datetime.combine(today, time(12), UTC))
        if firing is None or is_left_out(firing.on, today, last, next_day_after(rule, firing.on)):
            continue
        assert firing.on.isoweekday() == weekday
        assert (firing.on - last).days >= 4
        assert not appeared or (today - appeared[-1]).days >= 4
        last = firing.on
        appeared.append(today)
