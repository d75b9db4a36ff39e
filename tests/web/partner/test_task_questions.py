"""Asking about a task on the phone: one page that is the same whether or not anything was asked."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from portal.services import outbox, settings_of_person, task_questions
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser
from tests.given import assign, floor, send, task_of
from tests.letters import letters
from tests.pages import says, still, title

Open = Callable[[str | None], Browser]
ASKED = "May we do it in the car?"
BACK = "If both of you can stop, yes."


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    return task_of(cast.ana, assign(cast, "one-holds-the-floor"))


def test_it_is_asked_and_answered_and_shown_behind_the_pass_phrase(browser: Open, cast: Cast, task_id: UUID) -> None:
    ana, ines, path = browser("ana"), browser("ines"), f"/my/tasks/{task_id}/question"
    assert f'href="{path}">Ask Ines about this' in ana.get(f"/my/tasks/{task_id}").text
    assert ana.post(path, {"text": ASKED}).location == path
    assert says(ana.get(path), "Sent to Ines, and to nobody else.")
    [waiting] = task_questions.waiting(cast.ines)
    address = f"/coach/questions/{waiting.question_id}"
    assert 'href="/coach/questions/">A question about a task waits' in ines.get("/coach/").text
    assert f'href="{address}">Ana: One holds the floor' in ines.get("/coach/questions/").text
    assert ASKED not in ines.get("/coach/questions/").text
    assert says(ines.get(address), ASKED)
    assert ines.post(address, {"answer": BACK}).location == "/coach/questions/"
    assert says(ines.get("/coach/questions/"), "Sent to Ana.")
    assert says(ines.get("/coach/questions/"), "Nothing waits.")
    assert "A question about a task" not in ines.get("/coach/").text
    assert says(ines.get(address), BACK)
    shown = ana.post(path, {"passphrase": PASSPHRASE})
    assert says(shown, ASKED)
    assert says(shown, BACK)
    assert says(shown, "Ines answered")


def test_no_page_of_hers_or_his_says_that_anything_was_asked(browser: Open, cast: Cast, task_id: UUID) -> None:
    ana, ben = browser("ana"), browser("ben")
    hers = ("/my/", f"/my/tasks/{task_id}", f"/my/tasks/{task_id}/question", "/my/shared", "/my/account")
    his = ("/my/", "/my/shared", "/my/account", "/help-now")
    before = [still(ana.get(path)) for path in hers], [still(ben.get(path)) for path in his]
    task_questions.ask(cast.ana, task_id, ASKED)
    [waiting] = task_questions.waiting(cast.ines)
    task_questions.answer(cast.ines, waiting.question_id, BACK, "http://127.0.0.1:8000/my/")
    assert ([still(ana.get(path)) for path in hers], [still(ben.get(path)) for path in his]) == before


def test_a_wrong_pass_phrase_and_what_is_no_line_are_told_beside_the_field(browser: Open, task_id: UUID) -> None:
    ana, path = browser("ana"), f"/my/tasks/{task_id}/question"
    reply = ana.post(path, {"passphrase": "not this"})
    assert reply.status_code == 422
    assert 'href="#passphrase"' in reply.text
    for typed in ("", "z" * 301):
        reply = ana.post(path, {"text": typed})
        assert reply.status_code == 422
        assert 'href="#text"' in reply.text
        assert f'value="{typed}"' in reply.text or not typed


def test_once_it_was_sent_nothing_more_is_asked_and_what_was_is_still_shown(
    browser: Open, cast: Cast, task_id: UUID
) -> None:
    ana, path = browser("ana"), f"/my/tasks/{task_id}/question"
    ana.post(path, {"text": ASKED})
    send(cast.ana, task_id, floor())
    assert f'href="{path}">Questions about this' in ana.get(f"/my/tasks/{task_id}").text
    assert 'name="text"' not in ana.get(path).text
    reply = ana.post(path, {"text": "And in the garden?"})
    assert reply.status_code == 409
    assert says(reply, "This was sent already.")
    assert 'value="And in the garden?"' in reply.text
    assert says(ana.post(path, {"passphrase": PASSPHRASE}), ASKED)


def test_the_page_has_a_discreet_title(browser: Open, task_id: UUID) -> None:
    assert title(browser("ana").get(f"/my/tasks/{task_id}/question")) == "Portal: Task"


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_it_is_in_ones_own_file(browser: Open, cast: Cast, task_id: UUID, kind: str) -> None:
    ana = browser("ana")
    ana.post(f"/my/tasks/{task_id}/question", {"text": ASKED})
    [waiting] = task_questions.waiting(cast.ines)
    task_questions.answer(cast.ines, waiting.question_id, BACK, "http://127.0.0.1:8000/")
    text = ana.post("/my/export", {"passphrase": PASSPHRASE, "kind": kind}, page="/my/export").text
    assert ASKED in text
    assert BACK in text
    if kind == "json":
        assert json.loads(text)["questions"][0]["about"] == "One holds the floor"


def test_the_coach_is_told_beside_the_field_and_by_a_line_when_it_was_answered_meanwhile(
    browser: Open, cast: Cast, task_id: UUID
) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    [waiting] = task_questions.waiting(cast.ines)
    ines, address = browser("ines"), f"/coach/questions/{waiting.question_id}"
    reply = ines.post(address, {"answer": " "})
    assert reply.status_code == 422
    assert 'href="#answer"' in reply.text
    task_questions.answer(cast.ines, waiting.question_id, BACK, "http://127.0.0.1:8000/")
    reply = ines.post(address, {"answer": "Another"})
    assert reply.status_code == 409
    assert says(reply, "This was answered meanwhile.")
    assert 'value="Another"' in reply.text


def test_the_mail_about_an_answer_leads_home_as_every_mail_does(browser: Open, cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    [waiting] = task_questions.waiting(cast.ines)
    for mail in outbox.due():
        outbox.mark_sent(mail)
    browser("ines").post(f"/coach/questions/{waiting.question_id}", {"answer": BACK})
    [mail] = letters(address_of("ana"), "task")
    assert mail.words == {"link": "http://127.0.0.1:8000/my/"}


def test_who_chose_never_to_see_is_told_so_and_asks_in_the_session(browser: Open, cast: Cast, task_id: UUID) -> None:
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    page = browser("ana").get(f"/my/tasks/{task_id}/question")
    assert says(page, "As you chose, nothing of what you sent is shown here again")
    assert 'name="text"' not in page.text
    assert 'name="passphrase"' not in page.text


def test_what_is_one_too_many_is_kept_on_the_page(browser: Open, task_id: UUID) -> None:
    ana, path = browser("ana"), f"/my/tasks/{task_id}/question"
    for _ in range(task_questions.MOST_ASKED):
        assert ana.post(path, {"text": ASKED}).status_code == 303
    reply = ana.post(path, {"text": "And in the garden?"})
    assert reply.status_code == 409
    assert says(reply, "Nothing more can be asked here.")
    assert 'value="And in the garden?"' in reply.text
