"""The brief: two copies from one past, and nothing that one partner kept private in the copy that lies on the table."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.domain.assignments import For
from portal.domain.brief import Brief, JointBrief
from portal.domain.brief_choices import Copy
from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.people import Label
from portal.domain.safety import SignalKind
from portal.domain.session_facts import Progress
from portal.domain.sessions import NoteKind, SessionKind, SessionState
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.output.templates import Voice, preview_brief, render_brief
from portal.services import notes, printing, session_prep, sessions
from tests import factories
from tests.cast import ZONE, Cast
from tests.conftest import START, Browser, Wall
from tests.factories import Sent, week
from tests.many import counted
from tests.tenants import with_the_practice_said

SECRET = "I am thinking of leaving, and Ben must not know"
VOICE = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
TOMORROW = START + timedelta(days=1)
LAST = START - timedelta(days=13)


def printed(brief: Brief | JointBrief) -> str:
    return render_brief(brief, VOICE, site_name="Portal")


def joint(cast: Cast, session_id: UUID) -> str:
    return printed(session_prep.joint_brief(cast.ines, session_id))


@pytest.fixture
def couple_id(cast: Cast) -> UUID:
    return cast.couples["ana"]


@pytest.fixture
def tomorrow(couple_id: UUID) -> UUID:
    factories.session(couple_id, LAST, state=SessionState.HELD)
    return factories.session(couple_id, TOMORROW)


def homework(cast: Cast, couple_id: UUID, days_ago: int = 6) -> UUID:
    return factories.given(couple_id, "one-holds-the-floor", START - timedelta(days=days_ago), For.JOINT)


# --- the coach copy ------------------------------------------------------------------------------------------------


def test_the_coach_copy_holds_what_both_wrote_since_the_last_session(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    at = START - timedelta(days=2)
    factories.check_in(
        cast.viewers,
        couple_id,
        at,
        ana=week(6, t1="He made tea.", t2=SECRET),
        ben=week(4, t1=None, t2="To be heard", x1="no"),
    )
    given = homework(cast, couple_id)
    factories.sent(
        cast.ana,
        given,
        START - timedelta(days=1),
        Sent(
            {
                "done": "partly",
                "barrier": "time",
                "felt_heard": 8,
                "understood": "That he listens",
                "private_line": "No",
            }
        ),
    )
    brief = session_prep.coach_brief(cast.ines, tomorrow)
    assert [side.name for side in brief.header.sides] == ["Ben", "Ana"]
    assert brief.header.number == 2
    assert {said.side.name: said.text for said in brief.wants} == {"Ana": SECRET, "Ben": "To be heard"}
    assert {said.side.name: said.text for said in brief.glad_of} == {"Ana": "He made tea.", "Ben": None}
    row = brief.homework[0]
    bens, anas = row.accounts
    assert (anas.progress, anas.barrier, anas.quote) == (Progress.PARTLY, "No time", "That he listens")
    assert [(n.label, n.value) for n in anas.numbers] == [("How heard did I feel?", 8)]
    assert bens.asked
    assert bens.progress is None
    assert row.why.startswith("Slow a talk down")
    assert brief.trend is not None
    assert SECRET in printed(brief)


def test_the_coach_copy_says_of_a_quote_whether_it_is_open_yet(cast: Cast, couple_id: UUID, tomorrow: UUID) -> None:
    given = homework(cast, couple_id)
    factories.sent(cast.ana, given, START - timedelta(days=3), Sent({"understood": "That he listens"}))
    assert [a.is_open for a in session_prep.coach_brief(cast.ines, tomorrow).homework[0].accounts] == [False, False]
    factories.sent(cast.ben, given, START - timedelta(days=2), Sent({"felt_heard": 4}))
    assert [a.is_open for a in session_prep.coach_brief(cast.ines, tomorrow).homework[0].accounts] == [False, True]


def test_every_reading_of_the_coach_copy_goes_on_record(cast: Cast, tomorrow: UUID) -> None:
    session_prep.coach_brief(cast.ines, tomorrow)
    session_prep.screen(cast.ines, tomorrow)
    events = db.session.execute(
        select(AuditEvent.actor_id, AuditEvent.subject_id).where(AuditEvent.event == "brief:read")
    )
    assert events.all() == [(cast.ines.person_id, tomorrow)] * 2


def test_nobody_but_the_couples_coach_reads_a_brief(cast: Cast, tomorrow: UUID) -> None:
    for stranger in (cast.omar, cast.sol, cast.ana, cast.ben, cast.eva):
        for read in (session_prep.coach_brief, session_prep.joint_brief, session_prep.open_in_session):
            with pytest.raises(NotFound):
                read(stranger, tomorrow)


def test_without_any_data_there_is_a_brief_of_either_kind(cast: Cast) -> None:
    only = factories.session(cast.couples["gil"], TOMORROW)
    brief = session_prep.coach_brief(cast.ines, only)
    assert (brief.header.number, brief.header.last_met, brief.trend, brief.homework) == (1, None, None, ())
    assert brief.next_step is not None
    assert "Gil" in printed(brief)
    assert "Gil" in joint(cast, only)


def test_data_of_one_partner_alone_is_told_without_a_reason_for_the_other(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    for weeks in range(6):
        factories.check_in(cast.viewers, couple_id, START - timedelta(days=5 + 7 * weeks), ana=week(5), ben=None)
    brief = session_prep.coach_brief(cast.ines, tomorrow)
    assert brief.header.unanswered == (2, 0)
    assert brief.trend is not None
    assert "Ben" in printed(brief)
    assert session_prep.joint_brief(cast.ines, tomorrow).trend is None


def test_a_past_brief_is_frozen_at_the_start_of_its_session(
    cast: Cast, couple_id: UUID, tomorrow: UUID, wall: Wall
) -> None:
    given = factories.given(couple_id, factories.CHECK_IN, START - timedelta(days=4), days=3)
    factories.sent(cast.ana, given, START - timedelta(hours=1), week(5, t2="Before"))
    notes.write(cast.ines, tomorrow, NoteKind.REMINDER, "Ask for the key")
    wall.to(TOMORROW)
    before = session_prep.coach_brief(cast.ines, tomorrow)
    wall.forward(hours=2)
    factories.sent(cast.ben, given, wall.now, week(1, t2="Too late"))
    notes.close_thread(cast.ines, notes.reminders(cast.ines, couple_id)[0].note_id)
    notes.write(cast.ines, tomorrow, NoteKind.AGREED, "Agreed in this very hour")
    after = session_prep.coach_brief(cast.ines, tomorrow)
    assert "Too late" not in printed(after)
    assert (after.last_time, after.wants, after.trend) == (before.last_time, before.wants, before.trend)
    assert "late_answers" in after.left_out
    assert after.header.cut_off == TOMORROW


def test_a_copy_of_unchanged_data_stays_the_same_whenever_it_is_asked_for_until_answers_close(
    cast: Cast, couple_id: UUID, tomorrow: UUID, wall: Wall
) -> None:
    """It is dated by its session, never by the clock; until then it says that more may come."""
    given = factories.given(couple_id, factories.CHECK_IN, START - timedelta(days=4), days=3)
    factories.sent(cast.ana, given, START - timedelta(hours=1), week(5, t2="Before"))
    copies = []
    for _ in range(3):
        copies.append((printed(session_prep.coach_brief(cast.ines, tomorrow)), joint(cast, tomorrow)))
        wall.forward(hours=1)
    assert len(set(copies)) == 1
    assert all("Answers so far. Open until Tuesday 24 November 2026, 20:00." in copy for copy in copies[0])
    wall.to(TOMORROW)
    assert "Answers up to Tuesday 24 November 2026, 20:00." in joint(cast, tomorrow)


def test_notes_stand_on_the_next_brief_and_only_what_was_agreed_on_the_joint_copy(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    last = next(line for line in sessions.past(cast.ines) if line.starts_at == LAST)
    notes.write(cast.ines, last.session_id, NoteKind.AGREED, "Ten minutes on Sunday.\nA walk.")
    notes.write(cast.ines, last.session_id, NoteKind.THREAD, "The holiday")
    with clock.reading(lambda: LAST - timedelta(days=1)):
        notes.write(cast.ines, last.session_id, NoteKind.REMINDER, "Of the time before")
    notes.write(cast.ines, tomorrow, NoteKind.REMINDER, "Begin on time")
    told = session_prep.coach_brief(cast.ines, tomorrow).last_time
    assert (told.agreed, told.threads, told.reminders) == (
        ("Ten minutes on Sunday.", "A walk."),
        ("The holiday",),
        ("Begin on time",),
    )
    both = session_prep.joint_brief(cast.ines, tomorrow).last_time
    assert (both.agreed, both.threads, both.reminders) == (("Ten minutes on Sunday.", "A walk."), (), ())


def test_what_is_on_the_agenda_carries_over_from_brief_to_brief_until_it_is_settled(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    earlier = next(line for line in sessions.past(cast.ines) if line.starts_at == LAST)
    with clock.reading(lambda: LAST - timedelta(days=30)):
        note_id = notes.write(cast.ines, earlier.session_id, NoteKind.AGENDA, "Who calls her mother")
    assert session_prep.coach_brief(cast.ines, tomorrow).last_time.agenda == ("Who calls her mother",)
    assert "her mother" not in printed(session_prep.joint_brief(cast.ines, tomorrow))
    notes.close_thread(cast.ines, note_id)
    assert session_prep.coach_brief(cast.ines, tomorrow).last_time.agenda == ()


def test_the_screen_names_no_way_to_somebody_who_asked_not_to_be_contacted(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    for days, raw in ((9, {"x3": "soon", "x4": "Call at work"}), (2, {"x1": "yes", "x3": "please_do_not"})):
        sent = factories.check_in(cast.viewers, couple_id, START - timedelta(days=days), ana=week(5, **raw))
    factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.FLAG)
    (flag,) = session_prep.screen(cast.ines, tomorrow).strip.flags
    assert flag.must_not_contact
    assert "Do not contact Ana." in shown_on_screen(cast, tomorrow)
    assert "Call at work" not in shown_on_screen(cast, tomorrow)


def shown_on_screen(cast: Cast, session_id: UUID) -> str:
    """The coach copy as the coach's screen shows it."""
    shown = session_prep.screen(cast.ines, session_id)
    return str(preview_brief(shown.brief, VOICE, strip=shown.strip))


def test_a_practice_may_have_flags_on_its_own_paper_and_nobody_else_has(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    sent = factories.check_in(
        cast.viewers, couple_id, START - timedelta(days=2), ana=week(5, x1="yes", x4="Call at work")
    )
    factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.FLAG)
    as_line = printed(session_prep.coach_brief(cast.ines, tomorrow))
    joint = printed(session_prep.joint_brief(cast.ines, tomorrow))
    printing.choose(cast.ines, prints_strip=True)
    for paper in (session_prep.coach_brief(cast.ines, tomorrow), session_prep.to_print(tomorrow, Copy.COACH)[0]):
        assert "Open flag from Ana" in printed(paper)
        assert "Call at work" in printed(paper)
    assert printed(session_prep.joint_brief(cast.ines, tomorrow)) == joint
    assert "flag" not in printed(session_prep.for_operator(tomorrow, joint=False)).lower()
    printing.choose(cast.ines, prints_strip=False)
    assert printed(session_prep.coach_brief(cast.ines, tomorrow)) == as_line


def test_flags_stand_on_the_screen_and_in_no_paper(cast: Cast, couple_id: UUID, tomorrow: UUID) -> None:
    before = session_prep.coach_brief(cast.ines, tomorrow)
    sent = factories.check_in(
        cast.viewers, couple_id, START - timedelta(days=2), ana=week(5, x1="yes", x4="Call at work")
    )
    factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.FLAG)
    factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.WORD, "x3")
    shown = session_prep.screen(cast.ines, tomorrow)
    assert [(flag.name, flag.safe_way) for flag in shown.strip.flags] == [("Ana", "Call at work")]
    assert shown.strip.asked_for_a_word == ("Ana",)
    assert shown.strip.holds
    assert shown.strip.before_the_door
    paper = printed(shown.brief)
    assert "Call at work" not in paper
    assert "flag" not in paper.lower()
    assert before.next_step is not None
    assert "Ten clear minutes" in before.next_step.others
    assert shown.brief.next_step is not None
    assert "Ten clear minutes" not in (shown.brief.next_step.title, *shown.brief.next_step.others)


def test_an_individual_session_has_a_coach_copy_and_no_joint_one(cast: Cast, couple_id: UUID, tomorrow: UUID) -> None:
    alone = factories.session(couple_id, START + timedelta(hours=3), SessionKind.INDIVIDUAL_B)
    brief = session_prep.coach_brief(cast.ines, alone)
    assert brief.header.attending is not None
    assert brief.header.attending.name == "Ben"
    for act in (session_prep.joint_brief, session_prep.open_in_session):
        with pytest.raises(NotFound):
            act(cast.ines, alone)


def test_an_individual_session_leaves_no_trace_in_the_joint_copy(cast: Cast, couple_id: UUID, tomorrow: UUID) -> None:
    before = joint(cast, tomorrow)
    alone = factories.session(couple_id, START - timedelta(days=3), SessionKind.INDIVIDUAL_A, SessionState.HELD)
    notes.write(cast.ines, alone, NoteKind.THREAD, SECRET)
    assert joint(cast, tomorrow) == before


# --- the joint copy ------------------------------------------------------------------------------------------------


def shared_past(cast: Cast, couple_id: UUID, *, with_private: bool) -> None:
    """Five weeks of check-ins opened in sessions, and homework; with or without what each told the coach alone."""
    private_a = {"t2": SECRET, "t3": SECRET, "x1": "yes", "x4": SECRET, "s3": 9, "p1": 2} if with_private else {}
    private_b = {"t2": "Mine", "n1": 1, "g1": "harder", "s1": 10} if with_private else {}
    for weeks in range(5):
        at = START - timedelta(days=3 + 7 * weeks)
        benefits = {"b1": 4 + weeks % 3, "b2": 5, "b3": 6}
        a = Sent({**benefits, "t1": f"Tea, week {weeks}", **private_a})
        b = Sent({**benefits, "b1": 7, "t1": "A quiet evening", **private_b})
        sent = factories.check_in(cast.viewers, couple_id, at, ana=a, ben=b)
        if with_private:
            factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.FLAG)
    given = factories.given(couple_id, "one-holds-the-floor", START - timedelta(days=6), For.JOINT, why="To slow down")
    own = {"done": "done", "heat_peak": 9, "private_line": SECRET, "stopped_afraid": True} if with_private else {}
    for viewer in (cast.ana, cast.ben):
        values = {"felt_heard": 7, "understood": "That a pause is no refusal"} | own
        factories.sent(viewer, given, START - timedelta(days=3), Sent(values))


def test_the_joint_copy_is_the_same_byte_for_byte_with_and_without_private_answers(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    shared_past(cast, couple_id, with_private=False)
    session_prep.open_in_session(cast.ines, tomorrow)
    without = joint(cast, tomorrow)
    assert "That a pause is no refusal" in without
    assert "Tea, week 0" in without
    db.session.remove()
    for table in ("signals", "responses", "tasks", "assignments"):
        db.session.execute(db.metadata.tables[table].delete())
    db.session.commit()
    shared_past(cast, couple_id, with_private=True)
    extra = factories.given(couple_id, "my-listening-habits", START - timedelta(days=5), For.A)
    factories.sent(cast.ana, extra, START - timedelta(days=4), Sent({"done": "done", "private_line": SECRET}))
    session_prep.open_in_session(cast.ines, tomorrow)
    assert SECRET in printed(session_prep.coach_brief(cast.ines, tomorrow))
    assert joint(cast, tomorrow) == without


def test_what_an_author_keeps_back_is_in_no_joint_copy(cast: Cast, couple_id: UUID, tomorrow: UUID) -> None:
    given = homework(cast, couple_id)
    kept = Sent(
        {"understood": SECRET, "felt_heard": 1}, {"understood": Disclosure.COACH, "felt_heard": Disclosure.COACH}
    )
    factories.sent(cast.ana, given, START - timedelta(days=3), kept)
    factories.sent(cast.ben, given, START - timedelta(days=3), Sent({"understood": "Mine", "felt_heard": 6}))
    session_prep.open_in_session(cast.ines, tomorrow)
    accounts = session_prep.joint_brief(cast.ines, tomorrow).homework[0].accounts
    told = {account.side.label: (account.quote, [n.value for n in account.numbers]) for account in accounts}
    assert told == {Label.A: (None, []), Label.B: (None, [6])}  # "Mine" waited for both: alone it would tell of her


def test_what_hung_on_the_other_stands_in_the_joint_copy_beside_what_they_opened(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    given = homework(cast, couple_id)
    private = Sent({"understood": SECRET, "felt_heard": 1}, {"understood": Disclosure.COACH})
    factories.sent(cast.ana, given, START - timedelta(days=3), private)
    factories.sent(cast.ben, given, START - timedelta(days=3), Sent({"understood": "Mine", "felt_heard": 6}))
    session_prep.open_in_session(cast.ines, tomorrow)
    accounts = session_prep.joint_brief(cast.ines, tomorrow).homework[0].accounts
    told = {account.side.label: (account.quote, [n.value for n in account.numbers]) for account in accounts}
    assert told == {Label.A: (None, [1]), Label.B: ("Mine", [6])}
    assert SECRET not in joint(cast, tomorrow)


def test_what_is_marked_for_the_session_stands_in_the_joint_copy_once_it_was_opened_and_not_before(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    at = START - timedelta(days=3)
    factories.check_in(cast.viewers, couple_id, at, ana=week(6), ben=week(3))
    before = session_prep.joint_brief(cast.ines, tomorrow)
    assert (before.trend, before.differences) == (None, None)
    session_prep.open_in_session(cast.ines, tomorrow)
    after = session_prep.joint_brief(cast.ines, tomorrow)
    assert after.trend is not None
    assert {line.side.name: line.now for line in after.trend.lines} == {"Ana": 60, "Ben": 30}
    assert after.differences is not None
    assert {row.item for row in after.differences.rows} <= {"b1", "b2", "b3"}


def test_opening_while_the_session_runs_opens_what_came_before_it(
    cast: Cast, couple_id: UUID, tomorrow: UUID, wall: Wall
) -> None:
    factories.check_in(cast.viewers, couple_id, START - timedelta(days=3), ana=week(6), ben=week(3))
    wall.to(TOMORROW + timedelta(minutes=5))
    session_prep.open_in_session(cast.ines, tomorrow)
    assert session_prep.joint_brief(cast.ines, tomorrow).trend is not None


def test_opening_reaches_no_further_than_the_session_before(cast: Cast, couple_id: UUID, tomorrow: UUID) -> None:
    factories.check_in(cast.viewers, couple_id, LAST - timedelta(days=2), ana=week(6), ben=week(3))
    session_prep.open_in_session(cast.ines, tomorrow)
    assert session_prep.joint_brief(cast.ines, tomorrow).trend is None
    events = db.session.scalars(select(AuditEvent.subject_id).where(AuditEvent.event == "session:opened")).all()
    assert events == [tomorrow]


def test_a_session_that_was_called_off_opens_nothing(cast: Cast, tomorrow: UUID) -> None:
    sessions.cancel(cast.ines, tomorrow)
    with pytest.raises(NotAllowed):
        session_prep.open_in_session(cast.ines, tomorrow)


def test_what_is_shared_stands_in_the_joint_copy_from_eight_on_the_next_morning(
    cast: Cast, couple_id: UUID, wall: Wall
) -> None:
    session_id = factories.session(couple_id, START + timedelta(days=3))
    factories.check_in(cast.viewers, couple_id, START - timedelta(hours=3), ana=week(6, t1="The soup"))
    eight = datetime(2026, 11, 24, 8, tzinfo=ZoneInfo(ZONE))
    wall.to(eight - timedelta(seconds=1))
    assert "The soup" not in joint(cast, session_id)
    wall.to(eight)
    assert "The soup" in joint(cast, session_id)


def test_homework_of_one_partner_alone_is_absent_from_the_joint_copy(
    cast: Cast, couple_id: UUID, tomorrow: UUID
) -> None:
    factories.given(couple_id, "my-listening-habits", START - timedelta(days=5), For.A)
    assert session_prep.joint_brief(cast.ines, tomorrow).homework == ()
    row = session_prep.coach_brief(cast.ines, tomorrow).homework[0]
    assert {account.side.name: account.asked for account in row.accounts} == {"Ana": True, "Ben": False}


# --- how it is read ------------------------------------------------------------------------------------------------

PATHS = ("brief", "brief?copy=joint", "brief.pdf", "brief.pdf?copy=joint")
MOST_STATEMENTS = 12


def statements_for(ines: Browser, session_id: UUID) -> dict[str, int]:
    """What each page and paper costs over HTTP, the guard's look at who is asking included."""
    sent = {}
    for path in PATHS:
        db.session.remove()
        with counted() as statements:
            assert ines.get(f"/coach/sessions/{session_id}/{path}").status_code == 200
        sent[path] = len(statements)
    return sent


def test_a_brief_costs_few_statements_and_no_more_with_a_long_past(
    cast: Cast, couple_id: UUID, tomorrow: UUID, browser: Callable[[str], Browser]
) -> None:
    ines = browser("ines")
    first = factories.check_in(cast.viewers, couple_id, START - timedelta(days=2), ana=week(5, x1="yes"))
    factories.signal(cast.ana, couple_id, first["ana"], SignalKind.FLAG)
    few = statements_for(ines, tomorrow)
    # of a paper: whether one is kept, and after it is made, whether its reader still may have it
    again = {page: with_the_practice_said(2, times=1) if "pdf" in page else 0 for page in few}
    assert max(count - again[page] for page, count in few.items()) <= with_the_practice_said(MOST_STATEMENTS, times=3)
    notes.write(cast.ines, tomorrow, NoteKind.THREAD, "The holiday")
    homework(cast, couple_id)
    for weeks in range(1, 101):
        sent = factories.check_in(
            cast.viewers, couple_id, START - timedelta(days=2 + weeks), ana=week(5, x1="yes"), ben=week(4)
        )
        factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.FLAG)
    assert statements_for(ines, tomorrow) == few


def test_the_operator_reads_as_the_coach_and_goes_on_record_as_the_operator(
    cast: Cast, couple_id: UUID, tomorrow: UUID, app: Flask
) -> None:
    assert session_prep.for_operator(tomorrow, joint=False) == session_prep.coach_brief(cast.ines, tomorrow)
    assert session_prep.for_operator(tomorrow, joint=True) == session_prep.joint_brief(cast.ines, tomorrow)
    event_name = "brief:read_by_operator"
    actors = db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.event == event_name)).all()
    assert actors == [None, None]
    with pytest.raises(NotFound):
        session_prep.for_operator(couple_id, joint=False)
