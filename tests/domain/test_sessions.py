"""Appointments: what makes a session's number, which times there are, and what may happen to a session."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID

import pytest

from portal.domain import sessions
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.sessions import Appointment, NoteKind, SessionAct, SessionKind, SessionState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def appointment(
    place: int, days: int, kind: SessionKind = SessionKind.JOINT, state: SessionState = SessionState.PLANNED
) -> Appointment:
    return Appointment(UUID(int=place), kind, state, NOON + timedelta(days=days))


def test_joint_sessions_alone_make_the_number() -> None:
    first, alone, called_off, second = all_ = [
        appointment(1, 0, state=SessionState.HELD),
        appointment(2, 3, SessionKind.INDIVIDUAL_B),
        appointment(3, 5, state=SessionState.CANCELLED),
        appointment(4, 7),
    ]
    assert [sessions.number_of(found, all_) for found in (first, alone, second)] == [1, 1, 2]
    assert sessions.number_of(called_off, all_) == 2


def test_a_brief_never_ends_before_the_session_before_it() -> None:
    first, second = appointment(1, 0), appointment(4, 2)
    early = replace(second, cut_off_at=NOON - timedelta(days=1))
    assert sessions.brief_until(early, [first, early]) == first.starts_at
    later = replace(second, cut_off_at=NOON + timedelta(days=1))
    assert sessions.brief_until(later, [first, later]) == later.cut_off_at
    assert sessions.brief_until(first, [first, later]) == first.starts_at


def test_a_private_session_changes_neither_number_nor_period_of_the_joint_ones() -> None:
    first, second = appointment(1, 0), appointment(4, 7)
    alone = appointment(2, 3, SessionKind.INDIVIDUAL_A)
    assert sessions.previous_joint(second, [first, second]) == first
    assert sessions.previous_joint(second, [first, alone, second]) == first
    assert sessions.previous_joint(first, [first, alone, second]) is None


def test_a_time_on_the_wall_becomes_an_instant() -> None:
    assert sessions.instant(date(2026, 11, 24), time(18), BERLIN) == datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert sessions.instant(date(2026, 7, 24), time(18), BERLIN) == datetime(2026, 7, 24, 16, tzinfo=UTC)


def test_a_time_that_the_clock_leaps_over_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        sessions.instant(date(2027, 3, 28), time(2, 30), BERLIN)
    assert (refusal.value.code, refusal.value.params["field"]) == ("time_is_leapt_over", "time")
    assert sessions.instant(date(2027, 3, 28), time(3), BERLIN) == datetime(2027, 3, 28, 1, tzinfo=UTC)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_beyond_all_calendars_is_refused(day: date) -> None:
    with pytest.raises(Invalid, match="not_a_date"):
        sessions.instant(day, time(0), BERLIN)


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    assert sessions.instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_at", "minutes", "field"),
    [
        (NOON - timedelta(days=2), 60, "day"),
        (NOON + timedelta(days=367), 60, "day"),
        (NOON, 4, "minutes"),
        (NOON, 481, "minutes"),
    ],
)
def test_a_session_needs_a_sensible_time_and_length(starts_at: datetime, minutes: int, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        sessions.check_times(starts_at, minutes, NOON)
    assert refusal.value.params["field"] == field


def test_a_session_of_this_morning_may_still_be_put_down() -> None:
    sessions.check_times(NOON - timedelta(hours=8), 5, NOON)
    sessions.check_times(NOON + timedelta(days=366), 480, NOON)


ALLOWED = {
    ("planned", "move"): "planned",
    ("planned", "hold"): "held",
    ("planned", "cancel"): "cancelled",
    ("held", "hold"): "held",
    ("cancelled", "cancel"): "cancelled",
}


@pytest.mark.parametrize(("state", "act"), list(product(SessionState, SessionAct)))
def test_what_is_over_is_not_moved(state: SessionState, act: SessionAct) -> None:
    if (state, act) in ALLOWED:
        assert sessions.after(state, act) == ALLOWED[state, act]
    else:
        with pytest.raises(NotAllowed):
            sessions.after(state, act)


def test_what_was_agreed_are_lines_of_a_joint_session() -> None:
    kept = sessions.check_note(NoteKind.AGREED, SessionKind.JOINT, " Ten  minutes, on Sundays. \r\n\n A walk.")
    assert kept == "Ten minutes, on Sundays.\nA walk."
    for alone in (SessionKind.INDIVIDUAL_A, SessionKind.INDIVIDUAL_B):
        with pytest.raises(Invalid, match="agreed_needs_both"):
            sessions.check_note(NoteKind.AGREED, alone, "Ten minutes")


@pytest.mark.parametrize("kind", NoteKind)
def test_a_note_says_something_and_is_not_a_letter(kind: NoteKind) -> None:
    for text, code in (("  \n", "note_empty"), ("x" * 1_001, "too_long")):
        with pytest.raises(Invalid, match=code):
            sessions.check_note(kind, SessionKind.JOINT, text)
    assert sessions.check_note(kind, SessionKind.JOINT, " x\n") == "x"


def test_the_one_who_comes_alone_is_named_by_the_kind() -> None:
    assert [kind.attending for kind in SessionKind] == [None, "A", "B"]


def test_a_series_keeps_its_time_on_the_wall_over_a_change_of_the_clock() -> None:
    found = sessions.instants(date(2026, 10, 19), time(18), BERLIN, sessions.Series(every_weeks=1, times=2))
    assert [at.isoformat() for at in found] == ["2026-10-19T16:00:00+00:00", "2026-10-26T17:00:00+00:00"]


def test_a_series_that_meets_an_hour_that_is_leapt_over_is_refused() -> None:
    with pytest.raises(Invalid, match="time_is_leapt_over"):
        sessions.instants(date(2027, 3, 14), time(2, 30), BERLIN, sessions.Series(every_weeks=2, times=2))


@pytest.mark.parametrize(
    ("series", "field"),
    [
        (sessions.Series(every_weeks=0, times=2), "every_weeks"),
        (sessions.Series(every_weeks=9, times=2), "every_weeks"),
        (sessions.Series(every_weeks=1, times=0), "times"),
        (sessions.Series(every_weeks=1, times=27), "times"),
    ],
)
def test_a_series_has_sensible_numbers(series: sessions.Series, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        sessions.instants(date(2026, 11, 24), time(18), BERLIN, series)
    assert refused.value.params["field"] == field


@pytest.mark.parametrize("who", [sessions.Attendance.A, sessions.Attendance.NOBODY])
def test_an_hour_to_which_not_both_came_begins_no_period_and_keeps_its_number(who: sessions.Attendance) -> None:
    first, missed, third = appointment(1, 0), replace(appointment(2, 7), attendance=who), appointment(3, 14)
    all_ = [first, missed, third]
    assert sessions.previous_joint(third, all_) == first
    assert [sessions.number_of(one, all_) for one in all_] == [1, 2, 3]
