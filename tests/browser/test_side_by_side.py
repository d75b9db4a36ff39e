"""Ana and Ben signed in side by side, each on a phone of their own, with Ines at her desk: what each of them sees."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall
from tests.given import assign, task_of

pytestmark = pytest.mark.browser
EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Europe/Berlin"))
PRIVATE = "I lie awake and count the ways out"
SHARED = "That you ask because you care"
BENS = "That you need a minute first"
THANKS = "For the tea at night"
NOTHING_YET = "Nothing is open to both of you yet."
CHANGES = re.compile(r'nonce="[^"]*"|name="csrf_token" value="[^"]*"|<code class="offered">[^<]*')


@dataclass
class Side:
    """Somebody at a phone, with the addresses of their own copies of what both were given."""

    person: Person
    name: str
    floor: str
    check_in: str

    @property
    def page(self) -> Page:
        return self.person.page

    def go(self, path: str) -> Page:
        return self.person.go(path)

    def sees(self) -> dict[str, str]:
        """Every page of theirs as it comes now, without what is another each time for anybody."""
        paths = ("/my/", "/my/shared", "/my/account", "/my/export", self.floor, self.check_in)
        asked = self.person.context.request
        return {path: CHANGES.sub("", asked.get(self.person.address + path).text()) for path in paths}

    def write(self, *, understood: str = "", private: str = "") -> None:
        page = self.go(self.floor)
        page.get_by_label("Done", exact=True).check()
        unfold(page)
        page.locator("[name=understood]").fill(understood)
        page.locator("[name=private_line]").fill(private)
        expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")

    def send(self) -> None:
        """Send the form that is open."""
        self.page.get_by_role("button", name="Check before sending").last.click()
        self.page.get_by_role("button", name="Send", exact=True).last.click()
        expect(self.page.get_by_role("heading", name="Sent.")).to_be_visible()

    def reveal(self, passphrase: str = gathered.PASSPHRASE) -> Page:
        page = self.go(self.floor)
        page.get_by_label("Pass phrase").fill(passphrase)
        page.get_by_role("button", name="Show what I sent").click()
        return page

    def shared(self) -> Locator:
        return self.go("/my/shared").locator("main")

    def come_back(self) -> None:
        """Sign in again, the next morning."""
        self.person.sign_in(self.name)


def unfold(page: Page) -> None:
    shut = page.locator("details.fold-more:not([open]) > summary")
    while shut.count():
        shut.first.click()


@pytest.fixture
def given(served: Served) -> tuple[UUID, UUID]:
    """What Ines gave to both: an exercise, and the weekly check-in with its private questions."""
    with served.app.app_context():
        cast = gathered.find()
        return assign(cast, "one-holds-the-floor"), assign(cast, "weekly-check-in", weekly=True)


def side(served: Served, person: Callable[..., Person], name: str, given: tuple[UUID, UUID]) -> Side:
    with served.app.app_context():
        viewer = gathered.find().viewers[name]
        floor, check_in = (f"/my/tasks/{task_of(viewer, one)}" for one in given)
    return Side(person(390).sign_in(name), name, floor, check_in)


@pytest.fixture
def ana(served: Served, person: Callable[..., Person], given: tuple[UUID, UUID]) -> Side:
    return side(served, person, "ana", given)


@pytest.fixture
def ben(served: Served, person: Callable[..., Person], given: tuple[UUID, UUID]) -> Side:
    return side(served, person, "ben", given)


def test_whatever_ana_does_alone_stands_on_no_page_of_bens(
    ana: Side, ben: Side, served: Served, person: Callable[..., Person]
) -> None:
    """She writes, answers what is never shown again, sends, opens it again, and leaves, while his phone lies beside."""
    ben.go("/my/")
    lies_beside, before = ben.page.content(), ben.sees()

    ana.write(understood=SHARED, private=PRIVATE)
    assert ben.sees() == before
    ana.send()
    assert ben.sees() == before
    answer_what_is_private(ana)
    assert ben.sees() == before
    ana.reveal("not the right words")
    expect(ana.page.get_by_text("This is not your pass phrase.").first).to_be_visible()
    ana.reveal()
    expect(ana.page.get_by_text(PRIVATE)).to_be_visible()
    assert ben.sees() == before
    ana.page.route("https://**", lambda route: route.fulfill(body="neutral", content_type="text/html"))
    ana.page.get_by_role("button", name="Leave").click()
    ana.page.wait_for_url("https://**")
    assert "/sign-in" in ana.go("/my/").url

    assert ben.sees() == before
    assert ben.page.content() == lies_beside
    assert "/my/" in ben.go("/my/").url  # that she left ended nothing of his
    desk = person(1280).sign_in("ines").go("/coach/")
    desk.get_by_role("link", name="One holds the floor").first.click()
    expect(desk.get_by_text(PRIVATE)).to_be_visible()
    expect(desk.get_by_text(SHARED)).to_be_visible()


def answer_what_is_private(ana: Side) -> None:
    """Once it stands in the draft it is shown no more, whether it was answered or not; sent, it stays away for good."""
    page = ana.go(ana.check_in)
    page.locator("fieldset", has_text="afraid of your partner").get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Save and finish later").last.click()
    page.wait_for_url("**/my/")
    page = ana.go(ana.check_in)
    expect(page.get_by_text("Kept as you left them.")).to_be_visible()
    expect(page.get_by_text("afraid of your partner")).to_have_count(0)
    page.get_by_role("button", name="Check before sending").last.click()
    expect(page.get_by_text("Private questions: not shown here")).to_be_visible()
    expect(page.get_by_text("afraid of your partner")).to_have_count(0)
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sent.")).to_be_visible()
    page = ana.go(ana.check_in)
    page.get_by_label("Pass phrase").fill(gathered.PASSPHRASE)
    page.get_by_role("button", name="Show what I sent").click()
    expect(page.get_by_text("Private questions: not shown here")).to_be_visible()
    expect(page.get_by_text("afraid of your partner")).to_have_count(0)


def test_what_both_share_opens_to_both_at_eight_and_not_before(ana: Side, ben: Side, wall: Wall) -> None:
    ana.write(understood=SHARED, private=PRIVATE)
    ana.send()
    ben.write(understood=BENS)
    ben.send()
    wall.to(EIGHT - timedelta(minutes=1))
    for one in (ana, ben):
        one.come_back()
        expect(one.shared().get_by_text(NOTHING_YET)).to_be_visible()
    wall.to(EIGHT)
    for one in (ana, ben):
        page = one.shared()
        for said in (SHARED, BENS):
            expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_text(PRIVATE)).to_have_count(0)


def test_until_eight_ana_may_think_better_of_it_and_ben_cannot_tell(ana: Side, ben: Side, wall: Wall) -> None:
    ana.write(understood=SHARED)
    ana.send()
    ben.write(understood=BENS)
    ben.send()
    before = ben.sees()
    page = ana.reveal()
    page.locator("button[name=narrow][value=understood]", has_text="Keep between Ines and me").click()
    expect(page.locator("button[name=widen][value=understood]", has_text="Let Ben read this")).to_be_visible()
    assert ben.sees() == before
    wall.to(EIGHT)
    for one in (ana, ben):
        one.come_back()
        expect(one.shared().get_by_text(SHARED)).to_have_count(0)
    page = ana.reveal()
    expect(page.get_by_text(SHARED)).to_be_visible()
    expect(page.locator("button[name=widen], button[name=narrow]")).to_have_count(0)  # after eight it stays as it is


def test_ana_may_let_ben_read_it_now(ana: Side, ben: Side) -> None:
    ana.write(understood=SHARED, private=PRIVATE)
    ana.send()
    expect(ben.shared().get_by_text(SHARED)).to_have_count(0)
    page = ana.reveal()
    expect(page.get_by_text("This cannot be taken back.")).to_be_visible()
    page.get_by_role("button", name="Let Ben read it now").click()
    page.wait_for_load_state()
    for one in (ana, ben):
        expect(one.shared().get_by_text(SHARED)).to_be_visible()
        expect(one.page.get_by_text(PRIVATE)).to_have_count(0)


def test_what_was_sent_is_closed_again_after_five_minutes_and_open_on_that_phone_alone(
    ana: Side, person: Callable[..., Person], wall: Wall
) -> None:
    ana.write(understood=SHARED, private=PRIVATE)
    ana.send()
    expect(ana.go(ana.floor).get_by_text(PRIVATE)).to_have_count(0)  # that she has signed in does not count
    expect(ana.reveal().get_by_text(PRIVATE)).to_be_visible()
    other = person(390).sign_in("ana").go(ana.floor)
    expect(other.get_by_text("What you sent is closed")).to_be_visible()
    wall.forward(minutes=5, seconds=1)
    expect(ana.go(ana.floor).get_by_text("What you sent is closed")).to_be_visible()
    expect(ana.page.get_by_text(PRIVATE)).to_have_count(0)


def test_an_appreciation_waits_for_nobodys_sending(ana: Side, ben: Side, wall: Wall) -> None:
    page = ana.go(ana.check_in)
    unfold(page)
    page.locator("[name=t1]").fill(THANKS)
    ana.send()
    expect(ben.shared().get_by_text(THANKS)).to_have_count(0)
    wall.to(EIGHT)
    ben.come_back()
    expect(ben.shared().get_by_text(THANKS)).to_be_visible()
