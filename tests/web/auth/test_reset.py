"""A new pass phrase by mail: it lets somebody in again, and opens nothing of what was sent until the coach vouches."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal.services import outbox, resets
from portal.services.resets import MOST_AT_ONCE
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import START, Browser, Wall
from tests.given import SECRET, assign, floor, send, task_of
from tests.letters import letters, link
from tests.pages import reset_in, says, still

Open = Callable[[str | None], Browser]
FRESH = "orange ladder quiet harbour"
UNKNOWN = "zoe@home.example"
ANA = address_of("ana")


def ask(browser: Browser, address: str):  # type: ignore[no-untyped-def]
    return browser.post("/reset", {"email": address}, page="/reset")


def asked_for(browser: Open, address: str = ANA) -> str:
    """The path of the link that came."""
    assert ask(browser(None), address).status_code == 200
    return link(address, "reset")


def set_anew(browser: Browser, path: str, passphrase: str = FRESH):  # type: ignore[no-untyped-def]
    return browser.post(path, {"passphrase": passphrase}, page="/sign-in")


def sign_in(browser: Browser, passphrase: str, address: str = ANA) -> int:
    reply = browser.post("/sign-in", {"email": address, "password": passphrase}, page="/sign-in")
    return int(reply.status_code)


def test_known_unknown_and_invited_are_answered_alike(browser: Open) -> None:
    replies = [still(ask(browser(None), address), address) for address in (ANA, UNKNOWN, address_of("gil"))]
    assert replies[0] == replies[1] == replies[2]
    assert replies[0][0] == 200
    assert not letters(UNKNOWN, "reset")
    assert not letters(address_of("gil"), "reset")


def test_without_an_address_it_is_asked_for(browser: Open) -> None:
    reply = ask(browser(None), "")
    assert reply.status_code == 422
    assert 'href="#email">Give your e-mail address or user name.' in reply.text


def test_looking_at_a_link_changes_nothing(browser: Open) -> None:
    path = asked_for(browser)
    signed_in = browser("ana")
    for _ in range(2):
        assert browser(None).get(path).status_code == 200
        assert browser(None).client.head(path).status_code == 200
    assert signed_in.get("/").location == "/my/"
    assert sign_in(browser(None), PASSPHRASE) == 303
    assert set_anew(browser(None), path).status_code == 303


def test_the_new_pass_phrase_opens_the_door_and_the_old_one_does_not(browser: Open) -> None:
    reply = set_anew(browser(None), asked_for(browser))
    assert reply.location == "/sign-in?done=reset"
    assert says(browser(None).get(reply.location), "Your new pass phrase is set.")
    assert sign_in(browser(None), PASSPHRASE) == 422
    assert sign_in(browser(None), FRESH) == 303


def test_every_session_ends_with_a_reset_and_nobody_elses(browser: Open) -> None:
    phone, laptop, ben = browser("ana"), browser("ana"), browser("ben")
    set_anew(browser(None), asked_for(browser))
    assert [somebody.get("/").location for somebody in (phone, laptop, ben)] == ["/sign-in", "/sign-in", "/my/"]


def test_a_used_link_opens_nothing_and_says_what_to_do(browser: Open) -> None:
    path = asked_for(browser)
    set_anew(browser(None), path)
    for reply in (browser(None).get(path), set_anew(browser(None), path, "another one of mine")):
        assert reply.status_code == 410
        assert says(reply, "It was used, replaced by a newer one, or it has run out.")
        assert 'href="/reset"' in reply.text
    assert sign_in(browser(None), FRESH) == 303


def test_a_link_runs_out_after_two_hours(browser: Open, wall: Wall) -> None:
    path = asked_for(browser)
    wall.to(START + timedelta(hours=2, seconds=-1))
    assert browser(None).get(path).status_code == 200
    wall.to(START + timedelta(hours=2))
    reply = set_anew(browser(None), path)
    assert reply.status_code == 410
    assert says(reply, "It was used, replaced by a newer one, or it has run out.")
    assert sign_in(browser(None), PASSPHRASE) == 303


def test_asking_again_fills_no_mailbox_and_takes_no_link_away(browser: Open, wall: Wall) -> None:
    link = asked_for(browser)
    for _ in range(5):
        wall.forward(minutes=1)
        ask(browser(None), ANA)
    assert len(letters(ANA, "reset")) == 1
    assert browser(None).get(link).status_code == 200


def test_a_newer_link_ends_the_older_one(browser: Open, wall: Wall) -> None:
    older = asked_for(browser)
    wall.forward(minutes=11)
    newer = asked_for(browser)
    reply = browser(None).get(older)
    assert reply.status_code == 410
    assert says(reply, "It was used, replaced by a newer one, or it has run out.")
    assert browser(None).get(newer).status_code == 200


def test_an_invented_link_is_answered_like_a_revoked_one(browser: Open, wall: Wall) -> None:
    older = asked_for(browser)
    wall.forward(minutes=11)
    ask(browser(None), ANA)
    assert link(ANA, "reset") != older
    assert still(browser(None).get(older), older) == still(
        browser(None).get("/reset/" + "x" * 32), "/reset/" + "x" * 32
    )


def test_a_link_serves_its_own_purpose_alone(browser: Open, cast: Cast) -> None:
    token = asked_for(browser).rsplit("/", 1)[1]
    assert browser(None).get(f"/invitations/{token}").status_code == 410


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("", "Choose a pass phrase."),
        ("eleven char", "Use 12 characters or more."),
        ("password1234", "This one is easy to guess."),
        ("Ana Ana Ana 1", "This one is easy to guess."),
        ("Practice North", "This one is easy to guess."),
        ("x" * 999, "Use 200 characters at most."),
    ],
)
def test_an_easy_pass_phrase_is_refused_and_the_link_still_opens(browser: Open, passphrase: str, why: str) -> None:
    path = asked_for(browser)
    reply = set_anew(browser(None), path, passphrase)
    assert reply.status_code == 422
    assert says(reply, why)
    assert not passphrase or passphrase not in reply.text
    assert sign_in(browser(None), PASSPHRASE) == 303
    assert set_anew(browser(None), path).status_code == 303


def test_a_pass_phrase_of_ones_own_choice_ends_a_link_that_is_still_on_its_way(browser: Open) -> None:
    ana, path = browser("ana"), asked_for(browser)
    changed = {"old": PASSPHRASE, "new": FRESH}
    assert ana.post("/my/account/passphrase", changed, page="/my/account").status_code == 303
    assert browser(None).get(path).status_code == 410


def test_what_was_sent_stays_sealed_until_the_coach_vouches(browser: Open, cast: Cast, wall: Wall) -> None:
    task = sent_by_ana(cast)
    set_anew(browser(None), asked_for(browser))
    wall.forward(minutes=1)
    ana = browser(None).sign_in(ANA, FRESH)
    assert 'name="passphrase"' not in ana.get(task).text
    sealed = ana.post(f"{task}/reveal", {"passphrase": FRESH})
    assert sealed.status_code == 422
    assert says(sealed, "This waits, and what you sent before stays closed, until it is clear that it was you.")
    assert SECRET not in sealed.text + ana.get(task).text
    assert ana.post("/my/export", {"passphrase": FRESH}).status_code == 422
    couple = f"/coach/couples/{cast.couples['ana']}"
    ines = browser("ines")
    assert "vouch" in ines.get(couple).text
    about = {"reset": reset_in(ines.get(couple).text)}
    assert ines.post(f"{couple}/partners/{cast.ana.person_id}/vouch", about, page=couple).status_code == 303
    assert ana.post(f"{task}/reveal", {"passphrase": FRESH}).status_code == 303
    assert SECRET in ana.get(task).text
    assert ana.post("/my/export", {"passphrase": FRESH}).status_code == 200


def sent_by_ana(cast: Cast) -> str:
    """The address of a form that Ana has sent."""
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor())
    return f"/my/tasks/{task_id}"


def test_a_second_reset_seals_again(browser: Open, cast: Cast, wall: Wall) -> None:
    task = sent_by_ana(cast)
    couple = f"/coach/couples/{cast.couples['ana']}"
    for passphrase in (FRESH, "seven lamps in the river"):
        set_anew(browser(None), asked_for(browser), passphrase)
        ana = browser(None).sign_in(ANA, passphrase)
        assert ana.post(f"{task}/reveal", {"passphrase": passphrase}).status_code == 422
        wall.forward(minutes=5)
        ines = browser("ines")
        about = {"reset": reset_in(ines.get(couple).text)}
        ines.post(f"{couple}/partners/{cast.ana.person_id}/vouch", about, page=couple)
        assert ana.post(f"{task}/reveal", {"passphrase": passphrase}).status_code == 303


def test_nobody_but_the_own_coach_vouches(browser: Open, cast: Cast) -> None:
    set_anew(browser(None), asked_for(browser))
    path = f"/coach/couples/{cast.couples['ana']}/partners/{cast.ana.person_id}/vouch"
    for name in ("omar", "sol", "ben"):
        assert browser(name).post(path).status_code == 404


def test_a_reset_tells_the_other_partner_nothing(browser: Open, wall: Wall) -> None:
    ben = browser("ben")
    before = [still(ben.get(path)) for path in ("/my/", "/my/shared", "/my/account", "/help-now")]
    set_anew(browser(None), asked_for(browser))
    assert [still(ben.get(path)) for path in ("/my/", "/my/shared", "/my/account", "/help-now")] == before
    assert not letters(address_of("ben"), "reset")


def test_one_tap_on_a_link_that_ran_out_sends_a_new_one_and_is_answered_alike(browser: Open, wall: Wall) -> None:
    path = asked_for(browser)
    wall.forward(hours=3)
    replies = [browser(None).post(f"{old}/again", page="/reset") for old in (path, "/reset/unknown")]
    assert still(replies[0]) == still(replies[1])
    fresh = link(ANA, "reset")
    assert fresh != path
    assert set_anew(browser(None), fresh).status_code == 303
    assert len(letters(ANA, "reset")) == 2


def test_asking_again_and_again_fills_no_mailbox(browser: Open) -> None:
    for _ in range(5):
        ask(browser(None), ANA)
    assert len(letters(ANA, "reset")) == 1


def test_no_pass_phrase_stands_in_an_address(browser: Open) -> None:
    reply = browser(None).get(asked_for(browser))
    assert re.search(r'class="offered">[a-z]+-[a-z]+-[a-z]+-[a-z]+-[a-z]+<', reply.text)
    assert '<form method="post"' in reply.text
    assert 'method="get"' not in reply.text


def test_one_drain_answers_some_and_the_next_one_the_others_the_oldest_first(app: Flask, wall: Wall) -> None:
    for number in range(MOST_AT_ONCE):
        resets.ask_for_reset(f"nobody{number}@home.example", "/reset/{token}")
        wall.forward(seconds=1)
    resets.ask_for_reset(ANA, "/reset/{token}")
    assert resets.answer_requests() == MOST_AT_ONCE
    assert not [mail for mail in outbox.due() if mail.message == "reset"]
    assert resets.answer_requests() == 1
    assert [mail.address for mail in outbox.due() if mail.message == "reset"] == [ANA]
