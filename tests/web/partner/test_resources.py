"""The shelf on a phone: the same for both, said to lead elsewhere, and not mentioned while nothing stands there."""

import re
from collections.abc import Callable

from portal.services import couples, parting, resources
from tests.cast import LINK, PASSPHRASE, Cast
from tests.conftest import Browser
from tests.pages import says
from tests.web.world import put_on_shelf

Open = Callable[[str | None], Browser]


def shelf_of(browser: Browser) -> str:
    return browser.get("/my/shelf").text.partition("<main")[2].partition("</main>")[0]


def test_a_shelf_that_is_empty_is_not_mentioned_at_home(browser: Open) -> None:
    ana = browser("ana")
    assert "/my/shelf" not in ana.get("/my/").text
    assert says(ana.get("/my/shelf"), "Nothing stands here at the moment.")


def test_what_stands_there_is_reached_from_home_and_leads_elsewhere(browser: Open, cast: Cast) -> None:
    put_on_shelf(cast.ines)
    ana = browser("ana")
    assert 'href="/my/shelf"' in ana.get("/my/").text
    page = ana.get("/my/shelf")
    assert "<title>Portal: Home</title>" in page.text
    link = re.search(r'<a href="https://radio.example/episodes/12"([^>]*)>Half an hour about listening</a>', page.text)
    assert link is not None
    assert 'rel="noopener noreferrer external"' in link[1]
    for words in (
        "Each of these leads out of this place",
        "Podcast episode, 31 minutes, at radio.example",
        "For the way home",
    ):
        assert says(page, words), words


def test_what_it_is_stands_in_a_line_of_its_own_under_its_title(browser: Open, cast: Cast) -> None:
    put_on_shelf(cast.ines)
    assert '</a></strong></p><p class="mute">Podcast episode' in shelf_of(browser("ana"))


def test_both_find_the_same_page(browser: Open, cast: Cast) -> None:
    put_on_shelf(cast.ines)
    assert shelf_of(browser("ana")) == shelf_of(browser("ben"))


def test_what_stands_beside_another_step_is_not_there(browser: Open, cast: Cast) -> None:
    put_on_shelf(cast.ines, step="repair")
    assert "/my/shelf" not in browser("ana").get("/my/").text
    couples.set_step(cast.ines, cast.couples["ana"], "repair")
    assert "Half an hour" in shelf_of(browser("ana"))


def test_neither_sees_on_it_that_one_of_them_has_left(browser: Open, cast: Cast) -> None:
    put_on_shelf(cast.ines)
    before = shelf_of(browser("ana"))
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=True)
    assert shelf_of(browser("ana")) == shelf_of(browser("ben")) == before
    assert 'href="/my/shelf"' in browser("ana").get("/my/").text


def test_what_is_written_on_it_is_no_markup(browser: Open, cast: Cast) -> None:
    put_on_shelf(cast.ines, "<script>alert(1)</script>")
    assert "<script>alert" not in shelf_of(browser("ana"))
    assert resources.for_partner(cast.ana)[0].media.title == "<script>alert(1)</script>"
