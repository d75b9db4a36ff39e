"""The page of how the work begins, and where it shows: quietly, in the same words to all, and never in the way."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from portal.domain.beginnings import BEGINNING
from portal.domain.sessions import SessionKind
from portal.services import beginnings, joint_mode, passages, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import send, task_of

Open = Callable[[str | None], Browser]
MINUTES = "In each session 10 minutes are for each alone."


def couple(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}"


def page(cast: Cast) -> str:
    return f"{couple(cast)}/beginning"


def words(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def in_an_hour(cast: Cast, wall: Wall) -> UUID:
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(hours=1), 50)
    return sessions.plan(cast.ines, cast.couples["ana"], new)


def test_one_tap_gives_it_and_what_comes_in_stands_side_by_side(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    assert "Give it to each" in ines.get(page(cast)).text
    assert ines.post(page(cast), {}).location == page(cast)
    assert "Give it to each" not in ines.get(page(cast)).text
    [given] = passages.given(cast.couples["ana"], BEGINNING)
    send(cast.ana, task_of(cast.ana, given.assignment_id), {"hope": "find_out", "strength": "We laugh"})
    shown = words(ines.get(page(cast)).text)
    assert "We laugh" in shown
    assert "To find out whether we go on together" in shown
    assert "Ben has not sent it" in shown
    assert "To find out whether we go on together" in words(ines.get(couple(cast)).text)


def test_a_new_couples_page_offers_it_until_it_was_given_or_they_have_met(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    ines, offer = browser("ines"), f'action="{page(cast)}"'
    assert offer in ines.get(couple(cast)).text
    in_an_hour(cast, wall)
    wall.forward(hours=2)
    ines = browser("ines")
    assert offer not in ines.get(couple(cast)).text
    gil = f"/coach/couples/{cast.couples['gil']}"
    assert f'action="{gil}/beginning"' in ines.get(gil).text
    ines.post(f"{gil}/beginning", {}, page=gil)
    assert f'action="{gil}/beginning"' not in ines.get(gil).text


def test_given_twice_it_says_so(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    for _ in range(2):
        ines.post(page(cast), {}, page=page(cast))
    assert "They have been given it already." in ines.get(page(cast)).text


def test_the_form_leads_to_where_one_says_how_one_can_be_reached(browser: Open, cast: Cast) -> None:
    beginnings.give(cast.ines, cast.couples["ana"])
    [given] = passages.given(cast.couples["ana"], BEGINNING)
    shown = browser("ana").get(f"/my/tasks/{task_of(cast.ana, given.assignment_id)}").text
    assert 'href="/my/account/safe-contact"' in shown
    assert "Only Ines reads this" in shown
    assert "Share with Ben" not in shown


def test_a_talk_is_noted_with_its_day_and_the_reminder_goes(browser: Open, cast: Cast, wall: Wall) -> None:
    ines, session_id = browser("ines"), in_an_hour(cast, wall)
    missing = "A talk with Ana alone is not noted yet."
    for address in (couple(cast), f"/coach/sessions/{session_id}"):
        assert missing in words(ines.get(address).text)
    noted = ines.post(
        f"{couple(cast)}/partners/{cast.ana.person_id}/spoken", {"spoken_on": "2026-11-19"}, page=page(cast)
    )
    assert noted.location == page(cast)
    assert "You spoke with Ana alone on 19 November 2026." in words(ines.get(page(cast)).text)
    for address in (couple(cast), f"/coach/sessions/{session_id}"):
        shown = words(ines.get(address).text)
        assert missing not in shown
        assert "A talk with Ben alone is not noted yet." in shown


def test_a_day_that_is_none_is_said_at_its_field(browser: Open, cast: Cast) -> None:
    ines, address = browser("ines"), f"{couple(cast)}/partners/{cast.ben.person_id}/spoken"
    for typed, said in (("tomorrow", "Give the day as a date"), ("2031-01-01", "This day is still to come.")):
        reply = ines.post(address, {"spoken_on": typed}, page=page(cast))
        assert reply.status_code == 422
        assert f'value="{typed}"' in reply.text
        assert said in reply.text


def test_minutes_alone_stand_in_the_same_words_on_everybodys_pages(browser: Open, cast: Cast, wall: Wall) -> None:
    session_id = in_an_hour(cast, wall)
    for name in ("ana", "ben"):
        assert MINUTES in words(browser(name).get("/my/").text)
    ines = browser("ines")
    assert MINUTES in words(ines.get(f"/coach/sessions/{session_id}").text)
    wall.forward(hours=1)
    ines = browser("ines")
    assert MINUTES in words(ines.get(f"/coach/sessions/{session_id}/close").text)
    ines.post(f"/coach/sessions/{session_id}/turn", {}, page=f"/coach/sessions/{session_id}")
    for address in ("/coach/together", "/coach/together/close"):
        assert MINUTES in words(ines.get(address).text)
    assert joint_mode.together(cast.ines, session_id).line.alone_minutes == 10


def test_minutes_alone_are_changed_and_switched_off(browser: Open, cast: Cast, wall: Wall) -> None:
    ines, _ = browser("ines"), in_an_hour(cast, wall)
    address = f"{couple(cast)}/alone-minutes"
    assert ines.post(address, {"minutes": "15"}, page=page(cast)).location == page(cast)
    assert "In each session 15 minutes are for each alone." in words(browser("ben").get("/my/").text)
    ines.post(address, {"minutes": "0"}, page=page(cast))
    assert "for each alone" not in words(browser("ben").get("/my/").text)
    for typed in ("61", "-1", "many", ""):
        reply = ines.post(address, {"minutes": typed}, page=page(cast))
        assert reply.status_code == 422
        assert 'aria-invalid="true"' in reply.text
