"""Saying how one can be reached, on a phone: behind the pass phrase, and the same pages whatever stands there."""

from collections.abc import Callable

from portal.services import safe_ways
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser
from tests.pages import says, still, title

Open = Callable[[str | None], Browser]
PATH = "/my/account/safe-contact"
SAID = {"phone": "1", "number": "0151 2300", "times": "At noon", "mail": "1", "words": "Never in the evening"}


def test_it_is_said_and_shown_again_behind_the_pass_phrase_alone(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    assert "I may be called" not in ana.get(PATH).text
    page = ana.post(PATH, {"passphrase": PASSPHRASE})
    assert page.status_code == 200
    assert says(page, "I may be called")
    assert ana.post(PATH, {**SAID, "save": "1", "passphrase": PASSPHRASE}).location == "/my/account"
    assert "Never in the evening" in ana.post(PATH, {"passphrase": PASSPHRASE}).text
    assert "Never in the evening" not in ana.get(PATH).text
    way = safe_ways.of(cast.ines, cast.ana.person_id)
    assert way is not None
    assert (way.phone, way.voicemail, way.mail, way.between_sessions) == (True, False, True, True)


def test_a_wrong_pass_phrase_shows_nothing_and_keeps_what_was_typed(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    refused = ana.post(PATH, {"passphrase": "not the right words"})
    assert (refused.status_code, "I may be called" in refused.text) == (422, False)
    refused = ana.post(PATH, {**SAID, "save": "1", "passphrase": "not the right words"})
    assert refused.status_code == 422
    assert "Never in the evening" in refused.text
    assert says(refused, "This is not your pass phrase.")
    assert safe_ways.of(cast.ines, cast.ana.person_id) is None


def test_what_is_too_long_is_named_beside_its_field(browser: Open) -> None:
    reply = browser("ana").post(PATH, {**SAID, "words": "x" * 1001, "save": "1", "passphrase": PASSPHRASE})
    assert reply.status_code == 422
    assert 'id="words-error"' in reply.text


def test_the_pages_around_it_are_the_same_whether_something_stands_there_or_not(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    before = [still(ana.get(path)) for path in ("/my/", PATH)]
    safe_ways.say(cast.ana, PASSPHRASE, safe_ways.SafeWayOfReaching(words="Never in the evening"))
    assert [still(ana.get(path)) for path in ("/my/", PATH)] == before
    assert "Never in the evening" not in ana.get("/my/account").text
    assert title(ana.get(PATH)) == "Portal: Account"


def test_the_coach_finds_it_behind_a_neutral_link(browser: Open, cast: Cast) -> None:
    safe_ways.say(cast.ana, PASSPHRASE, safe_ways.SafeWayOfReaching(phone=True, number="0151 2300"))
    ines, couple = browser("ines"), f"/coach/couples/{cast.couples['ana']}"
    assert f'href="{couple}/reaching">How to reach them<' in ines.get(couple).text
    assert "0151" not in ines.get(couple).text
    page = ines.get(f"{couple}/reaching").text
    assert "0151 2300" in page
    assert "Nothing was said yet." in page


def test_it_is_in_no_file_of_ones_own(browser: Open, cast: Cast) -> None:
    """As telling as a private answer: whoever is made to show the file shows nothing of it."""
    asked = {"passphrase": PASSPHRASE}
    before = [browser("ana").post("/my/export", {"kind": kind, **asked}).text for kind in ("json", "csv")]
    safe_ways.say(cast.ana, PASSPHRASE, safe_ways.SafeWayOfReaching(words="Never in the evening"))
    after = [browser("ana").post("/my/export", {"kind": kind, **asked}).text for kind in ("json", "csv")]
    assert after == before
    assert address_of("ana") in after[0]
