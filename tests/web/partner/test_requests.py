"""What the coach would bring into a session stands with the sent form, sealed like it; no page tells of it."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from portal.domain.disclosure import Disclosure
from portal.extensions import db
from portal.models.responses import Response
from portal.services import releases, sent_forms, settings_of_person
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET
from tests.pages import says, still

Open = Callable[[str | None], Browser]
WHY = "May we bring this into the session?"
KEEP = "Keep between Ines and me"


def ask(cast: Cast, task_id: UUID) -> None:
    response_id = db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one()
    releases.ask(cast.ines, response_id, "private_line", WHY)


def opened(browser: Open, task_id: UUID) -> Browser:
    ana = browser("ana")
    ana.post(f"/my/tasks/{task_id}/reveal", {"passphrase": PASSPHRASE}, page=f"/my/tasks/{task_id}")
    return ana


def reads(cast: Cast, item_id: str) -> Disclosure:
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    return {answer.item_id: answer.disclosure for answer in form.answers}[item_id]


def test_the_sealed_page_and_home_are_the_same_whether_there_is_one_or_not(
    browser: Open, cast: Cast, task_id: UUID
) -> None:
    ana = browser("ana")
    paths = (f"/my/tasks/{task_id}", "/my/", "/my/account")
    before = [still(ana.get(path)) for path in paths]
    ask(cast, task_id)
    assert [still(ana.get(path)) for path in paths] == before


def test_behind_the_pass_phrase_it_can_be_answered_and_taken_back(browser: Open, cast: Cast, task_id: UUID) -> None:
    ask(cast, task_id)
    ana, address = opened(browser, task_id), f"/my/tasks/{task_id}"
    assert says(ana.get(address), WHY)
    ana.post(f"{address}/requests", {"yes": "private_line"})
    assert reads(cast, "private_line") is Disclosure.SESSION
    assert "Keep it back after all" in ana.get(address).text
    ana.post(f"{address}/requests", {"no": "private_line"})
    assert reads(cast, "private_line") is Disclosure.COACH
    assert WHY not in ana.get(address).text


def test_not_this_time_is_seen_by_the_coach(browser: Open, cast: Cast, task_id: UUID) -> None:
    ask(cast, task_id)
    opened(browser, task_id).post(f"/my/tasks/{task_id}/requests", {"no": "private_line"})
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert "Not this time, on 23 November" in browser("ines").get(f"/coach/responses/{form.response_id}").text


def test_a_form_that_is_closed_answers_nothing(browser: Open, cast: Cast, task_id: UUID) -> None:
    ask(cast, task_id)
    ana = browser("ana")
    reply = ana.post(f"/my/tasks/{task_id}/requests", {"yes": "private_line"})
    assert reply.status_code == 303
    assert reads(cast, "private_line") is Disclosure.COACH


def test_who_chose_never_to_be_shown_answers_sees_questions_alone_and_keeps_one_back(
    browser: Open, cast: Cast, task_id: UUID
) -> None:
    ask(cast, task_id)
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    address = f"/my/tasks/{task_id}"
    closed = browser("ana").get(address)
    ana = opened(browser, task_id)
    page = ana.get(address)
    assert "Show what I sent" in closed.text
    assert not [text for text in (OPEN, SECRET) if text in page.text]
    assert says(page, "One thing I understand better")
    assert says(page, WHY)
    assert KEEP in page.text
    assert "Let Ben read" not in page.text
    ana.post(f"{address}/disclosures", {"narrow": "understood"})
    assert reads(cast, "understood") is Disclosure.COACH
    assert ana.post(f"{address}/disclosures", {"widen": "understood"}).status_code >= 400
    assert ana.post(f"{address}/disclosures", {"open_now": "1"}).status_code >= 400
    assert reads(cast, "understood") is Disclosure.COACH


def test_after_the_morning_nothing_is_offered_to_be_kept_back(
    browser: Open, cast: Cast, wall: Wall, task_id: UUID
) -> None:
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    wall.forward(days=1)
    page = opened(browser, task_id).get(f"/my/tasks/{task_id}")
    assert says(page, "One thing I understand better")
    assert KEEP not in page.text


def test_who_chose_never_to_be_shown_answers_corrects_none(browser: Open, cast: Cast, task_id: UUID) -> None:
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    ana, address = opened(browser, task_id), f"/my/tasks/{task_id}/correction?question=understood"
    assert ana.get(address).location == f"/my/tasks/{task_id}"
    reply = ana.post(address, {"understood": "Other words", "passphrase": PASSPHRASE}, page=f"/my/tasks/{task_id}")
    assert reply.status_code == 422
    assert says(reply, "You chose never to be shown this again.")
