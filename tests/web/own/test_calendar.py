"""One's own calendar: its address behind the pass phrase and told once; what is fetched there is times alone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from icalendar import Calendar

from portal.domain.sessions import SessionKind
from portal.services import calendars, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import START, Browser

Open = Callable[[str | None], Browser]
PAGE = "/account/calendar"
ADDRESS = re.compile(r'<code class="key">http://[^/]+(/calendar/[\w-]{20,}\.ics)</code>')


@pytest.fixture(autouse=True)
def _planned(cast: Cast) -> None:
    for days, kind in ((1, SessionKind.JOINT), (2, SessionKind.INDIVIDUAL_A)):
        new = NewSession(kind, START + timedelta(days=days), 60, "Couples room 2")
        sessions.plan(cast.ines, cast.couples["ana"], new)


def made(browser: Browser, **asked: str) -> str:
    reply = browser.step_up().post(PAGE, dict(asked), page=PAGE)
    found = ADDRESS.search(reply.text)
    assert found, reply.text
    return found[1]


@pytest.mark.parametrize(("who", "count"), [("ana", 1), ("ben", 1), ("ines", 2)])
def test_a_calendar_fetches_times_and_nothing_that_tells(browser: Open, cast: Cast, who: str, count: int) -> None:
    address = made(browser(who))
    reply = browser(None).get(address)
    assert (reply.status_code, reply.mimetype) == (200, "text/calendar")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="calendar.ics"'
    events = Calendar.from_ical(reply.data).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == ["Appointment"] * count
    for word in ("Ana", "Ben", "Ines", "room", "ouple", "ession", "North") if who != "ines" else ("Ana", "Ben", "room"):
        assert word not in reply.text


def test_what_one_comes_to_alone_is_fetched_where_it_was_ticked(browser: Open) -> None:
    address = made(browser("ana"), alone="1")
    assert browser(None).get(address).text.count("BEGIN:VEVENT") == 2
    assert "With what you come to alone." in browser("ana").step_up().get(PAGE).text
    assert browser(None).get(made(browser("ben"), alone="1")).text.count("BEGIN:VEVENT") == 1


def test_the_address_is_told_once_behind_the_pass_phrase_and_ends_with_a_tap(browser: Open) -> None:
    ana = browser("ana")
    assert ana.get(PAGE).status_code == 303
    assert ana.post(PAGE, {}, page="/help-now").status_code == 303
    address = made(ana)
    assert not ADDRESS.search(ana.get(PAGE).text)
    assert ana.post(f"{PAGE}/end", page=PAGE).status_code == 303
    assert browser(None).get(address).status_code == 404
    assert "It is on" not in ana.get(PAGE).text


def test_the_way_there_stands_on_the_account_pages_of_whoever_has_appointments(browser: Open) -> None:
    for who, account in (("ana", "/my/account"), ("ines", "/coach/account"), ("omar", "/coach/account")):
        assert f'href="{PAGE}"' in browser(who).get(account).text
    for who in ("mira", "noor"):
        page = browser(who)
        assert f'href="{PAGE}"' not in page.get("/coach/account").text
        assert page.step_up().get(PAGE).status_code == 404


def test_a_feed_is_fetched_by_nobody_on_a_turned_screen(browser: Open, cast: Cast) -> None:
    address = f"/calendar/{calendars.make(cast.ines)}.ics"
    session_id = sessions.ahead(cast.ines)[0].session_id
    ines = browser("ines")
    assert ines.post(f"/coach/sessions/{session_id}/turn").status_code == 303
    assert ines.get(address).status_code != 200
