"""The draft that a page keeps by itself: nothing of it is lost, however quick the reload, however slow the line."""

import time
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.extensions import db
from portal.models.responses import ParkedText
from portal.services import accounts
from portal.services.drafts import PARKED_PLACE, Typed, seal_typed
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall
from tests.given import assign, task_of

WROTE = "What do you fear when I raise my voice"
LATER = "and what would help you then"

pytestmark = pytest.mark.browser


@pytest.fixture
def slow(served: Served) -> list[float]:
    """The seconds that the next saves take to arrive, one by one; what is not in the list is quick."""
    waits: list[float] = []
    inner = served.app.wsgi_app

    def delayed(environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"].endswith("/draft") and waits:
            time.sleep(waits.pop(0))
        return inner(environ, start_response)

    served.app.wsgi_app = delayed
    return waits


@pytest.fixture
def page(served: Served, person: Callable[..., Person]) -> Page:
    """Ana at a task of hers that nobody has begun."""
    with served.app.app_context():
        cast = gathered.find()
        task_id = task_of(cast.ana, assign(cast, "trade-blame-for-a-question"))
    return person(390).sign_in("ana").go(f"/my/tasks/{task_id}")


def question(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("textbox", name="The question I asked")


def private(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("input[type=checkbox][name=my_question-disclosure]")


def stands(page: Page, text: str) -> None:
    expect(question(page)).to_have_value(text)
    expect(private(page)).to_be_checked()


@pytest.mark.parametrize("waits", [[], [0.6], [0.6, 0.6], [0.0, 0.6]], ids=str)
def test_a_reload_at_once_loses_neither_the_last_words_nor_who_may_read_them(
    page: Page, slow: list[float], waits: list[float]
) -> None:
    slow += waits
    question(page).fill(WROTE)
    question(page).blur()  # begins a save
    question(page).fill(f"{WROTE}, {LATER}")
    private(page).check()
    page.reload()
    stands(page, f"{WROTE}, {LATER}")
    page.wait_for_timeout(2000)
    stands(page, f"{WROTE}, {LATER}")


def test_words_typed_right_before_a_reload_are_kept_though_no_save_had_begun(page: Page, slow: list[float]) -> None:
    slow += [0.4]
    question(page).fill(WROTE)
    private(page).check()
    page.reload()
    stands(page, WROTE)


def test_a_page_goes_on_saving_after_a_late_save_of_the_page_before_it(page: Page, slow: list[float]) -> None:
    slow += [0.8]
    question(page).fill(WROTE)
    private(page).check()
    page.reload()
    other = page.get_by_role("textbox", name="What we will try")
    shut = page.locator("details.fold-more:not([open]) > summary")
    while shut.count():
        shut.first.click()
    other.fill(LATER)
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")
    page.wait_for_timeout(2500)
    page.reload()
    stands(page, WROTE)
    expect(other).to_have_value(LATER)


def test_a_page_goes_on_saving_once_its_author_has_signed_in_again_in_another_tab(page: Page, served: Served) -> None:
    line = page.locator("[data-draft-status]")
    question(page).fill(WROTE)
    expect(line).to_have_attribute("data-state", "saved")
    with served.app.app_context():
        accounts.end_sessions_of(gathered.find().ana.person_id)
        db.session.commit()
    question(page).fill(f"{WROTE}, {LATER}")
    expect(line).to_contain_text("Sign in again in another tab")
    tab = page.context.new_page()
    tab.goto(f"{served.address}/sign-in")
    tab.get_by_label("E-mail").fill(gathered.address_of("ana"))
    tab.get_by_label("Pass phrase").fill(gathered.PASSPHRASE)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url("**/my/")
    private(page).check()
    expect(line).to_have_attribute("data-state", "saved")
    page.reload()
    stands(page, f"{WROTE}, {LATER}")


def test_a_parked_text_on_an_older_draft_asks_before_it_takes_its_place(page: Page, served: Served, wall: Wall) -> None:
    question(page).fill(WROTE)
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")
    task_id = UUID(page.url.rsplit("/", 1)[1])
    with served.app.app_context():
        ana = gathered.find().ana
        sealed = seal_typed(ana.person_id, PARKED_PLACE, task_id, Typed({"my_question": LATER}, {}))
        own = {"practice_id": ana.practice_id, "person_id": ana.person_id, "task_id": task_id}
        db.session.add(ParkedText(version=0, document=sealed, parked_at=clock.now(), **own))
        db.session.commit()
    page.goto(page.url)
    expect(question(page)).to_have_value(LATER)
    question(page).fill(f"{LATER}, I wonder")
    expect(page.locator("[data-draft-status]")).to_contain_text("A newer draft was saved on another device.")
    page.wait_for_timeout(1500)  # it does not try again and again
    page.get_by_role("button", name="Check before sending").last.click()
    expect(page.locator("#elsewhere")).to_be_visible()
    expect(question(page)).to_have_value(f"{LATER}, I wonder")
    expect(page.get_by_text(WROTE, exact=True)).to_be_visible()


def test_the_same_sentence_changed_on_two_devices_is_not_merged(
    page: Page, served: Served, person: Callable[..., Person]
) -> None:
    laptop = person(1280).sign_in("ana").go(page.url.removeprefix(served.address))
    question(page).fill(WROTE)
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")
    question(laptop).fill(LATER)
    expect(laptop.locator("[data-draft-status]")).to_contain_text("A newer draft was saved on another device.")
    expect(question(laptop)).to_have_value(LATER)
    laptop.reload()
    expect(question(laptop)).to_have_value(WROTE)


def test_different_questions_answered_on_two_devices_both_stand(
    page: Page, served: Served, person: Callable[..., Person]
) -> None:
    laptop = person(1280).sign_in("ana").go(page.url.removeprefix(served.address))
    question(page).fill(WROTE)
    private(page).check()
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")
    laptop.get_by_label("Done", exact=True).check()
    expect(laptop.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")
    stands(laptop, WROTE)
    page.reload()
    stands(page, WROTE)
    expect(page.get_by_label("Done", exact=True)).to_be_checked()
