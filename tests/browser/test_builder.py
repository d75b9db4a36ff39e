"""The builder, end to end: from nothing to a form that is given, answered, edited, and answered again side by side."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall

pytestmark = pytest.mark.browser
NEW, DRAFT_LINE = "/coach/questionnaires/new", "A draft of the next version."
FIRST_WORDS, LATER_WORDS = "How close did I feel to you?", "How near were we to each other?"
REFUSED = "status of 422"  # a scale whose ends were left empty, on purpose
SAW, HERON, CALM = "What did I see on the way?", "A heron by the weir", "It was easier than I thought"


@pytest.mark.parametrize("has_script", [True, False])
def test_a_form_is_built_given_answered_edited_and_answered_again(
    served: Served, person: Callable[..., Person], wall: Wall, has_script: bool
) -> None:
    with served.app.app_context():
        couple = str(gathered.find().couples["ana"])
    ines = person(1280, java_script_enabled=has_script).sign_in("ines")
    ana = person(390, java_script_enabled=has_script).sign_in("ana")
    _build(ines)
    _assign(ines, couple, "2026-11-30")
    _answer(ana, FIRST_WORDS, "3", HERON)
    wall.forward(days=1)
    for somebody, name in ((ines, "ines"), (ana, "ana")):
        somebody.sign_in(name)
    _edit(ines)
    _assign(ines, couple, "2026-12-02")
    _answer(ana, LATER_WORDS, "8", CALM)
    _look_side_by_side(ines)
    assert [fault for somebody in (ines, ana) for fault in somebody.faults if REFUSED not in fault] == []


def _build(ines: Person) -> None:
    page = ines.go("/coach/questionnaires/")
    page.get_by_role("link", name="Write an exercise").click()
    page.get_by_label("Title", exact=True).fill("A walk side by side")
    page.get_by_label("What it is for").fill("To talk without looking at each other.")
    page.get_by_label("Each alone", exact=True).check()
    page.get_by_label("Minutes").first.fill("20")
    page.get_by_label("How to do it").fill("Leave the phones at home.\nWalk for ten minutes.")
    page.get_by_role("button", name="Begin, and write the questions").click()
    _add(page, "In their own words", SAW, "Both, from the morning after both have sent")
    _add(page, "A scale from 0 to 10", FIRST_WORDS, "Both, once you open it in the session", ends=("far", "close"))
    expect(page.locator(".question h3").nth(0)).to_have_text(SAW)
    # by the keyboard alone, and the focus stays on the one that was moved
    page.get_by_role("button", name=f"Up {FIRST_WORDS}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".question h3").nth(0)).to_have_text(FIRST_WORDS)
    expect(page.get_by_role("button", name=f"Down {FIRST_WORDS}")).to_be_focused()
    _see_as_a_partner(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as version 1.")).to_be_visible()


def _add(page: Page, kind: str, words: str, readers: str, ends: tuple[str, str] | None = None) -> None:
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_label("The question").fill(words)
    if ends:
        page.get_by_role("button", name="Save").last.click()
        # what was typed is kept, and the field that is missing is named
        expect(page.get_by_role("alert")).to_contain_text("Give the words at both ends")
        expect(page.get_by_label("The question")).to_have_value(words)
        page.get_by_label("The words at 0").fill(ends[0])
        page.get_by_label("The words at 10").fill(ends[1])
    page.get_by_label(readers, exact=True).check()
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".question h3").filter(has_text=words)).to_be_visible()


def _see_as_a_partner(page: Page) -> None:
    page.get_by_role("link", name="As a partner sees it").click()
    phone = page.frame_locator("iframe")
    expect(phone.get_by_role("heading", name="A walk side by side")).to_be_visible()
    expect(phone.get_by_text("Ines and the other: opened in the session")).to_be_visible()
    expect(phone.get_by_text(FIRST_WORDS).first).to_be_visible()
    frame = page.locator("iframe").bounding_box()
    assert frame
    assert round(frame["width"]) in range(385, 391)
    page.get_by_role("link", name="A walk side by side").click()


def _assign(ines: Person, couple: str, until: str) -> None:
    page = ines.go(f"/coach/couples/{couple}/assign")
    page.locator("select[name=step]").select_option(label="Active listening")
    page.locator("label", has_text="A walk side by side").click()
    page.locator("input[name=due_on]").fill(until)
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Assigned.")).to_be_visible()


def _answer(ana: Person, scale: str, value: str, said: str) -> None:
    page = ana.go("/my/")
    page.get_by_role("link", name="Open", exact=True).first.click()
    page.get_by_label("Done", exact=True).check()
    page.get_by_role("group", name=scale).locator("label.cell", has_text=value).first.click()
    page.get_by_role("textbox", name=SAW).fill(said)
    page.get_by_role("button", name="Check before sending").last.click()
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sent.")).to_be_visible()


def _edit(ines: Person) -> None:
    page = ines.go("/coach/questionnaires/")
    page.get_by_role("link", name="A walk side by side", exact=True).click()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_text(DRAFT_LINE)).to_be_visible()
    page.get_by_role("link", name=f"Edit {FIRST_WORDS}").click()
    page.get_by_label("The question").fill(LATER_WORDS)
    page.get_by_label("The words at 0").fill("miles away")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as version 2.")).to_be_visible()


def _look_side_by_side(ines: Person) -> None:
    page = ines.go("/coach/questionnaires/")
    page.get_by_role("link", name="A walk side by side", exact=True).click()
    page.get_by_role("link", name="Side by side: Ana & Ben").click()
    row = page.locator(".question", has_text=LATER_WORDS)
    left, right = row.locator(".wording").nth(0), row.locator(".wording").nth(1)
    for side, words, ends, answer in ((left, FIRST_WORDS, "0 (far)", "3"), (right, LATER_WORDS, "0 (miles away)", "8")):
        expect(side.get_by_role("heading", name=words)).to_be_visible()
        expect(side).to_contain_text(ends)
        expect(side.locator(".said")).to_have_text(answer)
    said = page.locator(".question", has_text=SAW).locator(".said")
    assert said.all_inner_texts() == [HERON, CALM]
    page.get_by_role("link", name="sent on").first.click()
    page.get_by_role("link", name="Beside answers to another version of this form").click()
    expect(page.locator(".question", has_text=LATER_WORDS)).to_be_visible()
