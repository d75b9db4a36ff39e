"""A choice of small steps in a browser: offered by the coach, taken with one tap, and no word of it to the other."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.models.assignments import Task
from portal.models.choices import OfferedChoice
from portal.services import programme
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]
STEPS = re.compile(r'action="(/my/choices/[0-9a-f-]+)">(.*?)</form>', re.DOTALL)
TAKEN = re.compile(r'name="step" value="([0-9a-f-]+)"')
TOKENS = re.compile(r'(?:nonce|value)="[^"]{20,}"')


def address(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}/choices"


def form_of(cast: Cast, **changes: object) -> dict[str, object]:
    known = {entry.slug: str(entry.id) for entry in programme.library(cast.ines)}
    usual = {"steps": [known["my-listening-habits"], known["small-reaches"]], "given_to": "both"}
    return usual | {"due_on": "2026-11-29", "why": "For a quiet evening"} | changes


def offer(browser: Open, cast: Cast, **changes: object) -> None:
    assert browser("ines").post(address(cast), form_of(cast, **changes), page=address(cast)).status_code == 303


def choice_on(page: str) -> tuple[str, list[str]]:
    found = STEPS.search(page)
    assert found
    return found[1], TAKEN.findall(found[2])


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_coach_offers_a_partner_takes_one_and_the_coach_reads_which(browser: Open, cast: Cast) -> None:
    offer(browser, cast)
    ana = browser("ana")
    home = ana.get("/my/").text
    assert "Choose one small step" in home
    assert "For a quiet evening" in home
    where, steps = choice_on(home)
    reply = ana.post(where, {"step": steps[1]})
    assert reply.status_code == 303
    assert ana.get(reply.location).status_code == 200
    assert "Choose one small step" not in ana.get("/my/").text
    shown = browser("ines").get(address(cast)).text
    assert shown.count("Chosen on") == 1
    assert shown.count("not chosen yet") == 1


def test_of_the_others_choice_no_byte_of_a_home_tells(browser: Open, cast: Cast) -> None:
    offer(browser, cast)
    ana, ben = browser("ana"), browser("ben")
    before = TOKENS.sub("", ben.get("/my/").text)
    where, steps = choice_on(ana.get("/my/").text)
    ana.post(where, {"step": steps[0]})
    assert TOKENS.sub("", ben.get("/my/").text) == before
    assert ben.post(where, {"step": steps[1]}).status_code == 404


def test_two_tabs_take_one(browser: Open, cast: Cast) -> None:
    offer(browser, cast)
    ana = browser("ana")
    where, steps = choice_on(ana.get("/my/").text)
    assert len({ana.post(where, {"step": step}).location for step in steps}) == 1
    assert count(Task) == 1


@pytest.mark.parametrize("step", ["", "nonsense", str(uuid4())])
def test_what_is_no_step_of_it_is_not_found(browser: Open, cast: Cast, step: str) -> None:
    offer(browser, cast)
    where, _ = choice_on(browser("ana").get("/my/").text)
    assert browser("ana").post(where, {"step": step}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"steps": []}, "steps", "Choose two or three, each once."),
        ({"steps": [str(uuid4())]}, "steps", "Choose from these."),
        ({"given_to": "joint"}, "given_to", "Choose from these."),
        ({"given_to": ""}, "given_to", "Choose for whom this is."),
        ({"due_on": ""}, "due_on", "Choose the last day."),
        ({"due_on": "2026-11-22"}, "due_on", "This day is over."),
        ({"why": "x" * 301}, "why", "This is longer than 300 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    browser: Open, cast: Cast, changes: dict[str, object], field: str, sentence: str
) -> None:
    reply = browser("ines").post(address(cast), form_of(cast, **changes), page=address(cast))
    assert reply.status_code == 422
    assert reply.text.count(sentence) == 2
    assert f'href="#{field}"' in reply.text
    assert str(changes.get("why", "For a quiet evening")) in reply.text
    assert count(OfferedChoice) == 0


def test_taken_back_it_leaves_the_home_without_a_word(browser: Open, cast: Cast) -> None:
    before = TOKENS.sub("", browser("ben").get("/my/").text)
    offer(browser, cast, given_to="b")
    [choice_id] = db.session.scalars(select(OfferedChoice.id)).all()
    reply = browser("ines").post(f"{address(cast)}/{choice_id}/withdraw", page=address(cast))
    assert reply.status_code == 303
    assert "taken back" in browser("ines").get(address(cast)).text
    assert TOKENS.sub("", browser("ben").get("/my/").text) == before


def test_nothing_done_together_can_be_chosen(browser: Open, cast: Cast) -> None:
    page = browser("ines").get(address(cast)).text
    assert "My listening habits" in page
    assert "One holds the floor" not in page
    assert "Weekly check-in" not in page
