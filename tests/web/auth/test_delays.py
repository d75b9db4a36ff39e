"""Waiting at the door: by typed name, known or not, never a lock; for nobody else's failures on a known device."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import extract_parameters
from flask import Flask
from sqlalchemy import event, select

from portal.domain.accounts import waiting_time
from portal.extensions import db
from portal.models.doors import DoorDelay, KnownDevice
from portal.models.second_factors import SecondFactor
from portal.services import accounts, devices, practices, resets
from portal.services.practices import NewCoach
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import SECOND_KEY, Browser, Wall
from tests.keys import code_at_the_door, code_of, give_app
from tests.letters import link
from tests.pages import says, still
from tests.web.auth.test_reset import set_anew

Open = Callable[[str | None], Browser]
ANA, UNKNOWN = address_of("ana"), "zoe@home.example"
WRONG = "not this one at all"


def try_door(browser: Browser, name: str, passphrase: str = WRONG) -> Any:
    return browser.post("/sign-in", {"email": name, "password": passphrase}, page="/sign-in")


def fail(browser: Browser, times: int, name: str = ANA) -> list[int]:
    return [try_door(browser, name).status_code for _ in range(times)]


def signed_in_before(browser: Open, name: str = "ana") -> Browser:
    """The browser of somebody who signed in on it, and out again."""
    here = browser(name)
    here.post("/sign-out")
    return here


def test_the_waits_are_none_three_times_then_double_to_thirty_seconds() -> None:
    waits = [waiting_time(failures).total_seconds() for failures in range(12)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]


def test_known_and_unknown_names_wait_alike_to_the_byte(browser: Open, wall: Wall) -> None:
    told = []
    for name in (ANA, address_of("gil"), UNKNOWN):
        here, replies = browser(None), []
        for _ in range(6):
            replies.append(try_door(here, name))
            replies.append(try_door(here, name))
            wall.forward(seconds=3)
        told.append([still(reply, name) for reply in replies])
        assert {status for status, _, _ in told[-1]} == {422, 429}
    assert told[0] == told[1] == told[2]


def test_a_wait_says_how_long_and_the_right_pass_phrase_works_after_it(browser: Open, wall: Wall) -> None:
    here = browser(None)
    assert fail(here, 4) == [422] * 4
    wait = try_door(here, ANA, PASSPHRASE)
    assert (wait.status_code, wait.headers["Retry-After"]) == (429, "1")
    assert says(wait, "Try again in one second.")
    wall.forward(seconds=1)
    assert try_door(here, ANA, PASSPHRASE).status_code == 303


def test_hammering_does_not_lengthen_the_wait(browser: Open, wall: Wall) -> None:
    here = browser(None)
    fail(here, 4)
    assert fail(here, 20) == [429] * 20
    wall.forward(seconds=1)
    assert try_door(here, ANA, PASSPHRASE).status_code == 303


def test_the_longest_wait_is_half_a_minute_and_an_hour_of_quiet_forgets(browser: Open, wall: Wall) -> None:
    here = browser(None)
    for _ in range(15):
        fail(here, 1)
        wall.forward(seconds=30)
    fail(here, 1)
    assert try_door(here, ANA).headers["Retry-After"] == "30"
    wall.forward(hours=1)
    assert fail(here, 3) == [422] * 3
    assert try_door(here, ANA, PASSPHRASE).status_code == 303


def test_other_names_do_not_wait(browser: Open) -> None:
    fail(browser(None), 5)
    assert try_door(browser(None), address_of("ben"), PASSPHRASE).status_code == 303


def test_who_was_signed_in_here_before_is_not_kept_out_by_others(browser: Open) -> None:
    phone = signed_in_before(browser)
    fail(browser(None), 8)
    assert try_door(browser(None), ANA, PASSPHRASE).status_code == 429
    assert try_door(phone, ANA, PASSPHRASE).status_code == 303


def test_a_shared_phone_does_not_tell_who_was_signed_in_on_it(browser: Open, wall: Wall) -> None:
    """Ben fails with Ana's name elsewhere, then on the phone: what he gets there is the same in both worlds."""
    fresh, used = browser(None), signed_in_before(browser)
    seen = []
    for phone in (fresh, used):
        wall.forward(hours=2)
        fail(browser(None), 6)
        replies = [try_door(phone, ANA) for _ in range(3)]
        wall.forward(seconds=40)
        replies += [try_door(phone, ANA) for _ in range(3)]
        seen.append([still(reply) for reply in replies])
    assert seen[0] == seen[1]


def test_failures_on_a_known_device_make_that_device_wait(browser: Open) -> None:
    phone = signed_in_before(browser)
    fail(phone, 4)
    assert try_door(phone, ANA, PASSPHRASE).status_code == 429


def test_the_cookie_is_there_before_anybody_signs_in_and_never_changes(browser: Open) -> None:
    here = browser(None)
    cookie = here.get("/sign-in").headers["Set-Cookie"].partition(";")
    marks = [c for c in here.client._cookies.values() if c.key == "browser"]
    assert len(marks) == 1
    assert marks[0].http_only
    assert marks[0].max_age == 90 * 24 * 3600
    assert cookie
    here.sign_in(ANA)
    here.post("/sign-out")
    here.sign_in(address_of("ben"))
    assert here.client.get_cookie("browser").value == marks[0].value  # type: ignore[union-attr]


def test_a_browser_is_known_only_once_the_second_key_was_given(browser: Open, cast: Cast) -> None:
    give_app(cast.ana)
    here = browser(None).give_passphrase(ANA)
    cookie = here.client.get_cookie("browser")
    assert cookie
    here.post(SECOND_KEY, {"code": "000000"}, page=SECOND_KEY)
    assert not devices.knows(cookie.value, cast.ana.person_id)
    here.post(SECOND_KEY, {"code": code_at_the_door(here.client.application, ANA)}, page=SECOND_KEY)
    assert devices.knows(cookie.value, cast.ana.person_id)


def test_a_browser_of_staff_is_known_only_once_a_second_key_was_set_up(browser: Open, cast: Cast) -> None:
    nell = practices.add_coach(cast.ines, NewCoach("Nell", "nell@north.example", PASSPHRASE))
    here = browser(None).give_passphrase("nell@north.example")
    cookie = here.client.get_cookie("browser")
    assert cookie
    assert not devices.knows(cookie.value, nell.person_id)
    here.post(f"{SECOND_KEY}/app/new", page=f"{SECOND_KEY}/set-up")
    app = db.session.scalars(select(SecondFactor).where(SecondFactor.person_id == nell.person_id)).one()
    here.post(f"{SECOND_KEY}/app", {"code": code_of(app)}, page=f"{SECOND_KEY}/app")
    assert devices.knows(cookie.value, nell.person_id)


def test_a_device_is_kept_as_a_hash_and_forgotten_with_a_reset(browser: Open, cast: Cast) -> None:
    phone = signed_in_before(browser)
    cookie = phone.client.get_cookie("browser")
    assert cookie
    assert devices.knows(cookie.value, cast.ana.person_id)
    assert not devices.knows(cookie.value, cast.ben.person_id)
    kept = db.session.scalars(select(KnownDevice.token_hash)).all()
    assert all(cookie.value.encode() not in found for found in kept)
    resets.ask_for_reset(ANA, "/reset/{token}")
    set_anew(browser(None), link(ANA, "reset"))
    assert not devices.knows(cookie.value, cast.ana.person_id)


def test_the_table_of_waits_names_nobody(app: Flask, browser: Open) -> None:
    fail(browser(None), 2)
    for row in db.session.scalars(select(DoorDelay)):
        assert len(row.lookup) == 32
        assert b"ana" not in row.lookup


@contextmanager
def statements() -> Iterator[list[str]]:
    """The texts of the statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/sign-in", "/reset"])
def test_known_and_unknown_names_cost_the_same_statements_and_hashes(
    browser: Open, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    hashed: list[str] = []
    verify = accounts._verify
    monkeypatch.setattr(accounts, "_verify", lambda kept, typed: hashed.append(kept) or verify(kept, typed))
    try_door(browser(None), "first@home.example")  # the first whom nobody knows begins the chain of such, once for ever
    told = []
    for name in (ANA, address_of("gil"), UNKNOWN):
        for _ in range(6):  # into the waiting time, too
            here = browser(None)
            sent = {"csrf_token": here.token(path), "email": name, "password": WRONG}
            hashed.clear()
            with statements() as texts:
                here.client.post(path, data=sent)
            told.append((tuple(texts), [extract_parameters(kept) for kept in hashed]))
    assert told[:6] == told[6:12] == told[12:]
    assert told[0][0]
    assert len(told[0][1]) == (path == "/sign-in")
