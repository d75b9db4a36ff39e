"""Sessions in a browser: planned, moved, noted and closed by the couple's coach, and briefs on screen and paper."""

import io
import re
from datetime import time, timedelta
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from portal.domain.safety import SignalKind
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.jobs.press import Press
from portal.models.audit import AuditEvent
from portal.models.sessions import Session
from portal.output.render import Renderer
from portal.services import closing, notes, programme, sessions
from portal.services.closing import Closing
from portal.services.picked_homework import NewPick
from portal.services.sessions import NewSession
from tests import factories
from tests.conftest import START
from tests.factories import week
from tests.given import assign, send, task_of
from tests.pages import still

TOMORROW = START + timedelta(days=1)
SECRET = "I am thinking of leaving"


@pytest.fixture
def planned(cast):
    return factories.session(cast.couples["ana"], TOMORROW)


def form_of(cast, **changes):
    filled = {
        "couple": str(cast.couples["ana"]),
        "kind": "joint",
        "day": "2026-11-30",
        "time": "18:00",
        "minutes": "60",
        "place": "Room 2",
    }
    return filled | changes


def count():
    return db.session.scalar(select(func.count()).select_from(Session))


# --- planning ------------------------------------------------------------------------------------------------------


def test_a_planned_session_stands_on_the_page_at_the_time_that_was_typed(browser, cast):
    ines = browser("ines")
    reply = ines.post("/coach/sessions/", form_of(cast))
    assert reply.status_code == 303
    page = ines.get(reply.location).text
    assert "Monday 30 November, 18:00" in page
    assert "Session 1" in page
    (line,) = sessions.ahead(cast.ines)
    assert line.starts_at.isoformat() == "2026-11-30T17:00:00+00:00"
    assert "Ana &amp; Ben" in ines.get("/coach/sessions/").text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"couple": ""}, "couple", "Choose a couple."),
        ({"couple": "somebody"}, "couple", "Choose a couple."),
        ({"kind": "all"}, "kind", "Say who comes."),
        ({"day": "tomorrow"}, "day", "Give the day as a date"),
        ({"day": ""}, "day", "Choose the day."),
        ({"day": "0001-01-01"}, "day", "Give the day as a date"),
        ({"day": "2026-11-20"}, "day", "This day is over."),
        ({"day": "2028-11-20"}, "day", "more than a year away"),
        ({"time": "six"}, "time", "Give the time as hours and minutes"),
        ({"day": "2027-03-28", "time": "02:30"}, "time", "The clock leaps over this time"),
        ({"minutes": "an hour"}, "minutes", "Give a whole number"),
        ({"minutes": "4"}, "minutes", "Give a number from 5 to 480."),
        ({"minutes": "9" * 5000}, "minutes", "Give a whole number"),
        ({"place": "x" * 201}, "place", "longer than 200 characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_is_kept(browser, cast, changes, field, sentence):
    reply = browser("ines").post("/coach/sessions/", form_of(cast, **changes))
    assert reply.status_code == 422
    assert f'href="#{field}"' in reply.text
    assert sentence in reply.text
    typed = form_of(cast, **changes)
    for name in ("day", "time", "minutes", "place"):
        assert f'value="{typed[name]}"' in reply.text
    assert count() == 0


def test_the_same_time_twice_is_refused_beside_the_time(browser, cast):
    ines = browser("ines")
    ines.post("/coach/sessions/", form_of(cast))
    reply = ines.post("/coach/sessions/", form_of(cast))
    assert (reply.status_code, count()) == (422, 1)
    assert 'href="#time"' in reply.text


def test_a_series_is_planned_at_once(browser, cast):
    ines = browser("ines")
    reply = ines.post("/coach/sessions/", form_of(cast, every_weeks="2", times="3"))
    assert reply.status_code == 303
    assert "Planned, 3 in all." in ines.get(reply.location).text
    days = [line.starts_at.date().isoformat() for line in sessions.ahead(cast.ines)]
    assert days == ["2026-11-30", "2026-12-14", "2026-12-28"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"every_weeks": "1"}, "times"),
        ({"every_weeks": "1", "times": "27"}, "times"),
        ({"every_weeks": "1", "times": "some"}, "times"),
        ({"every_weeks": "9", "times": "2"}, "every_weeks"),
    ],
)
def test_a_series_that_cannot_be_is_refused_beside_its_field(browser, cast, changes, field):
    reply = browser("ines").post("/coach/sessions/", form_of(cast, **changes))
    assert (reply.status_code, count()) == (422, 0)
    assert f'href="#{field}"' in reply.text


def test_who_was_there_is_put_down_on_the_page_of_the_session(browser, cast, planned, wall):
    assert "Who was there" not in browser("ines").get(f"/coach/sessions/{planned}").text
    wall.to(TOMORROW + timedelta(hours=1))
    ines = browser("ines")
    assert ines.post(f"/coach/sessions/{planned}/attendance", {"attendance": "all"}).status_code == 422
    assert ines.post(f"/coach/sessions/{planned}/attendance", {"attendance": "a"}).status_code == 303
    assert "Ana came alone." in ines.get(f"/coach/sessions/{planned}").text


def test_a_couple_of_another_coach_is_not_among_the_choices(browser, cast):
    ines = browser("ines")
    assert "Cleo" not in ines.get("/coach/sessions/").text
    assert ines.post("/coach/sessions/", form_of(cast, couple=str(cast.couples["cleo"]))).status_code == 422
    assert ines.get(f"/coach/sessions/?couple={cast.couples['cleo']}").status_code == 404
    assert ines.get("/coach/sessions/?couple=nobody").status_code == 404


def test_the_sessions_of_one_couple_name_its_partners(browser, cast, planned):
    page = browser("ines").get(f"/coach/sessions/?couple={cast.couples['ana']}").text
    assert "Sessions with Ana &amp; Ben" in page
    assert "Ben alone" in page
    assert f'value="{cast.couples["ana"]}" selected' in page


# --- doors ---------------------------------------------------------------------------------------------------------

GETS = ["", "/close", "/brief", "/brief?copy=joint", "/brief.pdf", "/brief.pdf?copy=joint"]
POSTS = ["/move", "/cancel", "/attendance", "/notes", "/close", "/open"]


def test_nobody_but_the_couples_coach_finds_a_session(browser, cast, planned):
    for name in ("omar", "sol", "ana", "ben", "eva"):
        other = browser(name)
        for path in GETS:
            assert other.get(f"/coach/sessions/{planned}{path}").status_code == 404
        for path in POSTS:
            assert other.post(f"/coach/sessions/{planned}{path}", form_of(cast)).status_code == 404
    for path in GETS:
        assert browser().get(f"/coach/sessions/{planned}{path}").status_code == 303
        assert browser("ines").get(f"/coach/sessions/{uuid4()}{path}").status_code == 404


def test_an_individual_session_has_no_joint_copy_at_any_address(browser, cast):
    alone = factories.session(cast.couples["ana"], TOMORROW, SessionKind.INDIVIDUAL_A)
    ines = browser("ines")
    page = ines.get(f"/coach/sessions/{alone}").text
    assert "Ana alone" in page
    assert "joint copy" not in page
    assert ines.get(f"/coach/sessions/{alone}/brief").status_code == 200
    assert ines.get(f"/coach/sessions/{alone}/brief?copy=joint").status_code == 404
    assert ines.get(f"/coach/sessions/{alone}/brief.pdf?copy=joint").status_code == 404
    assert ines.post(f"/coach/sessions/{alone}/open").status_code == 404


@pytest.mark.parametrize("copy", ["", "COACH", "both", "joint/../coach"])
def test_there_are_two_copies_and_no_third(browser, planned, copy):
    ines = browser("ines")
    for path in ("brief", "brief.pdf"):
        assert ines.get(f"/coach/sessions/{planned}/{path}", query_string={"copy": copy}).status_code == 404


# --- around a session ----------------------------------------------------------------------------------------------


def test_a_session_is_moved_and_called_off(browser, cast, planned):
    ines = browser("ines")
    moved = ines.post(f"/coach/sessions/{planned}/move", form_of(cast, day="2026-12-01", minutes="45"))
    assert moved.status_code == 303
    assert "Tuesday 1 December, 18:00, 45 minutes" in ines.get(moved.location).text
    wrong = ines.post(f"/coach/sessions/{planned}/move", form_of(cast, day="", place="By video"))
    assert wrong.status_code == 422
    assert 'value="By video"' in wrong.text
    assert ines.post(f"/coach/sessions/{planned}/cancel").status_code == 303
    assert "Called off" in ines.get(f"/coach/sessions/{planned}").text
    assert ines.post(f"/coach/sessions/{planned}/move", form_of(cast)).status_code == 409


def test_what_was_called_off_offers_another_time(browser, cast, planned):
    ines = browser("ines")
    page = ines.get(f"/coach/sessions/{planned}").text
    assert re.search(r"<details[^>]*><summary>Call it off</summary>.*?<form", page, re.S)
    ines.post(f"/coach/sessions/{planned}/cancel")
    page = ines.get(f"/coach/sessions/{planned}").text
    assert '<p class="lead">Tuesday 24 November' in page
    assert f'href="/coach/sessions/?couple={cast.couples["ana"]}#plan"' in page


def test_a_bad_day_keeps_the_couple_and_its_names(browser, cast):
    page = browser("ines").post(f"/coach/sessions/?couple={cast.couples['ana']}", form_of(cast, day="x"))
    assert page.status_code == 422
    assert "Sessions with Ana &amp; Ben" in page.text
    assert "Ben alone" in page.text
    assert "Ben alone" in browser("ines").post("/coach/sessions/", form_of(cast, day="x")).text


def test_a_note_is_settled_on_the_session_that_shows_it(browser, cast, planned):
    later = factories.session(cast.couples["ana"], TOMORROW + timedelta(days=7))
    ines = browser("ines")
    ines.post(f"/coach/sessions/{planned}/notes", {"kind": "thread", "text": "The holiday"})
    page = ines.get(f"/coach/sessions/{later}").text
    settle = re.search(r"/coach/notes/[0-9a-f-]+/settle", page)
    assert settle
    assert f'name="session" value="{later}"' in page
    assert ines.post(settle[0], {"session": str(later)}).location == f"/coach/sessions/{later}"
    assert ines.post(settle[0], {"session": "x"}).status_code == 404


def test_the_joint_copy_says_what_making_it_opened(browser, cast, planned):
    ines = browser("ines")
    page = ines.get(ines.post(f"/coach/sessions/{planned}/open").location).text
    assert "Nothing was marked." in page
    assert "/open" not in page
    send(
        cast.ana,
        task_of(cast.ana, assign(cast, "one-holds-the-floor")),
        {"understood": "He asks"},
        understood="session",
    )
    page = ines.get(ines.post(f"/coach/sessions/{planned}/open").location).text
    assert "It opens when the session begins: Tuesday 24 November" in page


def test_a_close_says_whether_anything_was_agreed_and_a_change_is_no_close(browser, planned, wall):
    wall.to(TOMORROW + timedelta(minutes=50))
    ines = browser("ines")
    assert "Closed. Nothing new was agreed." in ines.get(ines.post(f"/coach/sessions/{planned}/close").location).text
    page = ines.get(f"/coach/sessions/{planned}/close").text
    assert "<h1>What was agreed</h1>" in page
    assert "Close the session" not in page
    changed = ines.post(f"/coach/sessions/{planned}/close", {"agreed_1": "A walk"})
    assert "<p>Saved.</p>" in ines.get(changed.location).text


def test_a_session_is_held_once_it_has_begun(browser, planned, wall):
    ines = browser("ines")
    assert ines.post(f"/coach/sessions/{planned}/attendance", {"attendance": "both"}).status_code == 422
    wall.to(TOMORROW)
    ines = browser("ines")
    assert ines.post(f"/coach/sessions/{planned}/attendance", {"attendance": "both"}).status_code == 303
    assert "It took place." in ines.get(f"/coach/sessions/{planned}").text


def test_a_past_session_says_so_as_long_as_it_is_not_closed(browser, cast):
    earlier = factories.session(cast.couples["ana"], START - timedelta(days=7))
    ines = browser("ines")
    assert "Not closed yet" in ines.get("/coach/sessions/").text
    ines.post(f"/coach/sessions/{earlier}/attendance", {"attendance": "both"})
    assert "Not closed yet" not in ines.get("/coach/sessions/").text


def test_what_is_wrong_is_listed_in_the_order_of_the_page(browser, cast):
    page = browser("ines").post("/coach/sessions/", {"minutes": "x"}).text
    links = re.findall(r'<li><a href="#(\w+)"', page)
    assert links == ["couple", "kind", "day", "time", "minutes"]


def test_a_note_is_kept_and_settled(browser, cast, planned):
    ines = browser("ines")
    kept = ines.post(f"/coach/sessions/{planned}/notes", {"kind": "thread", "text": "The holiday"})
    assert kept.status_code == 303
    page = ines.get(kept.location).text
    assert "The holiday" in page
    settle = re.search(r"/coach/notes/[0-9a-f-]+/settle", page)
    assert settle
    for name in ("omar", "ana"):
        assert browser(name).post(settle[0]).status_code == 404
    assert ines.post(settle[0]).status_code == 303
    assert "The holiday" not in ines.get(kept.location).text


@pytest.mark.parametrize(
    "typed", [{"kind": "thread", "text": " "}, {"kind": "secret", "text": "x"}, {"kind": "thread", "text": "x" * 1001}]
)
def test_a_note_that_cannot_be_kept_is_refused(browser, cast, planned, typed):
    reply = browser("ines").post(f"/coach/sessions/{planned}/notes", typed)
    assert reply.status_code == 422
    assert notes.of_session(cast.ines, planned) == ()


def test_nothing_agreed_is_offered_in_a_session_of_one(browser, cast):
    alone = factories.session(cast.couples["ana"], TOMORROW, SessionKind.INDIVIDUAL_A)
    ines = browser("ines")
    assert 'value="agreed"' not in ines.get(f"/coach/sessions/{alone}").text
    assert ines.post(f"/coach/sessions/{alone}/notes", {"kind": "agreed", "text": "x"}).status_code == 422


def test_a_session_is_closed_together(browser, cast, planned, wall):
    wall.to(TOMORROW + timedelta(minutes=50))
    ines = browser("ines")
    typed = {
        "agreed_1": "Ten minutes on Sunday",
        "agreed_2": "A walk",
        "next_day": "2026-12-08",
        "next_time": "18:30",
        "private_line": "Ask about the flat",
    }
    reply = ines.post(f"/coach/sessions/{planned}/close", typed)
    assert reply.status_code == 303
    page = ines.get(reply.location).text
    assert "Ten minutes on Sunday" in page
    assert "Ask about the flat" in page
    assert notes.agreed_for_partner(cast.ben) == ("Ten minutes on Sunday", "A walk")
    told = sessions.next_for_partner(cast.ana)
    assert told is not None
    assert told.starts_at.isoformat() == "2026-12-08T17:30:00+00:00"
    again = ines.get(f"/coach/sessions/{planned}/close").text
    assert 'value="Ten minutes on Sunday"' in again
    assert "Ask about the flat" not in again


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"next_day": "2026-12-08"}, "next_time"),
        ({"next_time": "18:00"}, "next_day"),
        ({"next_day": "2027-03-28", "next_time": "02:30"}, "next_time"),
        ({"next_day": "2020-03-28", "next_time": "02:30"}, "next_day"),
        ({"agreed_1": "x" * 261}, "agreed_1"),
    ],
)
def test_a_close_that_cannot_be_kept_keeps_what_was_typed(browser, cast, planned, wall, changes, field):
    wall.to(TOMORROW + timedelta(minutes=50))
    typed = {"agreed_2": "A walk", "private_line": "A line"} | changes
    reply = browser("ines").post(f"/coach/sessions/{planned}/close", typed)
    assert reply.status_code == 422
    assert f'href="#{field}"' in reply.text
    assert 'value="A walk"' in reply.text
    db.session.rollback()  # as the end of a request does
    assert sessions.session(cast.ines, planned).line.state is SessionState.PLANNED


def test_a_session_that_has_not_begun_is_not_closed(browser, planned):
    reply = browser("ines").post(f"/coach/sessions/{planned}/close", {"agreed_1": "A walk"})
    assert reply.status_code == 422
    assert "has not begun" in reply.text


# --- briefs --------------------------------------------------------------------------------------------------------


def text_of(reply):
    assert reply.status_code == 200
    assert reply.mimetype == "application/pdf"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(reply.data)).pages).split())


@pytest.fixture
def past(cast):
    at = START - timedelta(days=2)
    couple_id = cast.couples["ana"]
    sent = factories.check_in(
        cast.viewers, couple_id, at, ana=week(6, t1="He made tea.", t2=SECRET, x1="yes"), ben=week(4, t2="To be heard")
    )
    factories.signal(cast.ana, couple_id, sent["ana"], SignalKind.FLAG)
    return couple_id


def test_the_screen_shows_the_strip_in_full_and_paper_one_constant_line(browser, past, planned):
    ines = browser("ines")
    page = ines.get(f"/coach/sessions/{planned}/brief").text
    assert "Open flag from Ana" in page
    assert SECRET in page
    paper = text_of(ines.get(f"/coach/sessions/{planned}/brief.pdf"))
    assert "flag" not in paper.lower()
    assert "Read the screen note." in paper
    assert SECRET in paper


def test_the_joint_copy_shows_nothing_private_on_screen_or_paper(browser, past, planned):
    ines = browser("ines")
    assert "Communication, closeness, teamwork" not in ines.get(f"/coach/sessions/{planned}/brief?copy=joint").text
    opened = ines.post(f"/coach/sessions/{planned}/open")
    assert opened.location.endswith("copy=joint")
    page = ines.get(opened.location).text
    paper = text_of(ines.get(f"/coach/sessions/{planned}/brief.pdf?copy=joint"))
    for told in (page, paper):
        assert SECRET not in told
        assert "flag" not in told.lower()
        assert "To be heard" not in told
        assert "He made tea." in told
    assert "Make the joint copy" in ines.get(f"/coach/sessions/{planned}").text


def test_a_brief_is_kept_in_no_browser_and_its_file_names_nobody(browser, past, planned):
    ines = browser("ines")
    for copy, name in (("coach", "brief.pdf"), ("joint", "joint.pdf")):
        reply = ines.get(f"/coach/sessions/{planned}/brief.pdf?copy={copy}")
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Content-Disposition"] == f"inline; filename={name}"


def test_a_brief_of_the_same_data_is_the_same_file(browser, past, planned):
    ines = browser("ines")
    address = f"/coach/sessions/{planned}/brief.pdf"
    assert ines.get(address).data == ines.get(address).data


def test_a_brief_that_was_set_ahead_is_given_without_being_set_again_and_goes_on_record_all_the_same(
    browser, app, past, planned, monkeypatch
):
    ines, made = browser("ines"), {}
    addresses = [f"/coach/sessions/{planned}/brief.pdf?copy={copy}" for copy in ("coach", "joint")]
    for address in addresses:
        made[address] = ines.get(address).data
    with app.app_context():
        assert Press("Portal").turn() == 2
        readings = readings_of(planned)
        db.session.remove()
    monkeypatch.setattr("portal.output.render._renderer", None)  # nothing can be set in the web any more
    for address in addresses:
        reply = ines.get(address)
        assert reply.data == made[address]
        assert reply.headers["Cache-Control"] == "no-store"
    assert readings_of(planned) == readings + 1  # the joint copy is of what both may read
    assert browser("omar").get(addresses[0]).status_code == 404


def readings_of(session_id):
    own = (AuditEvent.event == "brief:read", AuditEvent.subject_id == session_id)
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(*own))


def test_a_get_opens_nothing(browser, past, planned):
    ines = browser("ines")
    assert ines.get(f"/coach/sessions/{planned}/open").status_code == 405
    ines.get(f"/coach/sessions/{planned}/brief?copy=joint")
    assert "Communication, closeness, teamwork" not in ines.get(f"/coach/sessions/{planned}/brief?copy=joint").text


def test_a_page_that_cannot_be_set_now_says_so_and_when_to_try_again(browser, planned, monkeypatch):
    broken = Renderer(children=1, seconds=0)  # no child is ever quick enough
    monkeypatch.setattr("portal.output.render._renderer", broken)
    reply = browser("ines").get(f"/coach/sessions/{planned}/brief.pdf")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "10")
    broken.close()


def test_whether_joint_work_is_held_does_not_stand_where_both_may_still_look(browser, cast, wall):
    """Just after the hour the page of a session is on the screen, and who sat before it may not have left."""
    joint = next(entry for entry in programme.library(cast.ines) if entry.audience.is_joint)
    sent = factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=1), ana=week(6), ben=week(5))
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, START, 50))
    wall.forward(minutes=55)
    pick = NewPick(joint.id, (START + timedelta(days=2)).date(), time(20))
    closing.close(cast.ines, session_id, Closing(homework=pick))
    ines, path = browser("ines"), f"/coach/sessions/{session_id}"
    before = still(ines.get(path))
    factories.signal(cast.ana, cast.couples["ana"], sent["ana"], SignalKind.FLAG)
    assert still(ines.get(path)) == before
    held = ines.post(f"{path}/picked", page=path)
    assert "Nothing is given to both together for now." in ines.get(held.location).text
    assert ines.post(f"{path}/picked", {"cleared": "1"}, page=path).status_code == 303
    assert joint.title in browser("ben").get("/my/").text
