"""The shelf at the coach's desk: put there, reworded, put in order by buttons, taken off and put back."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest

from portal.domain.resources import MOST_ON_STEP
from portal.services import resources
from tests.cast import Cast
from tests.conftest import Browser
from tests.many import counted
from tests.pages import says
from tests.web.world import put_on_shelf

Open = Callable[[str | None], Browser]
SHELF, NEW = "/coach/programme/shelf", "/coach/programme/shelf/new"
TYPED: dict[str, object] = {
    "step": "gratitude",
    "kind": "film",
    "title": "An evening in the kitchen",
    "address": "https://films.example/kitchen",
    "minutes": "94",
    "why": "Two who say thank you late",
}


def titles(ines: Browser) -> list[str]:
    return re.findall(r'rel="noopener noreferrer external">([^<]+)', ines.get(SHELF).text)


def ids(cast: Cast) -> list[UUID]:
    return [kept.resource_id for step in resources.shelf(cast.ines) for kept in (*step.kept, *step.retired)]


def test_an_empty_shelf_says_what_to_do_first(browser: Open) -> None:
    ines = browser("ines")
    assert f'href="{SHELF}"' in ines.get("/coach/programme/").text
    page = ines.get(SHELF)
    assert says(page, "Begin with one episode or one article that you would recommend anyway")
    assert f'href="{NEW}"' in page.text


def test_a_link_is_put_there_and_stands_beside_its_step(browser: Open) -> None:
    ines = browser("ines")
    reply = ines.post(NEW, dict(TYPED), page=NEW)
    assert (reply.status_code, reply.location) == (303, SHELF)
    page = ines.get(SHELF)
    for words in ("An evening in the kitchen", "Film, 94 minutes, at films.example", "Two who say thank you late"):
        assert says(page, words), words


def test_the_page_for_a_step_offers_that_step_first(browser: Open) -> None:
    page = browser("ines").get(f"{NEW}?step=repair").text
    assert re.findall(r'<option value="(\w+)" selected', page)[:1] == ["repair"]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("step", "no_such_step", ""),
        ("kind", "song", "Choose one of the answers."),
        ("title", "", "Say what it is called."),
        ("address", "http://films.example/kitchen", "Give a web address that begins with https://"),
        ("minutes", "long", "Give a whole number in digits."),
        ("minutes", "0", "Give a number from 1 to 600."),
        ("why", "", "Say in one line why."),
        ("why", "a" * 201, "This is too long."),
    ],
)
def test_what_cannot_be_taken_is_named_beside_its_field_and_what_was_typed_stays(
    browser: Open, cast: Cast, field: str, typed: str, told: str
) -> None:
    reply = browser("ines").post(NEW, TYPED | {field: typed}, page=NEW)
    assert reply.status_code == 422
    assert f'href="#{field}"' in reply.text
    assert says(reply, told)
    kept = {"title": "An evening in the kitchen", "why": "Two who say thank you late"} | {field: typed}
    assert all(f'value="{kept[name]}"' in reply.text for name in ("title", "why") if kept[name])
    assert ids(cast) == []


def test_a_link_is_changed_where_it_stands(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    resource_id = put_on_shelf(cast.ines)
    page = f"{SHELF}/{resource_id}"
    assert 'value="https://radio.example/episodes/12"' in ines.get(page).text
    wrong = ines.post(page, TYPED | {"address": "nowhere"}, page=page)
    assert (wrong.status_code, 'value="nowhere"' in wrong.text) == (422, True)
    assert ines.post(page, dict(TYPED), page=page).status_code == 303
    assert titles(ines) == ["An evening in the kitchen"]


def test_buttons_put_it_in_order_take_it_off_and_put_it_back(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    first, _ = put_on_shelf(cast.ines, "One"), put_on_shelf(cast.ines, "Two")
    page = ines.get(SHELF).text
    assert len(re.findall('name="up"', page)) == len(re.findall('name="down"', page)) == 1
    moved = ines.post(f"{SHELF}/{first}/order", {"down": "1"}, page=SHELF).headers["Location"]
    assert f'id="{moved.partition("#")[2]}" tabindex="-1"' in ines.get(SHELF).text
    assert titles(ines) == ["Two", "One"]
    ines.post(f"{SHELF}/{first}/retire", page=SHELF)
    assert titles(ines) == ["Two"]
    assert says(ines.get(SHELF), "Taken off")
    ines.post(f"{SHELF}/{first}/bring-back", page=SHELF)
    assert titles(ines) == ["Two", "One"]


def test_what_was_taken_off_is_not_put_back_where_there_is_no_room(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    first = put_on_shelf(cast.ines, "One")
    ines.post(f"{SHELF}/{first}/retire", page=SHELF)
    for number in range(MOST_ON_STEP):
        put_on_shelf(cast.ines, f"Number {number}")
    ines.post(f"{SHELF}/{first}/bring-back", page=SHELF)
    assert says(ines.get(SHELF), "There are 40 beside this step already. Take one off first.")
    assert "One" not in titles(ines)


def test_the_page_asks_as_much_of_the_database_however_much_stands_there(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    put_on_shelf(cast.ines)
    ines.get(SHELF)
    with counted() as few:
        ines.get(SHELF)
    for number in range(10):
        put_on_shelf(cast.ines, f"Number {number}")
    with counted() as many:
        ines.get(SHELF)
    assert len(many) == len(few)
