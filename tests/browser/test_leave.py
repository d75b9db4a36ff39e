"""Leaving in a real Chromium, which keeps pages for Back as it does for people: nothing of it is left here."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from portal.extensions import db
from portal.models.users import WebSession
from tests import cast as gathered
from tests.browser.conftest import SETTLES, Person, Served
from tests.conftest import Wall
from tests.given import assign, task_of

pytestmark = pytest.mark.browser
TYPED = "I lie awake and count the ways out"
NEUTRAL = "https://www.wikipedia.org/"
OWN_PAGES = ("/my/", "/my/shared", "/my/account")
KEPT = """
async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})
"""
Way = Callable[[Page], None]


def by_button(page: Page) -> None:
    page.get_by_role("button", name="Leave").click(no_wait_after=True)


def by_escape(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Escape")


WAYS = pytest.mark.parametrize("leave", [by_button, by_escape])


@pytest.fixture
def task(served: Served) -> Iterator[str]:
    """The address of Ana's task."""
    with served.app.app_context():
        cast = gathered.find()
        yield f"/my/tasks/{task_of(cast.ana, assign(cast, 'one-holds-the-floor'))}"


@pytest.fixture
def ana(keeper: Callable[..., Person], task: str) -> Person:
    """Ana, who has gone through her pages and is writing; every other site is a neutral one."""
    person = keeper(390)
    person.context.route("https://**", neutral)
    person.sign_in("ana")
    for path in (*OWN_PAGES, task):
        person.go(path)
    write(person.page)
    return person


def neutral(route: Route) -> None:
    route.fulfill(body="<title>Neutral</title><p>neutral", content_type="text/html")


def write(page: Page) -> None:
    page.get_by_text("More, if you like").first.click()
    page.locator("textarea[name=private_line]").fill(TYPED)
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")


def history(page: Page) -> list[str]:
    """The addresses that Back and Forward can reach, the oldest first."""
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getNavigationHistory")
    return [entry["url"] for entry in found["entries"]]


@WAYS
def test_it_covers_the_page_before_the_server_has_answered(ana: Person, leave: Way) -> None:
    ana.page.route("**/exit", lambda route: (ana.page.wait_for_timeout(700), route.continue_()))
    leave(ana.page)
    assert ana.page.evaluate("getComputedStyle(document.body).display") == "none"
    assert ana.page.title() == ""
    ana.page.wait_for_url(NEUTRAL)


def test_escape_twice_or_slowly_leaves_nobody(ana: Person) -> None:
    ana.page.keyboard.press("Escape")
    ana.page.keyboard.press("Escape")
    ana.page.wait_for_timeout(1_700)
    ana.page.keyboard.press("Escape")
    ana.page.wait_for_timeout(SETTLES)
    expect(ana.page.locator("textarea[name=private_line]")).to_have_value(TYPED)


@WAYS
def test_it_ends_the_session_on_the_server(ana: Person, served: Served, leave: Way) -> None:
    before = ana.context.cookies()
    leave(ana.page)
    ana.page.wait_for_url(NEUTRAL)
    with served.app.app_context():
        assert list(db.session.scalars(select(WebSession).where(WebSession.ended_at.is_(None)))) == []
    ana.context.add_cookies(before)  # type: ignore[arg-type]  # what a browser gave it takes back
    assert "/sign-in" in ana.go("/my/").url


@WAYS
def test_the_neutral_site_stands_last_and_back_shows_none_of_ones_pages(ana: Person, task: str, leave: Way) -> None:
    leave(ana.page)
    ana.page.wait_for_url(NEUTRAL)
    reached = history(ana.page)
    assert reached[-1] == NEUTRAL
    assert not any(task in address for address in reached)
    for _ in range(len(reached) - 2):
        shows_nothing(ana.back())
    for _ in range(len(reached) - 2):
        ana.page.evaluate("setTimeout(() => history.forward(), 0)")
        ana.page.wait_for_timeout(SETTLES)
        shows_nothing(ana.page)


def shows_nothing(page: Page) -> None:
    """The door or another site; no page of one's own, neither before the eyes nor covered."""
    assert page.url == NEUTRAL or "/sign-in" in page.url, page.url
    seen = page.content()
    assert TYPED not in seen
    assert "Ana" not in seen
    assert "data-leave" not in seen


@WAYS
def test_nothing_is_kept_in_the_browser(ana: Person, leave: Way) -> None:
    assert set(ana.page.evaluate(KEPT).values()) == {0}  # nor was it while she wrote
    leave(ana.page)
    ana.page.wait_for_url(NEUTRAL)
    tell_nothing(ana.context)
    page = ana.go("/sign-in")
    assert set(page.evaluate(KEPT).values()) == {0}
    tell_nothing(ana.context)
    assert page.get_by_label("E-mail").input_value() == ""


def tell_nothing(context: BrowserContext) -> None:
    """A cookie of the doors is the same whoever was here; that of the session names nobody any more."""
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    assert set(cookies) <= {"browser", "id"}
    assert set(said_in(cookies.get("id", ""))) <= {"csrf_token"}


def said_in(cookie: str) -> dict[str, Any]:
    """What the cookie of a browser session says to whoever reads it."""
    text = cookie.split(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) if text else {}
    return found


def test_it_leads_away_though_the_server_does_not_answer(ana: Person) -> None:
    ana.page.route("**/exit", lambda route: route.abort())
    by_button(ana.page)
    ana.page.wait_for_url(NEUTRAL)
    assert history(ana.page)[-1] == NEUTRAL


def test_without_scripts_it_is_a_form_and_back_shows_none_of_ones_pages(
    keeper: Callable[..., Person], task: str
) -> None:
    person = keeper(390, java_script_enabled=False)
    person.context.route("https://**", neutral)
    person.sign_in("ana")
    for path in (*OWN_PAGES, task):
        person.go(path)
    # the way on to another site stands in the answer; playwright's neutral site cannot stand in for it there
    person.page.route("**/exit", lambda route: route.fulfill(response=route.fetch(max_redirects=0)))
    by_button(person.page)
    person.page.wait_for_timeout(SETTLES)
    devtools = person.context.new_cdp_session(person.page)
    entries = devtools.send("Page.getNavigationHistory")["entries"]
    own = [entry for entry in entries if "/my/" in entry["url"]]
    assert own
    for entry in own:
        devtools.send("Page.navigateToHistoryEntry", {"entryId": entry["id"]})
        person.page.wait_for_timeout(SETTLES)
        shows_nothing(person.page)


def test_no_field_for_private_words_offers_what_was_typed_before(ana: Person) -> None:
    texts = "textarea, input[type=text], input[type=date], input:not([type])"
    assert ana.page.locator(f"main :is({texts})").count() >= 2
    assert ana.page.locator(f"main :is({texts}):not([autocomplete=off])").count() == 0
    assert ana.page.locator("main form#questions[autocomplete=off]").count() == 1


def test_a_page_that_was_kept_past_the_end_of_its_session_does_not_come_back(ana: Person, wall: Wall) -> None:
    """Nobody left; the ten minutes are over. Back would bring the page as it was kept, though the server would not."""
    ana.go("/my/shared")
    wall.forward(minutes=10, seconds=1)
    ana.page.get_by_role("link", name="Account").click()
    ana.page.wait_for_url("**/sign-in**")
    for _ in range(3):
        shows_nothing(ana.back())


def test_after_twelve_hours_it_is_over_however_much_it_is_used(ana: Person, wall: Wall) -> None:
    for _ in range(80):
        wall.forward(minutes=9)
        assert ana.context.request.get(f"{ana.address}/my/", max_redirects=0).status == 200
    wall.forward(minutes=1)
    assert "/sign-in" in ana.go("/my/").url
