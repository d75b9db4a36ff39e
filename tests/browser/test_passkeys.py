"""Passkeys in a real Chromium with a virtual authenticator: set up, and used at the door."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Literal
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from werkzeug.serving import make_server

from portal import create_app
from portal.extensions import db
from tests import cast as gathered
from tests.browser.conftest import WIDTHS, Person, Served
from tests.conftest import Wall, settings_for
from tests.keys import code_at_the_door

pytestmark = pytest.mark.browser
KEY = "/account/second-key"


@contextmanager
def serving(app: Flask, port: int) -> Iterator[str]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def named(databases: Callable[[str], str], wall: Wall, tmp_path: Path) -> Iterator[Served]:
    """The portal at an address with a name: browsers give no passkeys to a number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(settings_for(databases("named_served"), tmp_path, base_url=f"http://localhost:{port}"))
    with serving(app, port) as address:
        yield Served(app, address)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ana(chromium: Chromium, named: Served) -> Iterator[Person]:
    """Ana with a phone that keeps keys."""
    context = chromium.new_context(viewport={"width": 390, "height": WIDTHS[390]})
    context.set_default_timeout(15_000)
    person = Person(context, named)
    devtools = context.new_cdp_session(person.page)
    devtools.send("WebAuthn.enable")
    keeps = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": keeps})
    yield person
    context.close()


def give_passphrase(person: Person) -> None:
    person.page.get_by_label("Your pass phrase").fill(gathered.PASSPHRASE)
    person.page.get_by_role("button", name="Go on").click()


def add_passkey(ana: Person) -> None:
    page = ana.sign_in("ana").go("/my/account")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_label("Your pass phrase").fill(gathered.PASSPHRASE)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What to call it").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your spare codes")).to_be_visible()
    assert page.locator("code.key").count() == 10
    page.get_by_role("link", name="I have them").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def test_a_passkey_is_set_up_and_opens_the_door_once_for_each_challenge(ana: Person) -> None:
    add_passkey(ana)
    page = ana.give_passphrase("ana").page
    with page.expect_request("**/second-key/passkey") as posted:
        page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/my/")
    assert ana.faults == []
    recorded = parse_qs(posted.value.post_data or "")["credential"][0]
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page = ana.give_passphrase("ana").page
    again = {"csrf_token": page.locator("[name=csrf_token]").first.input_value(), "credential": recorded}
    assert ana.context.request.post(f"{ana.address}{KEY}/passkey", form=again).status == 422
    assert "/second-key" in ana.go("/my/").url


def test_a_key_that_was_used_on_another_origin_opens_nothing(ana: Person, named: Served) -> None:
    add_passkey(ana)
    ana.give_passphrase("ana")
    with serving(named.app, 0) as elsewhere:  # the same host, so that the browser signs; another port
        ana.page.goto(f"{elsewhere}{KEY}")
        ana.page.get_by_role("button", name="Use your passkey").click()
        expect(ana.page.get_by_text("This key opened nothing.").first).to_be_visible()
    assert "/second-key" in ana.go("/my/").url


def test_a_key_that_does_not_answer_is_said_in_words(ana: Person) -> None:
    add_passkey(ana)
    page = ana.give_passphrase("ana").page
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no key')); }")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("The key did not answer.")).to_be_visible()


@pytest.mark.parametrize(("name", "width", "scheme"), [("ana", 390, "light"), ("ines", 1280, "dark")])
def test_axe_finds_nothing_on_the_pages_of_the_second_key(
    chromium: Chromium, named: Served, name: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme)
    person, found = Person(context, named), []
    page = person.page

    def look(what: str) -> None:
        rules = Axe().run(page).response["violations"]
        found.extend((what, rule["id"], rule["nodes"][0]["target"]) for rule in rules)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
        if os.environ.get("LOOK"):
            page.screenshot(path=f"{os.environ['LOOK']}/{name}-{what}-{width}-{scheme}.png", full_page=True)

    if name == "ines":
        person.give_passphrase(name)
        look("door")
        page.get_by_label("The six digits").fill(code_at_the_door(named.app, gathered.address_of(name)))
        page.get_by_role("button", name="Go in", exact=True).click()
    else:
        person.give_passphrase(name)
    person.go("/coach/account" if name == "ines" else "/my/account")
    look("account")
    page.locator("#key ~ .actions a").click()
    page.get_by_role("button", name="Go on").click()
    look("step up refused")
    page.get_by_label("Your pass phrase").fill(gathered.PASSPHRASE)
    page.get_by_role("button", name="Go on").click()
    look("set up")
    if name == "ines":
        page.get_by_role("button", name="Make ten new ones").click()
        look("spare codes")
    else:
        page.get_by_role("button", name="Set up an app").click()
        page.get_by_label("The six digits").fill("000000")
        page.get_by_role("button", name="Set it up").click()
        look("app refused")
    context.close()
    assert found == []
