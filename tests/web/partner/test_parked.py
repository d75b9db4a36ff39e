"""A text that is being written survives the sign-in that an idle session forces, for its author alone."""

import html
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.jobs.sweep import sweep
from portal.models.responses import ParkedText
from portal.output.mail import Mailer
from portal.services import responses, web_sessions
from portal.services.drafts import Typed
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, task_of
from tests.keys import give_app
from tests.pages import says

Open = Callable[[str | None], Browser]
LINE = "This is what you had typed when you were signed out."
VERSION = re.compile(r'name="version" value="(\d+)"')


@pytest.fixture
def task(cast: Cast) -> UUID:
    return task_of(cast.ana, assign(cast, "one-holds-the-floor"))


def post_late(ana: Browser, wall: Wall, task: UUID, to: str = "", minutes: int = 11, **fields: str):  # type: ignore[no-untyped-def]
    """Type, be idle, and press the button all the same."""
    assert ana.get(f"/my/tasks/{task}").status_code == 200
    wall.forward(minutes=minutes)
    data = {"version": "0", "understood": OPEN, "private_line": SECRET} | fields
    return ana.post(f"/my/tasks/{task}{to}", data, page="/sign-in")


def sign_in_at(browser: Browser, location: str, name: str = "ana"):  # type: ignore[no-untyped-def]
    return browser.post(location, {"email": address_of(name), "password": PASSPHRASE}, page="/sign-in")


def parked() -> list[ParkedText]:
    db.session.rollback()
    return list(db.session.scalars(select(ParkedText)))


def test_the_way_leads_to_the_door_and_back_and_the_text_is_in_the_form(browser: Open, wall: Wall, task: UUID) -> None:
    ana = browser("ana")
    reply = post_late(ana, wall, task)
    assert (reply.status_code, reply.location) == (303, f"/sign-in?next=/my/tasks/{task}")
    back = sign_in_at(ana, reply.location)
    assert back.location == f"/my/tasks/{task}"
    page = ana.get(back.location)
    assert says(page, LINE)
    assert OPEN in html.unescape(page.text)
    assert SECRET in html.unescape(page.text)
    assert [text for row in parked() for text in (OPEN, SECRET) if text.encode() in row.document] == []


def test_the_draft_stays_and_both_texts_survive(browser: Open, cast: Cast, wall: Wall, task: UUID) -> None:
    ana = browser("ana")
    responses.save_draft(cast.ana, task, Typed({"understood": "The first thought"}, {}), 0)
    reply = post_late(ana, wall, task)  # it was typed on version 0
    sign_in_at(ana, reply.location)
    page = ana.get(f"/my/tasks/{task}")
    assert VERSION.findall(page.text) == ["0"]
    assert responses.open_for(cast.ana, task).typed.raw["understood"] == "The first thought"
    again = {"version": "0", "parked": "1", "understood": OPEN}
    conflict = ana.post(f"/my/tasks/{task}", again, page="/my/")
    assert conflict.status_code == 409
    for text in (OPEN, "The first thought"):
        assert text in html.unescape(conflict.text)


def test_saving_the_form_takes_the_parked_text_in(browser: Open, cast: Cast, wall: Wall, task: UUID) -> None:
    ana = browser("ana")
    sign_in_at(ana, post_late(ana, wall, task).location)
    data = {"version": "0", "parked": "1", "understood": OPEN, "done": "done"}
    assert ana.post(f"/my/tasks/{task}", data, page="/my/").status_code == 303
    assert parked() == []
    assert responses.open_for(cast.ana, task).typed.raw["understood"] == OPEN
    assert not says(ana.get(f"/my/tasks/{task}"), LINE)


def test_a_page_that_saves_by_itself_takes_it_in_and_goes_on(browser: Open, cast: Cast, wall: Wall, task: UUID) -> None:
    ana = browser("ana")
    sign_in_at(ana, post_late(ana, wall, task).location)
    for turn, words in ((1, OPEN), (2, f"{OPEN}, and more")):
        typed = {"version": "0", "parked": "1", "understood": words, "page": "a page", "turn": str(turn)}
        assert ana.post(f"/my/tasks/{task}/draft", typed, page="/my/").status_code == 200
        assert parked() == []
        assert responses.open_for(cast.ana, task).typed.raw["understood"] == words


def test_private_answers_that_were_parked_are_not_compared_with_those_of_the_draft(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    """Whether two texts are the same would tell what was answered: a newer draft is a conflict either way."""
    told = []
    for answer in ("yes", "no"):
        task = task_of(cast.ana, assign(cast, "weekly-check-in"))
        locked = sorted(responses.open_for(cast.ana, task).locked_ids)[0]
        ana = browser("ana")
        reply = post_late(ana, wall, task, **{"private-shown": "1", locked: "yes"})
        sign_in_at(ana, reply.location)
        responses.save_draft(cast.ana, task, Typed({"understood": OPEN, locked: answer}, {}), 0)
        again = ana.post(f"/my/tasks/{task}", {"version": "0", "parked": "1", "understood": OPEN}, page="/my/")
        told.append(again.status_code)
        wall.forward(days=7)
    assert told == [409, 409]


def test_a_save_from_another_device_does_not_take_it(browser: Open, cast: Cast, wall: Wall, task: UUID) -> None:
    ana = browser("ana")
    sign_in_at(ana, post_late(ana, wall, task).location)
    ana.post(f"/my/tasks/{task}/draft", {"version": "0", "understood": "Else"}, page="/my/")
    assert len(parked()) == 1


def test_nobody_else_sees_anything_of_it(browser: Open, wall: Wall, task: UUID) -> None:
    phone = browser("ana")
    reply = post_late(phone, wall, task)
    sign_in_at(phone, reply.location, "ben")
    assert phone.get(f"/my/tasks/{task}").status_code == 404
    for path in ("/my/", "/my/shared", "/my/account"):
        page = phone.get(path)
        assert OPEN not in html.unescape(page.text)
        assert not says(page, LINE)


@pytest.mark.parametrize("way", ["/sign-out", "/exit", "devices", "too long"])
def test_a_session_that_was_ended_or_is_too_old_keeps_nothing(
    browser: Open, cast: Cast, wall: Wall, task: UUID, way: str
) -> None:
    ana = browser("ana")
    ana.get(f"/my/tasks/{task}")
    cookie = ana.client.get_cookie("id")
    assert cookie
    if way.startswith("/"):
        ana.post(way)
    elif way == "devices":
        web_sessions.end_others(cast.ana, "another")
    ana.client.set_cookie("id", cookie.value)
    wall.forward(hours=13 if way == "too long" else 0, minutes=11)
    reply = ana.post(f"/my/tasks/{task}", {"understood": OPEN, "version": "0"}, page="/sign-in")
    assert (reply.status_code, reply.location) == (303, f"/sign-in?next=/my/tasks/{task}")
    assert parked() == []


def test_a_session_that_still_owes_its_second_key_keeps_nothing(
    browser: Open, cast: Cast, wall: Wall, task: UUID
) -> None:
    give_app(cast.ana)
    typed = {"version": "0", "understood": OPEN}
    for enter, kept in (("give_passphrase", 0), ("sign_in", 1)):
        ana = getattr(browser(None), enter)(address_of("ana"))
        wall.forward(minutes=11)
        reply = ana.post(f"/my/tasks/{task}", typed, page="/sign-in")
        assert (reply.status_code, reply.location) == (303, f"/sign-in?next=/my/tasks/{task}")
        assert len(parked()) == kept


def test_anothers_task_and_an_invented_one_park_nothing(browser: Open, cast: Cast, wall: Wall, task: UUID) -> None:
    ben = browser("ben")
    wall.forward(minutes=11)
    for wanted in (task, UUID(int=7)):
        reply = ben.post(f"/my/tasks/{wanted}", {"understood": OPEN, "version": "0"}, page="/sign-in")
        assert (reply.status_code, reply.location) == (303, f"/sign-in?next=/my/tasks/{wanted}")
    assert parked() == []


def test_private_answers_are_kept_and_not_shown_again(browser: Open, cast: Cast, wall: Wall) -> None:
    task = task_of(cast.ana, assign(cast, "weekly-check-in"))
    locked = sorted(responses.open_for(cast.ana, task).locked_ids)[0]
    ana = browser("ana")
    reply = post_late(ana, wall, task, **{"private-shown": "1", locked: "yes"})
    sign_in_at(ana, reply.location)
    page = ana.get(f"/my/tasks/{task}")
    assert says(page, "Kept as you left them.")
    assert f'name="{locked}"' not in page.text
    ana.post(f"/my/tasks/{task}", {"version": "0", "parked": "1"}, page="/my/")
    assert responses.open_for(cast.ana, task).typed.raw[locked] == "yes"


def test_the_check_page_leads_back_to_itself_and_has_no_text_to_keep(browser: Open, wall: Wall, task: UUID) -> None:
    ana = browser("ana")
    reply = post_late(ana, wall, task, "/review")
    assert reply.location == f"/sign-in?next=/my/tasks/{task}/review"
    assert parked() == []


def test_after_a_day_it_is_forgotten(browser: Open, cast: Cast, wall: Wall, task: UUID, tmp_path) -> None:  # type: ignore[no-untyped-def]
    post_late(browser("ana"), wall, task)
    assert len(parked()) == 1
    wall.forward(hours=24)
    assert responses.open_for(cast.ana, task).parked is None
    sweep(Mailer("file:", tmp_path, "Portal", "127.0.0.1"), "http://127.0.0.1:8000/my/")
    assert parked() == []
