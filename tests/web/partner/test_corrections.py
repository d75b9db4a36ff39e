"""Correcting what was sent, on a phone: behind the pass phrase, one question at a time, with nothing typed lost."""

import re
from collections.abc import Callable
from uuid import UUID

from portal.services import sent_forms
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, send, task_of

Open = Callable[[str | None], Browser]
BETTER = "That he asks because he wants to know"


def opened(browser: Open, task_id: UUID, who: str = "ana") -> Browser:
    somebody = browser(who)
    somebody.post(f"/my/tasks/{task_id}/reveal", {"passphrase": PASSPHRASE}, page=f"/my/tasks/{task_id}")
    return somebody


def address(task_id: UUID, question: str = "understood") -> str:
    return f"/my/tasks/{task_id}/correction?question={question}"


def stands(cast: Cast, item_id: str = "understood") -> object:
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    return form.value(item_id)


def test_a_form_that_is_closed_offers_no_correction_and_its_page_leads_back(browser: Open, task_id: UUID) -> None:
    ana = browser("ana")
    assert "correction" not in ana.get(f"/my/tasks/{task_id}").text
    reply = ana.get(address(task_id))
    assert (reply.status_code, reply.location) == (303, f"/my/tasks/{task_id}")


def test_each_answer_can_be_corrected_and_the_form_says_so_afterwards(browser: Open, cast: Cast, task_id: UUID) -> None:
    ana = opened(browser, task_id)
    assert f'href="{address(task_id)}"' in ana.get(f"/my/tasks/{task_id}").text
    page = ana.get(address(task_id)).text
    assert OPEN in page
    assert SECRET not in page
    assert "Ines and Ben" in page
    assert "stands there from Tuesday 24 November, 08:00 on" in page
    reply = ana.post(address(task_id), {"understood": BETTER}, page=address(task_id))
    assert (reply.status_code, reply.location) == (303, f"/my/tasks/{task_id}")
    again = ana.get(f"/my/tasks/{task_id}").text
    assert BETTER in again
    assert OPEN not in again
    assert "Corrected on" in again


def test_a_question_that_was_skipped_can_be_answered_later(browser: Open, cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, {"done": "done"})
    ana = opened(browser, task_id)
    assert f'href="{address(task_id)}"' in ana.get(f"/my/tasks/{task_id}").text
    ana.post(address(task_id), {"understood": BETTER}, page=address(task_id))
    assert stands(cast) == BETTER


def test_what_cannot_be_taken_is_named_beside_its_field_with_what_was_typed(
    browser: Open, cast: Cast, task_id: UUID
) -> None:
    ana, long = opened(browser, task_id), "a" * 5_001
    reply = ana.post(address(task_id), {"understood": long}, page=address(task_id))
    assert reply.status_code == 422
    assert long in reply.text
    assert 'href="#f-understood"' in reply.text
    assert "Ines and Ben" in reply.text
    assert stands(cast) == OPEN


def test_once_the_five_minutes_are_over_the_pass_phrase_sends_what_was_typed(
    browser: Open, cast: Cast, task_id: UUID, wall: Wall
) -> None:
    ana = opened(browser, task_id)
    ana.get(address(task_id))
    wall.forward(minutes=6)
    closed = ana.post(address(task_id), {"understood": BETTER}, page="/help-now")
    assert closed.status_code == 409
    assert BETTER in closed.text
    assert OPEN not in closed.text
    assert "Your pass phrase sends what stands above." in closed.text
    wrong = ana.post(address(task_id), {"understood": BETTER, "passphrase": "not this one at all"}, page="/help-now")
    assert wrong.status_code == 422
    assert BETTER in wrong.text
    right = ana.post(address(task_id), {"understood": BETTER, "passphrase": PASSPHRASE}, page="/help-now")
    assert right.status_code == 303
    assert stands(cast) == BETTER


def test_private_questions_stand_empty_whether_they_were_answered_or_not(browser: Open, cast: Cast) -> None:
    task_id, pages = task_of(cast.ana, assign(cast, "one-holds-the-floor")), []
    send(cast.ana, task_id, {"done": "done"})
    ana = opened(browser, task_id)
    for said in ("yes", "no"):
        page = ana.get(address(task_id, "")).text
        pages.append(re.sub(r'(nonce|name="csrf_token" value)="[^"]+"', "", page))
        ana.post(address(task_id, ""), {"private-shown": "1", "stopped_afraid": said}, page=address(task_id, ""))
    assert "What you leave empty stays as it was." in pages[0]
    assert pages[0] == pages[1]


def test_a_private_question_is_answered_again(browser: Open, cast: Cast, task_id: UUID) -> None:
    ana = opened(browser, task_id)
    ana.post(address(task_id, ""), {"private-shown": "1", "stopped_afraid": ""}, page=address(task_id, ""))
    assert stands(cast, "stopped_afraid") is True
    ana.post(address(task_id, ""), {"private-shown": "1", "stopped_afraid": "no"}, page=address(task_id, ""))
    assert stands(cast, "stopped_afraid") is False
    assert "Corrected on" not in ana.get(f"/my/tasks/{task_id}").text  # it would tell that it was another before


def test_what_was_typed_when_the_session_ran_out_stands_there_after_the_sign_in(
    browser: Open, cast: Cast, task_id: UUID, wall: Wall
) -> None:
    ana = opened(browser, task_id)
    ana.get(address(task_id))
    wall.forward(minutes=11)
    away = ana.post(address(task_id), {"understood": BETTER}, page="/sign-in")
    assert away.status_code == 303
    assert "correction" in away.location
    page = opened(browser, task_id).get(address(task_id)).text
    assert BETTER in page
    assert "when you were signed out" in page
    assert stands(cast) == OPEN


def test_the_coach_sees_both_and_the_other_partner_finds_no_such_page(
    browser: Open, cast: Cast, task_id: UUID, wall: Wall
) -> None:
    wall.forward(hours=1)
    ana = opened(browser, task_id)
    ana.post(address(task_id), {"understood": BETTER}, page=address(task_id))
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    page = browser("ines").get(f"/coach/responses/{form.response_id}").text
    assert "corrected on" in page
    assert page.index(BETTER) < page.index("What stood there before") < page.index(OPEN)
    assert browser("ben").get(address(task_id)).status_code == 404
    assert "corrected" in browser("ines").get("/coach/").text


def test_what_somebody_types_on_an_idle_phone_is_kept_only_where_the_form_stood_open(
    browser: Open, cast: Cast, task_id: UUID, wall: Wall
) -> None:
    idle = browser("ana")
    idle.get(f"/my/tasks/{task_id}")
    wall.forward(minutes=11)
    idle.post(address(task_id), {"understood": BETTER}, page="/sign-in")
    page = opened(browser, task_id).get(address(task_id)).text
    assert BETTER not in page
    assert "when you were signed out" not in page


def test_private_answers_of_a_lost_session_go_along_only_when_their_author_says_so(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    task_id, pages = task_of(cast.ana, assign(cast, "one-holds-the-floor")), []
    send(cast.ana, task_id, {"done": "done"})
    for typed in ({}, {"stopped_afraid": "yes"}):
        ana = opened(browser, task_id)
        ana.get(address(task_id, ""))
        wall.forward(minutes=11)
        ana.post(address(task_id, ""), {"private-shown": "1", **typed}, page="/sign-in")
        page = opened(browser, task_id).get(address(task_id, "")).text
        pages.append(re.sub(r'(nonce|name="csrf_token" value)="[^"]+"', "", page))
    assert "Send along what I had chosen here" in pages[0]
    assert pages[0] == pages[1]
    ana = opened(browser, task_id)
    ana.post(address(task_id, ""), {"private-shown": "1", "parked": "1"}, page=address(task_id, ""))
    assert stands(cast, "stopped_afraid") is True


def test_a_text_that_waits_outlives_the_correction_of_another_question(
    browser: Open, cast: Cast, task_id: UUID, wall: Wall
) -> None:
    ana = opened(browser, task_id)
    ana.get(address(task_id))
    wall.forward(minutes=11)
    ana.post(address(task_id), {"understood": BETTER}, page="/sign-in")
    ana = opened(browser, task_id)
    ana.post(address(task_id, "felt_heard"), {"felt_heard": "2"}, page=address(task_id, "felt_heard"))
    assert BETTER in ana.get(address(task_id)).text


def test_who_marks_a_form_as_read_that_was_corrected_meanwhile_is_told(
    browser: Open, cast: Cast, task_id: UUID, wall: Wall
) -> None:
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    ines, path = browser("ines"), f"/coach/responses/{form.response_id}"
    seen = re.search(r'name="seen" value="([^"]+)"', ines.get(path).text)
    assert seen
    wall.forward(minutes=5)
    opened(browser, task_id).post(address(task_id), {"understood": BETTER}, page=address(task_id))
    page = ines.get(ines.post(path, {"feedback": "", "seen": seen[1]}, page=path).location).text
    assert "the correction is still to be read" in page
    assert "Marked as read." not in page
