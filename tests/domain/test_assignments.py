"""The rules of assignments: every state and act, days that are an hour off, and the weekly form."""

from datetime import UTC, date, datetime, timedelta
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
    days_to_issue,
    due_at,
    due_before,
    fitting,
    usual_due_on,
    weekly_due_on,
)
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label
from portal.domain.programme import Audience

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


def test_a_weekly_form_has_as_many_days_as_the_first_and_is_over_before_the_next():
    assert weekly_due_on(date(2026, 11, 30), MONDAY, date(2026, 11, 25)) == date(2026, 12, 2)
    assert weekly_due_on(date(2026, 11, 30), MONDAY, date(2027, 1, 25)) == date(2026, 12, 6)


def issue(today, last=MONDAY, weekday=0, starts_on=MONDAY):
    return days_to_issue(weekday=weekday, starts_on=starts_on, last_issued_on=last, today=today)


def test_a_weekly_form_comes_on_its_weekday():
    assert [issue(MONDAY + timedelta(days=days)) for days in range(7)] == [None] * 7
    assert issue(MONDAY + timedelta(days=7)) == date(2026, 11, 30)


def test_a_sweep_that_was_late_issues_the_form_of_the_day_it_missed():
    assert issue(date(2026, 12, 2)) == date(2026, 11, 30)


def test_a_sweep_that_was_so_late_that_the_next_is_near_waits_for_the_next():
    assert issue(date(2026, 12, 3)) == date(2026, 11, 30)
    assert issue(date(2026, 12, 4)) is None
    assert issue(date(2026, 12, 7)) == date(2026, 12, 7)


def test_weeks_that_were_slept_through_are_not_made_up_for():
    assert issue(date(2026, 12, 29)) == date(2026, 12, 28)


def test_nothing_is_issued_before_the_rule_starts():
    assert issue(date(2026, 11, 24), last=None, starts_on=date(2026, 11, 30)) is None


@given(
    weekday=st.integers(0, 6),
    pauses=st.lists(st.integers(1, 40), max_size=40),
)
def test_no_two_weekly_forms_ever_appear_within_four_days(weekday, pauses):
    """However irregularly the sweep runs: neither the days they stand for, nor those on which they are issued."""
    today, last, appeared = MONDAY, None, []
    for pause in pauses:
        today += timedelta(days=pause)
        day = days_to_issue(weekday=weekday, starts_on=MONDAY, last_issued_on=last, today=today)
        if day is not None:
            assert day.weekday() == weekday
            assert last is None or day - last >= timedelta(days=7)
            assert not appeared or today - appeared[-1] >= timedelta(days=4)
            last = day
            appeared.append(today)
