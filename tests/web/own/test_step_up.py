"""The pass phrase once more before a change of one's own security, and what rises and falls with it."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.web.guards import Owed
from tests.cast import PASSPHRASE
from tests.conftest import Browser, Wall

Open = Callable[[str | None], Browser]
UNDONE = "Nothing was done yet. Please do it once more."
SET_UP = "/account/second-key/set-up"
# what is posted to the common area and changes nothing that decides who gets in
WITHOUT = {"own.step_up", "own.second_key", "own.passkey", "own.passkey_challenge"}
ENDS_ALONE = {"own.devices_end_one", "own.devices_end_others"}  # to end something is never made harder


def test_every_change_of_ones_security_asks_for_the_pass_phrase_again(app: Flask) -> None:
    posted = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    asking = {name for name in posted if getattr(app.view_functions[name], "needs_step_up", False)}
    assert {name for name in posted if name.startswith("own.")} - asking == WITHOUT | ENDS_ALONE


def test_what_opens_while_the_second_key_is_owed_is_named_here(app: Flask) -> None:
    marks = {name: getattr(view, "open_while_owing", ()) for name, view in app.view_functions.items()}
    assert {name for name, owed in marks.items() if Owed.PROOF in owed} == WITHOUT - {"own.step_up"}
    assert {name for name, owed in marks.items() if Owed.SET_UP in owed} == {
        "own.step_up",
        "own.set_up",
        "own.app_new",
        "own.app_confirm",
        "own.passkeys_add",
        "own.passkeys_challenge",
    }


@pytest.mark.parametrize("name", ["ines", "ana"])
def test_it_holds_five_minutes_in_one_browser(browser: Open, wall: Wall, name: str) -> None:
    here, other = browser(name), browser(name)
    asked = here.get(SET_UP)
    assert (asked.status_code, asked.location) == (303, f"/account/step-up?next={SET_UP}")
    given = here.post(asked.location, {"passphrase": PASSPHRASE}, page="/account/step-up")
    assert given.location == SET_UP
    assert here.get(SET_UP).status_code == 200
    assert other.get(SET_UP).status_code == 303
    wall.forward(minutes=4, seconds=59)
    assert here.get(SET_UP).status_code == 200
    wall.forward(seconds=1)
    assert here.get(SET_UP).status_code == 303


def test_what_is_posted_too_late_leads_back_to_its_page(browser: Open, wall: Wall) -> None:
    here = browser("ana").step_up()
    wall.forward(minutes=5)
    reply = here.post("/account/second-key/app/new", page="/my/")
    assert reply.location == f"/account/step-up?next={SET_UP}"


def test_what_was_not_taken_is_said_on_the_page_that_one_comes_back_to_and_once(browser: Open) -> None:
    here, page = browser("ines"), "/coach/practice/members"
    asked = here.post(page, {"name": "Tim", "address": "tim@north.example", "role": "coach"}, page="/coach/account")
    assert UNDONE not in here.get(asked.location).text
    here.post(asked.location, {"passphrase": PASSPHRASE}, page="/account/step-up")
    assert UNDONE in here.get(page).text
    assert UNDONE not in here.get(page).text


def test_who_only_looks_or_does_something_else_is_told_of_nothing_undone(browser: Open) -> None:
    here, page = browser("ines"), "/coach/practice/members"
    asked = here.post(page, {}, page="/coach/account")
    here.post(here.get(SET_UP).location, {"passphrase": PASSPHRASE}, page=asked.location)
    assert UNDONE not in here.get(SET_UP).text


@pytest.mark.parametrize(
    ("wanted", "back"),
    [
        ("/coach/practice/members", "/coach/practice/members"),
        (SET_UP, "/coach/account"),  # which would ask again itself
        ("/coach/no-such-page", "/coach/account"),
        ("https://elsewhere.example/", "/coach/account"),
    ],
)
def test_there_is_a_way_back_from_the_question(browser: Open, wanted: str, back: str) -> None:
    page = browser("ines").get(f"/account/step-up?next={wanted}").text
    assert f'<a class="back" href="{back}">' in page


def test_a_wrong_pass_phrase_opens_nothing_and_is_bounded(browser: Open) -> None:
    here, other = browser("ines"), browser("ines")
    wrong = {"csrf_token": here.token("/account/step-up"), "passphrase": "not the right words"}
    replies = [here.client.post("/account/step-up", data=wrong) for _ in range(20)]
    assert {reply.status_code for reply in replies} == {422}
    assert "This is not your pass phrase." in replies[0].text
    assert here.get(SET_UP).status_code == 303
    assert here.client.post("/account/step-up", data=wrong | {"passphrase": PASSPHRASE}).status_code == 429
    assert other.step_up().get(SET_UP).status_code == 200


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_it_leads_to_no_other_site(browser: Open, wanted: str) -> None:
    here = browser("ana")
    path = f"/account/step-up?next={wanted}"
    assert here.post(path, {"passphrase": PASSPHRASE}, page="/account/step-up").location == "/my/account"


def test_the_id_of_the_session_is_new_and_the_old_one_dead_at_once(browser: Open) -> None:
    here = browser("ines")
    before = here.client.get_cookie("id")
    assert before
    here.step_up()
    thief = Browser(here.client.application.test_client())
    thief.client.set_cookie("id", before.value)
    assert thief.get("/coach/").location.startswith("/sign-in")
    assert here.get("/coach/").status_code == 200


def test_it_makes_the_session_no_longer(browser: Open, wall: Wall) -> None:
    here = browser("ines")
    for _ in range(24):
        wall.forward(minutes=29)
        assert here.step_up().get("/coach/").status_code == 200
    wall.forward(minutes=25)
    assert here.get("/coach/").status_code == 303  # twelve hours after signing in


def test_a_form_that_is_open_in_another_tab_can_still_be_sent(browser: Open) -> None:
    here = browser("ines")
    token = here.token("/coach/account")
    here.step_up()
    reply = here.client.post("/coach/account", data={"csrf_token": token, "zone": "Europe/Lisbon"})
    assert reply.status_code == 303
