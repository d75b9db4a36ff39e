"""The door itself: what it keeps of what was typed, whom it answers alike, and what stands above its pages."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.domain.texts import TextKind
from portal.services import texts
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser
from tests.pages import TELLING, says, still, title

Open = Callable[[str | None], Browser]
WRONG = "not this one at all"
UNKNOWN = "zoe@home.example"  # as long as Ana's, and nobody's


def try_door(browser: Browser, address: str, passphrase: str = WRONG, **more: Any) -> Any:
    return browser.post("/sign-in", {"email": address, "password": passphrase}, page="/sign-in", **more)


def test_whole_replies_are_equal_to_the_byte(browser: Open) -> None:
    known, unknown = address_of("ana"), UNKNOWN
    replies = [still(try_door(browser(None), address), address) for address in (known, unknown)]
    assert replies[0] == replies[1]
    assert replies[0][0] == 422


def test_notices_at_the_door_do_not_tell_whose_practice_a_name_is_of(browser: Open, cast: Cast) -> None:
    texts.publish(cast.ines, TextKind.PRIVACY, "What is kept of you, and why.", 0)
    replies = [still(try_door(browser(None), name), name) for name in (address_of("ana"), UNKNOWN)]
    assert replies[0] == replies[1]


def test_somebody_invited_is_answered_like_nobody_even_with_the_right_words(browser: Open) -> None:
    gil = address_of("gil")
    for passphrase in (PASSPHRASE, WRONG):
        replies = [still(try_door(browser(None), address, passphrase), address) for address in (gil, UNKNOWN)]
        assert replies[0] == replies[1]


def test_the_address_is_kept_as_typed_and_the_pass_phrase_is_not(browser: Open) -> None:
    reply = try_door(browser(None), " Ana@Home.example ", WRONG)
    assert 'value=" Ana@Home.example "' in reply.text
    assert WRONG not in reply.text
    assert says(reply, "This name and pass phrase do not belong together.")


def test_what_is_missing_is_named_at_its_field(browser: Open) -> None:
    reply = try_door(browser(None), "", "")
    assert reply.status_code == 422
    assert 'href="#email">Give your e-mail address or user name.' in reply.text
    assert 'href="#password">Give your pass phrase.' in reply.text


def test_every_link_in_a_summary_of_errors_leads_to_a_field(browser: Open) -> None:
    for reply in (try_door(browser(None), "", ""), try_door(browser(None), UNKNOWN)):
        assert 'href="#email"' in reply.text
        assert 'id="email"' in reply.text


def test_a_failed_sign_in_ends_nothing(browser: Open) -> None:
    ana = browser("ana")
    token = ana.token("/my/account")
    sent = {"csrf_token": token, "email": address_of("ben"), "password": WRONG}
    assert ana.client.post("/sign-in", data=sent).status_code == 422
    assert ana.get("/").location == "/my/"


OUR_OWN = "/my/"
HOSTILE = (
    "https://evil.example/",
    "http://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "//evil.example",
    "//evil.example/my/",
    "///evil.example",
    "////evil.example",
    "//evil.example:443",
    "//user@evil.example",
    "//127.0.0.1:8000@evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\evil.example",
    "/my/\\..\\..//evil.example",
    "/\t/evil.example",
    "/\n//evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "/\x0b/evil.example",
    "/\u2028/evil.example",
    "/\u200b/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,evil",
    "vbscript:evil",
    "mailto:eve@evil.example",
    "ftp://evil.example",
    "evil.example",
    "evil.example/my/",
    "my/account",
    "@evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "..//evil.example",
    "",
)


def test_the_table_of_hostile_places_is_long_enough() -> None:
    assert len(set(HOSTILE)) >= 40


def test_whatever_next_says_signing_in_stays_at_home(browser: Open) -> None:
    here = browser(None)
    for wanted in HOSTILE:
        reply = try_door(here, address_of("ana"), PASSPHRASE, query_string={"next": wanted})
        assert (wanted, reply.location) == (wanted, OUR_OWN)


def test_a_cookie_that_was_tampered_with_is_nobody(browser: Open, app: Flask) -> None:
    found = browser("ana").client.get_cookie("id")
    assert found is not None
    for value in (found.value[:-2] + ("aa" if found.value[-2:] != "aa" else "bb"), "x", ""):
        client = app.test_client()
        client.set_cookie("id", value)
        assert Browser(client).get("/").location == "/sign-in"


@pytest.mark.parametrize("path", ["/sign-in", "/reset", "/help-now", "/reset/unknown", "/invitations/unknown", "/none"])
def test_titles_of_doors_are_neutral_and_nothing_is_kept(browser: Open, path: str) -> None:
    reply = browser(None).get(path)
    assert title(reply).startswith("Portal")
    assert not TELLING.search(title(reply))
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "word"),
    [("/my/", "Home"), ("/my/shared", "Shared"), ("/my/account", "Account"), ("/my/export", "Account")],
)
def test_titles_of_partners_pages_are_the_site_and_one_word(browser: Open, path: str, word: str) -> None:
    assert title(browser("ana").get(path)) == f"Portal: {word}"


def test_addresses_of_doors_and_of_partners_pages_are_neutral(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(("/coach", "/static"))]
    assert [rule for rule in rules if TELLING.search(rule.replace("_", " "))] == []


def test_whoever_was_led_here_is_told_one_thing_whatever_ended(browser: Open) -> None:
    line = "Please sign in to go on."
    ended = browser("ana")
    ended.post("/sign-out", page="/my/")
    led = [still(one.get(one.get("/my/account").location)) for one in (browser(None), ended)]
    assert led[0][1] == led[1][1]
    assert line in led[0][1]
    assert not says(browser(None).get("/sign-in"), line)
    assert not says(browser(None).get("/sign-in?done=accepted"), line)
    assert says(browser(None).get("/sign-in?done=accepted"), "Your account is ready. Sign in.")
