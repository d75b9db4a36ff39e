"""A partner's home: what is next, in plain words, and not a sign of what the other did."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal import clock
from portal.domain.sessions import NoteKind, SessionKind
from portal.services import notes, reviews, sent_forms, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import SECRET, assign, floor, send, task_of
from tests.pages import TELLING, says, still, title

Open = Callable[[str | None], Browser]
PAGES = ("/my/", "/my/shared", "/my/account", "/my/export", "/help-now")


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor", why="You talk over each other.")


def seen_by(browser: Browser) -> list[tuple[int, str, dict[str, str]]]:
    return [still(browser.get(path)) for path in PAGES]


def test_a_home_without_anything_to_do_is_calm(browser: Open) -> None:
    reply = browser("ana").get("/my/")
    assert reply.status_code == 200
    assert reply.text.count("<h1") == 1
    assert says(reply, "Hello, Ana.")
    assert says(reply, "Nothing to do at the moment.")
    assert says(reply, "Whatever is open to both of you stands there")


def test_what_is_next_leads_to_ones_own_copy(browser: Open, cast: Cast, given: UUID) -> None:
    page = browser("ana").get("/my/").text
    assert "One holds the floor" in page
    assert "You talk over each other." in page
    assert f"/my/tasks/{task_of(cast.ana, given)}" in page
    assert str(task_of(cast.ben, given)) not in page


@pytest.mark.parametrize("act", ["opens", "drafts", "sends", "fails", "leaves"])
def test_nothing_on_any_page_moves_when_the_other_does_something(
    browser: Open, cast: Cast, given: UUID, act: str
) -> None:
    ben, ana = browser("ben"), browser("ana")
    before = seen_by(ben)
    address = f"/my/tasks/{task_of(cast.ana, given)}"
    typed = {"version": "0", "private-shown": "1", "understood": SECRET}
    acts: dict[str, Callable[[], object]] = {
        "opens": lambda: ana.get(address),
        "drafts": lambda: ana.post(address, typed | {"later": "1"}),
        "sends": lambda: send(cast.ana, task_of(cast.ana, given), floor()),
        "fails": lambda: browser(None).post("/sign-in", {"email": "ana@home.example", "password": "no"}, page="/reset"),
        "leaves": lambda: ana.post("/exit", page="/help-now"),
    }
    acts[act]()
    assert seen_by(ben) == before


def test_what_was_agreed_and_the_next_session_stand_there_for_both(browser: Open, cast: Cast, wall: Wall) -> None:
    tomorrow = NewSession(SessionKind.JOINT, clock.now() + timedelta(days=1), 60, "Room 2")
    session_id = sessions.plan(cast.ines, cast.couples["ana"], tomorrow)
    notes.write(cast.ines, session_id, NoteKind.AGREED, "Phones stay in the kitchen.")
    notes.write(cast.ines, session_id, NoteKind.REMINDER, "Keep the pace.")
    for name in ("ana", "ben"):
        reply = browser(name).get("/my/")
        assert says(reply, "Phones stay in the kitchen.")
        assert says(reply, "20:00")
        assert "Keep the pace" not in reply.text


def test_a_session_of_one_is_on_nobodys_home(browser: Open, cast: Cast) -> None:
    before = {name: still(browser(name).get("/my/")) for name in ("ana", "ben")}
    alone = NewSession(SessionKind.INDIVIDUAL_A, clock.now() + timedelta(days=1), 60, "Room 2")
    sessions.plan(cast.ines, cast.couples["ana"], alone)
    assert {name: still(browser(name).get("/my/")) for name in ("ana", "ben")} == before


def test_times_are_told_in_ones_own_zone_and_the_others_stay(browser: Open, cast: Cast) -> None:
    tomorrow = NewSession(SessionKind.JOINT, clock.now() + timedelta(days=1), 60, "")
    sessions.plan(cast.ines, cast.couples["ana"], tomorrow)
    browser("ana").post("/my/account", {"zone": "America/New_York"}, page="/my/account")
    assert says(browser("ana").get("/my/"), "14:00")
    assert says(browser("ben").get("/my/"), "20:00")


def test_the_home_of_another_couple_is_untouched(browser: Open, cast: Cast, given: UUID) -> None:
    eva = browser("eva").get("/my/")
    assert says(eva, "Hello, Eva.")
    assert "One holds the floor" not in eva.text
    assert "One holds the floor" in browser("ana").get("/my/").text


def test_its_title_is_the_site_and_one_word(browser: Open, given: UUID) -> None:
    assert title(browser("ana").get("/my/")) == "Portal: Home"
    assert not TELLING.search(title(browser("ana").get("/my/")))


def test_staff_have_no_home_there(browser: Open) -> None:
    for name in ("ines", "omar", "sol"):
        assert browser(name).get("/my/").status_code == 404


@pytest.mark.parametrize("line", ["", "Well held"])
def test_home_says_that_a_form_was_read_the_same_with_a_line_and_without(
    browser: Open, cast: Cast, given: UUID, line: str
) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    send(cast.ben, task_of(cast.ben, given), floor(), key="of Ben")
    bens = still(browser("ben").get("/my/"))
    form = next(f for f in sent_forms.of_couple(cast.ines, cast.couples["ana"]) if f.person_id == cast.ana.person_id)
    reviews.review(cast.ines, form.response_id, line)
    page = browser("ana").get("/my/").text
    assert page.count('<span class="mute">Ines has read it</span>') == 1
    assert "Well held" not in page
    assert still(browser("ben").get("/my/")) == bens
