"""Appointments taken over from a coach's own calendar: looked over first, then planned, all or none."""

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.sessions import SessionKind
from portal.services import sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import START, Browser
from tests.input.test_calendar import calendar, event

Open = Callable[[str | None], Browser]
PAGE = "/coach/sessions/import"
AT = "2026-12-01T17:00:00+00:00"
FIELD = re.compile(r'name="(at|minutes|title|who)"[^>]* value="([^"]*)"')
BOTH, OTHERS = (
    event("DTSTART:20261201T170000Z", "SUMMARY:Ben + Ana"),
    event("DTSTART:20261202T170000Z", "SUMMARY:Dentist"),
)
MOVED = event("DTSTART:20261203T170000Z", "SUMMARY:Gil and Hana")


def read(browser: Browser, *events: str) -> tuple[int, str]:
    reply = browser.post(PAGE, {"file": (io.BytesIO(calendar(*events)), "mine.ics")}, page=PAGE)
    return reply.status_code, reply.text


def rows(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"at": [], "minutes": [], "title": [], "who": []}
    for name, value in FIELD.findall(page):
        found[name].append(html.unescape(value))
    return found | {"kind": ["joint"] * len(found["at"])}


def test_an_entry_with_both_names_is_given_to_their_couple_and_the_others_to_nobody(browser: Open) -> None:
    status, page = read(browser("ines"), BOTH, OTHERS, MOVED)
    assert status == 200
    assert rows(page)["who"] == ["Ana & Ben", "", "Gil & Hana"]
    assert "3 entries lie ahead." in page


def test_what_was_given_to_a_couple_becomes_a_session_and_its_title_does_not(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    wanted = rows(read(ines, BOTH, OTHERS, MOVED)[1])
    wanted["kind"][2] = "individual_b"
    reply = ines.post(f"{PAGE}/plan", wanted, page=PAGE)
    assert reply.status_code == 303
    assert "2 sessions are planned." in ines.get(reply.location).text
    found = sessions.ahead(cast.ines)
    assert [(line.names, line.kind, line.place) for line in found] == [
        ("Ana & Ben", SessionKind.JOINT, ""),
        ("Gil & Hana", SessionKind.INDIVIDUAL_B, ""),
    ]


def test_what_stands_here_already_is_said_and_given_to_nobody(browser: Open, cast: Cast) -> None:
    at = START.replace(month=12, day=1, hour=17)
    sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, at, 60))
    _, page = read(browser("ines"), BOTH)
    assert "A session stands here at this time already." in page
    assert rows(page)["who"] == [""]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"who": ["Ana & Ben", "Cleo & Dov"]}, "Choose a couple."),
        ({"kind": ["joint", "all"], "who": ["Ana & Ben", "Gil & Hana"]}, "Say who comes."),
        ({"at": [AT, "2029-12-01T17:00:00+00:00"], "who": ["Ana & Ben"] * 2}, "more than a year away"),
        ({"minutes": ["60", "1"], "who": ["Ana & Ben"] * 2}, "Give a number from 5 to 480."),
    ],
)  # fmt: skip
def test_one_that_cannot_be_planned_keeps_all_back_and_says_which(
    browser: Open, cast: Cast, changes: dict[str, list[str]], sentence: str
) -> None:
    ines = browser("ines")
    wanted = rows(read(ines, BOTH, OTHERS)[1]) | changes
    reply = ines.post(f"{PAGE}/plan", wanted, page=PAGE)
    assert reply.status_code == 422
    assert 'href="#who-1"' in reply.text
    assert sentence in reply.text
    assert rows(reply.text)["who"] == wanted["who"]
    assert sessions.ahead(cast.ines) == ()


def test_nothing_chosen_plans_nothing(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    reply = ines.post(f"{PAGE}/plan", rows(read(ines, OTHERS)[1]), page=PAGE)
    assert "Nothing was planned" in ines.get(reply.location).text
    assert sessions.ahead(cast.ines) == ()


@pytest.mark.parametrize(
    "broken",
    [
        {"at": ["2026-12-01T17:00:00+00:00"], "who": ["Ana & Ben"]},
        {"at": ["tomorrow"], "minutes": ["60"], "title": [""], "who": ["Ana & Ben"], "kind": ["joint"]},
        {"at": ["9999-12-31T23:59:00+00:00"], "minutes": ["60"], "title": [""], "who": ["x"], "kind": ["joint"]},
        {"at": ["2026-12-01T17:00:00"], "minutes": ["60"], "title": [""], "who": ["Ana & Ben"], "kind": ["joint"]},
        {"at": ["2026-12-01T17:00:00+00:00"], "minutes": ["9" * 5000], "title": [""], "who": [""], "kind": ["joint"]},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(browser: Open, broken: dict[str, list[str]]) -> None:
    assert browser("ines").post(f"{PAGE}/plan", broken, page=PAGE).status_code == 422


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "Choose a file first."),
        (b"", "This is no calendar that can be read."),
        (b"names", "This is no calendar that can be read."),
        (calendar(event("DTSTART:20200101T170000Z")), "Nothing lies ahead in this calendar"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_beside_it(browser: Open, file: bytes | None, sentence: str) -> None:
    sent: dict[str, object] = {} if file is None else {"file": (io.BytesIO(file), "mine.ics")}
    reply = browser("ines").post(PAGE, sent, page=PAGE)
    assert reply.status_code == 422
    assert sentence in reply.text
    assert 'href="#file"' in reply.text


def test_times_of_a_far_away_time_stay_where_they_are(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    ines.post(f"{PAGE}/plan", rows(read(ines, BOTH)[1]), page=PAGE)
    assert sessions.ahead(cast.ines)[0].starts_at - START == timedelta(days=7, hours=22)
