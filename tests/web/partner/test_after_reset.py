"""After a reset by mail that nobody vouched for, what was typed before is closed too: kept, not shown, and not lost."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest

from portal.domain.disclosure import Disclosure
from portal.services import couples, responses, sent_forms
from tests.cast import Cast, address_of
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, task_of
from tests.letters import link
from tests.pages import reset_in

Open = Callable[[str | None], Browser]
FRESH = "orange ladder quiet harbour"
WHY = "You told me about the evenings"
LINE = "What you typed before is kept and stays closed until Ines has spoken with you"


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    return task_of(cast.ana, assign(cast, "one-holds-the-floor", why=WHY, obstacle="When it is late"))


@pytest.fixture
def address(task_id: UUID) -> str:
    return f"/my/tasks/{task_id}"


@pytest.fixture
def typed(browser: Open, address: str) -> Browser:
    """Ana has typed into the form, a shared sentence and a private one."""
    ana = browser("ana")
    page = {"understood": OPEN, "understood-disclosure": "shared", "private_line": SECRET, "heat_peak": "3"}
    assert ana.post(address, {"version": "0", "later": "1", "private-shown": "1", **page}).status_code == 303
    return ana


@pytest.fixture
def somebody(browser: Open, typed: Browser, wall: Wall) -> Browser:
    """Whoever reads Ana's mailbox, in her account with a new pass phrase."""
    wall.forward(minutes=20)
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    browser(None).post(link(address_of("ana"), "reset"), {"passphrase": FRESH}, page="/sign-in")
    return browser(None).sign_in(address_of("ana"), FRESH)


def vouch(browser: Open, cast: Cast, wall: Wall) -> None:
    wall.forward(minutes=1)
    ines, couple = browser("ines"), f"/coach/couples/{cast.couples['ana']}"
    about = {"reset": reset_in(ines.get(couple).text)}
    assert ines.post(f"{couple}/partners/{cast.ana.person_id}/vouch", about).status_code == 303


def fields(page: str) -> dict[str, str]:
    """What a browser posts back of the page as it stands: its hidden fields."""
    found = re.findall(r'<input type="hidden" name="(version|closed|private-shown)" value="([^"]*)"', page)
    return dict(found)


def test_neither_what_was_typed_nor_what_the_coach_said_with_it_stands_on_any_page(
    somebody: Browser, address: str
) -> None:
    pages = [somebody.get(path).text for path in (address, f"{address}?private=show", f"{address}/review", "/my/")]
    for page in pages:
        assert not [text for text in (OPEN, SECRET, WHY, "When it is late") if text in page]
    assert all(LINE in page for page in pages[:2])
    assert "Draft saved at" not in re.sub(r'data-saved="[^"]*"', "", pages[0])


def test_the_line_is_the_same_where_nothing_was_typed(browser: Open, cast: Cast, somebody: Browser) -> None:
    other = f"/my/tasks/{task_of(cast.ana, assign(cast, 'ten-clear-minutes'))}"
    assert LINE in somebody.get(other).text


def test_what_is_typed_since_is_shown_again_and_what_was_typed_before_is_not_lost(
    browser: Open, cast: Cast, wall: Wall, somebody: Browser, address: str
) -> None:
    page = somebody.get(address).text
    sent = {**fields(page), "later": "1", "understood": "", "private_line": "New words", "my_accuracy": "4"}
    assert somebody.post(address, sent).status_code == 303
    again = somebody.get(address).text
    assert "New words" in again
    assert OPEN not in again
    assert SECRET not in again
    vouch(browser, cast, wall)
    whole = somebody.get(address).text
    assert all(text in whole for text in (OPEN, "New words", WHY))
    assert re.search(r'name="heat_peak" value="3"[^>]* checked', whole)
    assert whole.index("What you had typed before") < whole.index(SECRET) < whole.index("New words")


def test_a_page_that_was_open_while_the_coach_vouched_takes_nothing_away(
    browser: Open, cast: Cast, wall: Wall, somebody: Browser, address: str
) -> None:
    stale = fields(somebody.get(address).text)
    vouch(browser, cast, wall)
    somebody.post(f"{address}/draft", {**stale, "my_accuracy": "4", "understood": ""})
    page = somebody.get(address).text
    assert OPEN in page
    assert SECRET in page
    assert re.search(r'name="my_accuracy" value="4"[^>]* checked', page)


def test_a_second_reset_closes_what_was_typed_after_the_first(
    browser: Open, somebody: Browser, wall: Wall, address: str
) -> None:
    somebody.post(address, {**fields(somebody.get(address).text), "later": "1", "understood": "After the first"})
    wall.forward(minutes=20)
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    browser(None).post(link(address_of("ana"), "reset"), {"passphrase": "lantern under nine birches"}, page="/sign-in")
    another = browser(None).sign_in(address_of("ana"), "lantern under nine birches")
    assert "After the first" not in another.get(address).text


def test_what_is_sent_takes_along_what_was_typed_before_unseen_and_for_the_coach_alone(
    cast: Cast, somebody: Browser, address: str
) -> None:
    somebody.post(address, {**fields(somebody.get(address).text), "understood": "", "my_accuracy": "4"})
    page = somebody.get(f"{address}/review").text
    assert "is not shown here" in page
    assert OPEN not in page
    assert SECRET not in page
    kept = {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in ("version", "key")}
    assert somebody.post(f"{address}/review", kept | {"send": "1"}).location == f"{address}/sent"
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    found = {answer.item_id: answer for answer in form.answers}
    assert (found["understood"].value, found["private_line"].value) == (OPEN, SECRET)
    assert found["understood"].disclosure is Disclosure.COACH
    assert OPEN not in somebody.get(address).text


def test_a_number_that_cannot_be_sent_stays_behind_and_is_not_told(browser: Open, cast: Cast, wall: Wall) -> None:
    address = f"/my/tasks/{task_of(cast.ana, assign(cast, 'ten-clear-minutes'))}"
    browser("ana").post(address, {"version": "0", "later": "1", "days_done": "9", "private_line": SECRET})
    wall.forward(minutes=20)
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    browser(None).post(link(address_of("ana"), "reset"), {"passphrase": FRESH}, page="/sign-in")
    somebody = browser(None).sign_in(address_of("ana"), FRESH)
    page = somebody.get(f"{address}/review").text
    kept = {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in ("version", "key")}
    assert somebody.post(f"{address}/review", kept | {"send": "1"}).status_code == 303
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert (form.value("private_line"), form.value("days_done")) == (SECRET, None)


def test_what_was_being_typed_when_the_session_ran_out_is_closed_as_well(
    browser: Open, cast: Cast, wall: Wall, typed: Browser, address: str
) -> None:
    version = fields(typed.get(address).text)["version"]
    wall.forward(minutes=11)
    parked = {"version": version, "understood": "Half a thought", "private-shown": "1"}
    typed.post(address, parked, page="/sign-in")
    wall.forward(minutes=1)
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    browser(None).post(link(address_of("ana"), "reset"), {"passphrase": FRESH}, page="/sign-in")
    somebody = browser(None).sign_in(address_of("ana"), FRESH)
    assert "Half a thought" not in somebody.get(address).text
    vouch(browser, cast, wall)
    assert "Half a thought" in somebody.get(address).text


def test_private_questions_stay_kept_as_they_are_on_every_form(somebody: Browser, address: str) -> None:
    assert "Kept as you left them." in somebody.get(address).text


def test_who_chose_a_new_pass_phrase_themselves_finds_everything_as_it_was(
    browser: Open, typed: Browser, address: str, cast: Cast, task_id: UUID
) -> None:
    assert OPEN in typed.get(address).text
    assert couples.couple(cast.ines, cast.couples["ana"]).partners[0].needs_vouching is False
    assert responses.open_for(cast.ana, task_id).is_closed is False
