"""The check-in before each session: given by the clock to both alike, cut off with the brief, late ones taken."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal import clock
from portal.domain.assignments import For
from portal.domain.brief import Brief, JointBrief
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.repeats import Again
from portal.domain.safety import SignalKind
from portal.domain.session_check_ins import Ahead
from portal.domain.sessions import NoteKind, SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.sessions import Session, SessionCheckIn
from portal.output.templates import Voice, render_brief
from portal.services import (
    assignments,
    couple_states,
    endings,
    notes,
    programme,
    repeating,
    sent_forms,
    session_check_ins,
    session_prep,
    sessions,
)
from portal.services.assignments import NewAssignment
from portal.services.sessions import NewSession
from tests import factories
from tests.cast import ZONE, Cast
from tests.conftest import START, Browser, Wall
from tests.factories import Sent, week
from tests.given import assign

Open = Callable[[str | None], Browser]
VOICE = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
HOUR = START + timedelta(days=3)  # Thursday evening, 20:00 in the practice
ASKS_AT, CUT_OFF_AT = HOUR - timedelta(hours=48), HOUR - timedelta(hours=12)
CHECK_IN = "weekly-check-in"


@pytest.fixture
def couple_id(cast: Cast) -> UUID:
    return cast.couples["ana"]


@pytest.fixture
def asked(cast: Cast, couple_id: UUID) -> None:
    ask(cast, couple_id)


@pytest.fixture
def planned(cast: Cast, couple_id: UUID, asked: None) -> UUID:
    return plan(cast, couple_id, HOUR)


def plan(cast: Cast, couple_id: UUID, starts_at: datetime, kind: SessionKind = SessionKind.JOINT) -> UUID:
    return sessions.plan(cast.ines, couple_id, NewSession(kind, starts_at, 60, "Room 2"))


def check_in_of(cast: Cast) -> UUID:
    return next(entry.id for entry in programme.library(cast.ines) if entry.slug == CHECK_IN)


def ask(cast: Cast, couple_id: UUID, ahead: Ahead | None = None) -> None:
    session_check_ins.ask(cast.ines, couple_id, check_in_of(cast), ahead or Ahead())


def given_now(wall: Wall, at: datetime = ASKS_AT) -> UUID | None:
    """What the sweep gives at that time, if anything."""
    wall.to(at)
    session_check_ins.issue_due()
    return db.session.scalars(select(Assignment.id).where(Assignment.ends_at.is_not(None))).one_or_none()


def times(session_id: UUID) -> tuple[datetime | None, datetime | None]:
    return tuple(db.session.execute(select(Session.asks_at, Session.cut_off_at).where(Session.id == session_id)).one())


def ends(assignment_id: UUID) -> set[datetime]:
    return set(db.session.scalars(select(Task.due_at).where(Task.assignment_id == assignment_id)))


def printed(brief: Brief | JointBrief) -> str:
    return render_brief(brief, VOICE, site_name="Portal")


# --- when it comes -------------------------------------------------------------------------------------------------


def test_both_are_given_it_once_its_time_has_come_and_it_ends_at_the_cut_off(planned: UUID, wall: Wall) -> None:
    assert given_now(wall, ASKS_AT - timedelta(seconds=1)) is None
    assignment_id = given_now(wall)
    assert assignment_id is not None
    assert session_check_ins.issue_due() == 0
    assert ends(assignment_id) == {CUT_OFF_AT}
    found = db.session.scalars(select(Assignment)).one()
    assert (found.given_to, found.session_id, found.due_on) == (For.BOTH, planned, date(2026, 11, 26))


def test_nothing_comes_after_the_cut_off_or_for_a_session_of_one_alone_or_one_that_was_called_off(
    cast: Cast, couple_id: UUID, planned: UUID, wall: Wall
) -> None:
    alone = plan(cast, couple_id, HOUR, SessionKind.INDIVIDUAL_A)
    assert times(alone) == (None, None)
    off = plan(cast, couple_id, HOUR + timedelta(days=14))
    sessions.cancel(cast.ines, off)
    assert given_now(wall, CUT_OFF_AT) is None
    assert given_now(wall, HOUR + timedelta(days=13)) is None


def test_it_stands_in_the_place_of_that_weeks_and_leaves_the_other_weeks_alone(
    cast: Cast, couple_id: UUID, asked: None, wall: Wall
) -> None:
    with clock.reading(lambda: START - timedelta(days=13)):  # a Tuesday; then each Tuesday
        assign(cast, CHECK_IN, again=Again((2,)), due_on=date(2026, 11, 15))
    plan(cast, couple_id, HOUR)
    for days in range(1, 10):
        wall.to(START.replace(hour=19) + timedelta(days=days))
        session_check_ins.issue_due()
        repeating.issue_due()
    rows = db.session.execute(select(Assignment.assigned_on, Assignment.ends_at).order_by(Assignment.assigned_on))
    assert [(on, ends_at is not None) for on, ends_at in rows] == [
        (date(2026, 11, 10), False),
        (date(2026, 11, 24), True),
        (date(2026, 12, 1), False),
    ]


def test_one_that_was_given_in_the_same_week_counts_and_none_is_added(cast: Cast, planned: UUID, wall: Wall) -> None:
    assign(cast, CHECK_IN)
    assert given_now(wall) is None
    assert given_now(wall, CUT_OFF_AT - timedelta(minutes=1)) is None


def test_one_that_counted_goes_on_counting_over_midnight(cast: Cast, couple_id: UUID, asked: None, wall: Wall) -> None:
    """Given on a Friday; asked on Sunday evening for Tuesday evening: four days later a new week has begun."""
    wall.to(START + timedelta(days=4))
    assign(cast, CHECK_IN, due_on=date(2026, 12, 4))
    plan(cast, couple_id, START + timedelta(days=8, hours=1))
    assert given_now(wall, START + timedelta(days=6, hours=1)) is None
    assert given_now(wall, START + timedelta(days=7, hours=6)) is None


def test_what_one_is_given_alone_keeps_nothing_from_the_other(cast: Cast, planned: UUID, wall: Wall) -> None:
    assign(cast, CHECK_IN, given_to=For.A)
    assignment_id = given_now(wall)
    people = db.session.scalars(select(Task.person_id).where(Task.assignment_id == assignment_id)).all()
    assert people == [cast.ben.person_id]


def test_another_check_in_of_the_practice_counts_too(cast: Cast, planned: UUID, wall: Wall) -> None:
    other = factories.another_check_in(cast.ines)
    assignments.assign(cast.ines, cast.couples["ana"], NewAssignment(other, For.BOTH, date(2026, 11, 30)))
    assert given_now(wall) is None


def test_a_session_planned_late_in_the_evening_asks_for_nothing_by_night(
    cast: Cast, couple_id: UUID, asked: None, wall: Wall
) -> None:
    tonight = plan(cast, couple_id, START + timedelta(hours=14))
    assert times(tonight) == (None, None)


def test_it_goes_on_in_the_words_that_were_written_for_the_couple(
    cast: Cast, couple_id: UUID, asked: None, wall: Wall
) -> None:
    rewording = assignments.Rewording(title="Our week")
    with clock.reading(lambda: START - timedelta(days=13)):
        assign(cast, CHECK_IN, rewording=rewording, due_on=date(2026, 11, 15))
    plan(cast, couple_id, HOUR)
    assignment_id = given_now(wall)
    assert assignment_id is not None
    assert assignments.assignment(cast.ines, assignment_id).line.title == "Our week"


def test_after_a_closing_check_in_it_goes_on_in_the_words_of_every_week(
    cast: Cast, couple_id: UUID, asked: None, wall: Wall
) -> None:
    with clock.reading(lambda: START - timedelta(days=13)):
        endings.give(cast.ines, couple_id, endings.AtEnd.CLOSING)
    plan(cast, couple_id, HOUR)
    assignment_id = given_now(wall)
    assert assignment_id is not None
    assert assignments.assignment(cast.ines, assignment_id).line.title == "Weekly check-in"


def test_nothing_comes_while_the_work_rests(cast: Cast, couple_id: UUID, planned: UUID, wall: Wall) -> None:
    couple_states.act(cast.ines, couple_id, CoupleAct.PAUSE)
    assert given_now(wall) is None


# --- where the session goes ----------------------------------------------------------------------------------------


def test_a_moved_session_takes_it_along_for_whoever_has_it_open(cast: Cast, planned: UUID, wall: Wall) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    factories.sent(cast.ana, assignment_id, wall.now, week(5))
    later = HOUR + timedelta(days=1)
    assert sessions.move(cast.ines, planned, later, 60, "Room 2") == 1
    assert times(planned) == (later - timedelta(hours=48), later - timedelta(hours=12))
    assert ends(assignment_id) == {CUT_OFF_AT, later - timedelta(hours=12)}
    assert given_now(wall, later - timedelta(hours=13)) == assignment_id  # and no second one


def test_a_brief_that_was_cut_off_goes_on_where_its_session_is_moved_away(
    cast: Cast, planned: UUID, wall: Wall
) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    factories.sent(cast.ana, assignment_id, wall.now, week(5, t1="He made tea."))
    assert "made tea" not in printed(session_prep.coach_brief(cast.ines, planned))
    sessions.move(cast.ines, planned, HOUR + timedelta(days=7), 60, "Room 2")
    assert "made tea" in printed(session_prep.coach_brief(cast.ines, planned))


def test_a_session_that_is_moved_too_near_is_cut_off_as_it_begins(cast: Cast, planned: UUID, wall: Wall) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    soon = ASKS_AT + timedelta(hours=3)
    sessions.move(cast.ines, planned, soon, 60, "Room 2")
    assert times(planned) == (None, None)
    assert ends(assignment_id) == {soon}


def test_another_room_changes_nothing_of_what_was_cut_off(cast: Cast, planned: UUID, wall: Wall) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    factories.sent(cast.ana, assignment_id, wall.now, week(5, t1="He made tea."))
    assert sessions.move(cast.ines, planned, HOUR, 75, "Room 9") == 0
    assert times(planned) == (ASKS_AT, CUT_OFF_AT)
    assert ends(assignment_id) == {CUT_OFF_AT}
    assert "made tea" not in printed(session_prep.coach_brief(cast.ines, planned))


def test_an_hour_later_on_the_day_leaves_a_cut_off_that_is_over(cast: Cast, planned: UUID, wall: Wall) -> None:
    given_now(wall)
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    sessions.move(cast.ines, planned, HOUR + timedelta(hours=1), 60, "Room 2")
    assert times(planned) == (ASKS_AT, CUT_OFF_AT)


def test_a_session_that_moves_to_another_week_leaves_its_check_in_behind_and_is_asked_for_one_anew(
    cast: Cast, planned: UUID, wall: Wall
) -> None:
    first = given_now(wall)
    assert first is not None
    later = HOUR + timedelta(days=14)
    assert sessions.move(cast.ines, planned, later, 60, "Room 2") == 0
    assert ends(first) == {CUT_OFF_AT}
    wall.to(later - timedelta(hours=48))
    assert session_check_ins.issue_due() == 1
    assert len(db.session.scalars(select(Assignment)).all()) == 2


def test_a_check_in_that_was_taken_back_keeps_no_weekly_one_back(
    cast: Cast, couple_id: UUID, asked: None, wall: Wall
) -> None:
    with clock.reading(lambda: START - timedelta(days=13)):
        assign(cast, CHECK_IN, again=Again((4,)), due_on=date(2026, 11, 15))  # on Thursdays
    plan(cast, couple_id, HOUR + timedelta(days=1))
    assignment_id = given_now(wall, ASKS_AT + timedelta(days=1))
    assert assignment_id is not None
    assignments.withdraw(cast.ines, assignment_id)
    wall.to(HOUR)
    assert repeating.issue_due() == 1


def test_when_the_work_has_ended_nothing_is_asked_for_even_once_it_goes_on(
    cast: Cast, couple_id: UUID, planned: UUID
) -> None:
    couple_states.act(cast.ines, couple_id, CoupleAct.CLOSE)
    assert db.session.scalars(select(SessionCheckIn)).all() == []


def test_other_hours_hold_for_sessions_that_were_not_asked_for_yet(
    cast: Cast, couple_id: UUID, planned: UUID, wall: Wall
) -> None:
    given_now(wall)
    after = plan(cast, couple_id, HOUR + timedelta(days=14))
    ask(cast, couple_id, Ahead(24, 6))
    assert times(planned) == (ASKS_AT, CUT_OFF_AT)
    assert times(after) == (HOUR + timedelta(days=13), HOUR + timedelta(days=14, hours=-6))
    session_check_ins.ask_no_more(cast.ines, couple_id)
    session_check_ins.ask_no_more(cast.ines, couple_id)
    assert times(planned) == (ASKS_AT, CUT_OFF_AT)
    assert times(after) == (None, None)
    assert times(plan(cast, couple_id, HOUR + timedelta(days=21))) == (None, None)


# --- the brief -----------------------------------------------------------------------------------------------------


def test_the_brief_stands_from_the_cut_off_on_and_the_screen_says_what_came_in_since(
    cast: Cast, couple_id: UUID, planned: UUID, wall: Wall
) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    factories.sent(cast.ana, assignment_id, ASKS_AT + timedelta(hours=2), week(5, t1="He made tea."))
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    before = session_prep.screen(cast.ines, planned)
    assert (before.cut_off_at, before.came_later) == (CUT_OFF_AT, ())
    wall.forward(hours=1)
    late = factories.sent(cast.ben, assignment_id, wall.now, week(2, t2="Too late for this one"))
    after = session_prep.screen(cast.ines, planned)
    assert "Too late" not in printed(after.brief)
    assert (after.brief.wants, after.brief.trend) == (before.brief.wants, before.brief.trend)
    assert "late_answers" in after.brief.left_out
    assert [(one.response_id, one.name, one.at) for one in after.came_later] == [(late, "Ben", wall.now)]
    assert sent_forms.one(cast.ines, late).is_late
    assert [form.is_late for form in sent_forms.of_couple(cast.ines, couple_id)] == [False, True]


def test_what_came_late_stands_in_the_next_brief(cast: Cast, couple_id: UUID, planned: UUID, wall: Wall) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    following = plan(cast, couple_id, HOUR + timedelta(days=14))
    factories.sent(cast.ben, assignment_id, CUT_OFF_AT + timedelta(hours=1), week(2, t2="Late, and not lost"))
    wall.to(HOUR + timedelta(days=1))
    assert "not lost" not in printed(session_prep.coach_brief(cast.ines, planned))
    assert "not lost" in printed(session_prep.coach_brief(cast.ines, following))


def test_what_the_coach_writes_after_the_cut_off_stands_in_the_brief(cast: Cast, planned: UUID, wall: Wall) -> None:
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    notes.write(cast.ines, planned, NoteKind.REMINDER, "Begin with the walk")
    assert session_prep.coach_brief(cast.ines, planned).last_time.reminders == ("Begin with the walk",)


def test_a_flag_of_a_late_form_stands_before_the_door_with_the_safe_way_of_that_form(
    cast: Cast, couple_id: UUID, planned: UUID, wall: Wall
) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    late = factories.sent(cast.ana, assignment_id, wall.now, week(5, x4="By text, at noon"))
    factories.signal(cast.ana, couple_id, late, SignalKind.FLAG)
    assert [flag.safe_way for flag in session_prep.screen(cast.ines, planned).strip.flags] == ["By text, at noon"]


@pytest.mark.parametrize("at", [10, 18, 19])
def test_what_both_sent_by_the_cut_off_stands_in_the_joint_copy_once_it_has_opened(
    cast: Cast, couple_id: UUID, asked: None, wall: Wall, at: int
) -> None:
    """It opens at 08:00, which may be after the cut-off; on paper made before that it does not stand."""
    hour, evening = (datetime(2026, 11, day, on, tzinfo=ZoneInfo(ZONE)) for day, on in ((26, at), (25, 20)))
    session_id = plan(cast, couple_id, hour)
    assignment_id = given_now(wall, hour - timedelta(hours=48))
    assert assignment_id is not None
    for viewer, text in ((cast.ana, "You made tea."), (cast.ben, "And you the beds.")):
        factories.sent(viewer, assignment_id, evening, week(5, t1=text))
    wall.to(datetime(2026, 11, 26, 7, 59, tzinfo=ZoneInfo(ZONE)))
    assert "You made tea." not in printed(session_prep.joint_brief(cast.ines, session_id))
    wall.to(datetime(2026, 11, 26, 8, 0, tzinfo=ZoneInfo(ZONE)))
    copy = printed(session_prep.joint_brief(cast.ines, session_id))
    assert "You made tea." in copy
    assert "And you the beds." in copy
    following = plan(cast, couple_id, hour + timedelta(days=14))
    wall.to(hour + timedelta(days=1))
    assert "You made tea." not in printed(session_prep.joint_brief(cast.ines, following))


def test_thanks_opened_in_one_session_are_not_said_again_in_the_next_and_late_ones_are(
    cast: Cast, couple_id: UUID, planned: UUID, wall: Wall
) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    for viewer, at, text in (
        (cast.ana, ASKS_AT + timedelta(hours=1), "You made tea."),
        (cast.ben, CUT_OFF_AT + timedelta(hours=1), "And you the beds."),
    ):
        factories.sent(viewer, assignment_id, at, Sent({"t1": text}, {"t1": Disclosure.SESSION}))
    wall.to(CUT_OFF_AT + timedelta(hours=2))
    session_prep.open_in_session(cast.ines, planned)
    wall.to(HOUR)
    copy = printed(session_prep.joint_brief(cast.ines, planned))
    assert "You made tea." in copy
    assert "the beds" not in copy
    wall.to(HOUR + timedelta(days=1))
    following = plan(cast, couple_id, HOUR + timedelta(days=14))
    copy = printed(session_prep.joint_brief(cast.ines, following))
    assert "You made tea." not in copy
    assert "And you the beds." in copy


def test_what_came_late_for_a_session_that_was_opened_before_opens_in_the_next(
    cast: Cast, couple_id: UUID, planned: UUID, wall: Wall
) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    session_prep.open_in_session(cast.ines, planned)
    thanks = Sent({"t1": "And you the beds."}, {"t1": Disclosure.SESSION})
    factories.sent(cast.ben, assignment_id, CUT_OFF_AT + timedelta(hours=1), thanks)
    wall.to(HOUR + timedelta(days=1))
    following = plan(cast, couple_id, HOUR + timedelta(days=14))
    session_prep.open_in_session(cast.ines, following)
    assert "the beds" in printed(session_prep.joint_brief(cast.ines, following))


def test_without_a_rule_the_brief_is_open_until_the_session_begins(cast: Cast, couple_id: UUID, wall: Wall) -> None:
    session_id = factories.session(couple_id, HOUR, state=SessionState.PLANNED)
    wall.to(HOUR - timedelta(minutes=1))
    assert session_prep.screen(cast.ines, session_id).cut_off_at is None


# --- who may, and what it says -------------------------------------------------------------------------------------


def test_nobody_but_the_couples_coach_sets_it(cast: Cast, couple_id: UUID) -> None:
    for stranger in (cast.omar, cast.sol, cast.ana, cast.ben):
        for act in (
            lambda who: session_check_ins.page(who, couple_id),
            lambda who: session_check_ins.ask(who, couple_id, check_in_of(cast), Ahead()),
            lambda who: session_check_ins.ask_no_more(who, couple_id),
        ):
            with pytest.raises(NotFound):
                act(stranger)


def test_an_exercise_is_no_check_in(cast: Cast, couple_id: UUID) -> None:
    exercise = next(entry.id for entry in programme.library(cast.ines) if entry.slug != CHECK_IN)
    with pytest.raises(Invalid):
        session_check_ins.ask(cast.ines, couple_id, exercise, Ahead())


def test_the_coach_sets_it_on_a_page_of_its_own(cast: Cast, couple_id: UUID, browser: Open, wall: Wall) -> None:
    ines = browser("ines")
    address = f"/coach/couples/{couple_id}/before-sessions"
    form = {"check_in": str(check_in_of(cast)), "opens": "48", "ends": "12"}
    assert 'value="48"' in ines.get(address).text
    refused = ines.post(address, {**form, "ends": "40"})
    assert refused.status_code == 422
    assert "Leave 12 hours at least between the two" in refused.text
    kept = ines.post(address, form)
    assert "It comes by itself before each session of both." in ines.get(kept.location).text
    session_id = plan(cast, couple_id, HOUR)
    page = ines.get(f"/coach/sessions/{session_id}").text
    assert "Its check-in opens on Tuesday 24 November, 20:00." in page
    assert "The brief is cut off on Thursday 26 November, 08:00." in page
    given_now(wall)
    ines = browser("ines")  # a day later the session of before is over
    page = ines.get(f"/coach/sessions/{session_id}").text
    assert "Its check-in" not in page  # another one may stand in its place
    assert "The brief is cut off on Thursday 26 November, 08:00." in page
    ines.post(address, {"act": "end"})
    assert "Ask no more" not in ines.get(address).text


def test_a_partner_reads_until_when_to_the_minute_and_the_coach_that_it_came_late(
    cast: Cast, planned: UUID, browser: Open, wall: Wall
) -> None:
    assignment_id = given_now(wall)
    assert assignment_id is not None
    assert "Thursday 26 November, 08:00" in browser("ana").get("/my/").text
    wall.to(CUT_OFF_AT + timedelta(hours=1))
    late = factories.sent(cast.ben, assignment_id, wall.now, week(2))
    ines = browser("ines")
    brief = ines.get(f"/coach/sessions/{planned}/brief").text
    assert "Cut off on Thursday 26 November, 08:00" in brief
    assert f"/coach/responses/{late}" in brief
    assert ", late" in ines.get(f"/coach/responses/{late}").text
    assert ", late" in ines.get(f"/coach/assignments/{assignment_id}").text
