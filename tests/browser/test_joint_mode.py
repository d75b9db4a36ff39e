"""The turned screen in a real Chromium: Back, reload and typed addresses stay inside, and leaving it asks."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from portal.domain.sessions import NoteKind, SessionKind
from portal.services import notes, sessions
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall

pytestmark = pytest.mark.browser
TOGETHER = "/coach/together"
PRIVATE = "Ask Ana about the stairs, alone"


@pytest.fixture
def session_id(served: Served, wall: Wall) -> UUID:
    """A session that has just begun, with a line of the coach's own on its page."""
    with served.app.app_context():
        cast = gathered.find()
        new = NewSession(SessionKind.JOINT, wall.now - timedelta(minutes=5), 50, "Room 2")
        planned = sessions.plan(cast.ines, cast.couples["ana"], new)
        notes.write(cast.ines, planned, NoteKind.THREAD, PRIVATE)
        return planned


def private(page: Page) -> Locator:
    return page.get_by_role("paragraph").filter(has_text=PRIVATE)


def turn(ines: Person, session_id: UUID) -> Page:
    page = ines.go(f"/coach/sessions/{session_id}")
    expect(private(page)).to_be_visible()
    page.get_by_role("button", name="Turn the screen round").click()
    page.wait_for_url(f"**{TOGETHER}")
    return page


def shows_what_both_may_see(page: Page) -> None:
    """What is painted, and what stands in the document: neither holds a private word, whatever was gone back to."""
    page.wait_for_url(f"**{TOGETHER}")
    expect(page.get_by_role("heading", name="Ana & Ben")).to_be_visible()
    assert PRIVATE not in page.content()
    assert page.locator("a[href^='/coach/']:not([href^='/coach/together'])").count() == 0


def faults(page: Page) -> list[tuple[str, object]]:
    """What axe finds, and whether anything scrolls sideways."""
    found = [(rule["id"], rule["nodes"][0]["target"]) for rule in Axe().run(page).response["violations"]]
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *([("wide", page.url)] if is_wide else [])]


def test_back_reload_and_typed_addresses_stay_inside(person: Callable[..., Person], session_id: UUID) -> None:
    ines = person(1280).sign_in("ines")
    for path in ("/coach/", "/coach/couples/", "/coach/alone"):
        ines.go(path)
    page = turn(ines, session_id)
    shows_what_both_may_see(page)
    for _ in range(5):
        page.go_back()
        shows_what_both_may_see(page)
    page.go_forward()
    shows_what_both_may_see(page)
    page.reload()
    shows_what_both_may_see(page)
    for path in ("/", "/coach/", f"/coach/sessions/{session_id}/brief", "/account/step-up", "/sign-in", "/nothing"):
        shows_what_both_may_see(ines.go(path))


def test_a_browser_that_keeps_pages_as_they_were_shows_none_of_them(
    keeper: Callable[..., Person], session_id: UUID
) -> None:
    ines = keeper(1280).sign_in("ines")
    ines.go("/coach/sessions/")
    page = turn(ines, session_id)
    for _ in range(3):
        ines.back()
        shows_what_both_may_see(page)


def test_a_page_that_the_browser_kept_does_not_come_back(person: Callable[..., Person], session_id: UUID) -> None:
    """As browsers do that keep pages marked no-store as they were: the event comes that says so."""
    ines = person(1280).sign_in("ines")
    page = ines.go(f"/coach/sessions/{session_id}")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert page.evaluate("getComputedStyle(document.body).display") == "none"
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(private(page)).to_be_visible()


def test_another_window_of_the_same_browser_turns_too(person: Callable[..., Person], session_id: UUID) -> None:
    ines = person(1280).sign_in("ines")
    other = ines.context.new_page()
    other.goto(f"{ines.address}/coach/sessions/{session_id}")
    expect(private(other)).to_be_visible()
    turn(ines, session_id)
    shows_what_both_may_see(other)


def test_another_browser_of_the_same_coach_goes_on(person: Callable[..., Person], session_id: UUID) -> None:
    desk, phone = person(1280).sign_in("ines"), person(390).sign_in("ines")
    turn(desk, session_id)
    expect(private(phone.go(f"/coach/sessions/{session_id}"))).to_be_visible()


def test_leaving_asks_and_back_from_there_asks_again(person: Callable[..., Person], session_id: UUID) -> None:
    ines = person(1280).sign_in("ines")
    page = turn(ines, session_id)
    page.get_by_role("link", name="Turn the screen back").click()
    page.get_by_label("Your pass phrase").fill("not the right words")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This is not your pass phrase.").first).to_be_visible()
    shows_what_both_may_see(ines.go("/coach/"))
    page.get_by_role("link", name="Turn the screen back").click()
    page.get_by_label("Your pass phrase").fill(gathered.PASSPHRASE)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Your own line")).to_be_visible()
    assert PRIVATE not in page.content()
    page.get_by_role("link", name="Go on without").click()
    expect(private(page)).to_be_visible()


def test_the_hour_is_closed_on_the_turned_screen(person: Callable[..., Person], session_id: UUID, wall: Wall) -> None:
    ines = person(1280).sign_in("ines")
    page = turn(ines, session_id)
    wall.forward(minutes=75)  # longer than a coach's browser stays open by itself
    page.get_by_role("link", name="Close the session").click()
    assert faults(page) == []
    page.get_by_label("First").fill("A walk on Sunday")
    page.get_by_role("button", name="Close the session").click()
    expect(page.get_by_text("A walk on Sunday")).to_be_visible()
    shows_what_both_may_see(page)
    assert faults(page) == []
    expect(person(390).sign_in("ben").go("/my/").get_by_text("A walk on Sunday")).to_be_visible()


def test_nothing_of_the_desk_is_kept_for_the_turned_screen(person: Callable[..., Person], session_id: UUID) -> None:
    page = turn(person(1280).sign_in("ines"), session_id)
    kept = page.evaluate("async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length]")
    assert kept == [0, 0, 0]
