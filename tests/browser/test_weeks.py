"""The trends page week by week: by mouse and by keyboard, put away with Escape, and nothing lost without JavaScript."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests import cast as gathered
from tests import weeks
from tests.browser.conftest import Person, Served
from tests.conftest import Wall

pytestmark = pytest.mark.browser
WEEKS = 4


@pytest.fixture
def trends(served: Served, wall: Wall) -> str:
    """Four weeks of Ana and Ben; the page's address."""
    with served.app.app_context():
        cast, start = gathered.find(), wall.now
        for ago in range(WEEKS - 1, -1, -1):
            wall.to(start - timedelta(weeks=ago))
            weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben, b1=str(5 + ago))
        return f"/coach/couples/{cast.couples['ana']}/trends"


def of_width(page: Page, width: int) -> Locator:
    return page.locator(".at-desk .drawn" if width > 500 else ".at-phone .drawn").first


@pytest.mark.parametrize("width", [390, 1280])
def test_a_week_says_by_keyboard_what_its_row_says(person: Callable[..., Person], trends: str, width: int) -> None:
    ines = person(width, reduced_motion="reduce").sign_in("ines")
    page = ines.go(trends)
    drawn = of_width(page, width)
    bar, hint = drawn.get_by_role("slider", name="Week by week"), drawn.locator(".hint-week")
    expect(hint).to_be_hidden()
    # one stop for the whole chart, at the latest week
    page.locator("summary").filter(has_text="One question by itself").focus()
    page.keyboard.press("Tab")
    expect(bar).to_be_focused()
    expect(hint).to_be_visible()
    latest = hint.text_content() or ""
    expect(bar).to_have_attribute("aria-valuetext", latest)
    page.keyboard.press("ArrowLeft")
    before = hint.text_content() or ""
    assert before != latest
    expect(bar).to_have_attribute("aria-valuetext", before)
    page.keyboard.press("Home")
    expect(hint).to_contain_text("not answered")
    expect(bar).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("ArrowLeft")  # there is none before it
    expect(bar).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("End")
    expect(hint).to_have_text(latest)
    box, room = hint.bounding_box(), drawn.bounding_box()
    assert box
    assert room
    assert room["x"] - 1 <= box["x"]
    assert box["x"] + box["width"] <= room["x"] + room["width"] + 1, "nothing scrolls sideways for it"
    page.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    expect(bar).to_be_focused()
    page.locator("summary").filter(has_text="The same as a table").first.click()
    cells = page.locator(".table.num tbody tr").nth(10).locator("td").all_inner_texts()
    assert [cell for cell in cells if cell not in before] == []
    assert ines.faults == []


def test_by_mouse_it_stays_while_one_is_on_it_and_goes_with_escape(person: Callable[..., Person], trends: str) -> None:
    page = person(1280).sign_in("ines").go(trends)
    drawn = of_width(page, 1280)
    hint = drawn.locator(".hint-week")
    bar = drawn.get_by_role("slider")
    room = bar.bounding_box()
    assert room
    assert room["height"] >= 24
    bar.hover(position={"x": room["width"] * 9.5 / 12, "y": 60})
    expect(hint).to_be_visible()
    said = hint.text_content() or ""
    hint.hover()
    expect(hint).to_have_text(said)
    page.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    bar.hover(position={"x": room["width"] * 8.5 / 12, "y": 60})
    expect(hint).not_to_have_text(said)
    page.get_by_role("heading", level=1).hover()
    expect(hint).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_a_week_open_the_page_breaks_no_rule_of_axe(
    person: Callable[..., Person], trends: str, scheme: str
) -> None:
    page = person(1280, scheme).sign_in("ines").go(f"{trends}?show=b1&period=26")
    of_width(page, 1280).get_by_role("slider").focus()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_without_javascript_everything_stands_in_the_table_and_the_drawing_says_it_too(
    person: Callable[..., Person], trends: str
) -> None:
    page = person(1280, java_script_enabled=False).sign_in("ines").go(trends)
    expect(page.get_by_role("slider")).to_have_count(0)
    page.locator("summary").filter(has_text="The same as a table").first.click()
    expect(page.locator(".table.num tbody tr").nth(11)).to_be_visible()
    expect(page.locator(".at-desk .c-hints title").last).to_contain_text("Ana: ")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_figures_of_a_brief_unfold_below_its_drawings(
    served: Served, person: Callable[..., Person], wall: Wall, trends: str, width: int
) -> None:
    with served.app.app_context():
        session_id = weeks.meet(gathered.find().couples["ana"], wall.now + timedelta(days=1))
    page = person(width).sign_in("ines").go(f"/coach/sessions/{session_id}/brief")
    page.locator("summary").filter(has_text="All figures as a table").click()
    expect(page.locator(".figures-all tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
