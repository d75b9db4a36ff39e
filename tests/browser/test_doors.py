"""The doors in a real Chromium, phone and desk: nothing that axe finds, nothing that scrolls sideways."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.services import invitations
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.letters import link

pytestmark = pytest.mark.browser


@pytest.fixture
def invited(served: Served) -> str:
    """The path of a fresh invitation of Gil's."""
    with served.app.app_context():
        cast = gathered.find()
        invitations.invite_again(cast.ines, cast.couples["gil"], cast.gil.person_id, gathered.LINK)
        return link(gathered.address_of("gil"), "invitation")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing_at_an_open_door_or_a_refusal(
    person: Callable[..., Person], served: Served, invited: str, width: int, scheme: str
) -> None:
    somebody, found = person(width, scheme), []

    def look(page: Page, name: str) -> None:
        rules = Axe().run(page).response["violations"]
        found.extend((name, rule["id"], rule["nodes"][0]["target"]) for rule in rules)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    page = somebody.go(invited)
    look(page, "invitation")
    press(page)
    look(page, "invitation refused")
    somebody.go("/reset").get_by_label("E-mail").fill(gathered.address_of("ana"))
    press(page)
    look(page, "reset asked for")
    with served.app.app_context():
        somebody.go(link(gathered.address_of("ana"), "reset"))
    look(page, "reset")
    press(page)
    look(page, "reset refused")
    somebody.go("/sign-in").get_by_label("E-mail").fill(gathered.address_of("ana"))
    page.get_by_label("Pass phrase").fill("not this one at all")
    press(page)
    look(page, "sign-in refused")
    assert found == []


def press(page: Page) -> None:
    page.locator("main form button").last.click()
    page.wait_for_load_state()


def test_on_a_wide_screen_the_form_stands_in_the_middle_of_its_room(person: Callable[..., Person]) -> None:
    page = person(1280).go("/reset")
    box = page.locator("main").bounding_box()
    assert box
    assert abs((box["y"] + box["height"] / 2) - 450) < 2
