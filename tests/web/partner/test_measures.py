"""A measure on a partner's pages: a form like every other; a guarded one is gone once it is sent."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from werkzeug.datastructures import MultiDict

from portal.domain.assignments import For
from portal.services import measure_scores, readings, reviews, safety, sent_forms
from tests import measures
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser
from tests.given import assign, send, task_of

Open = Callable[[str | None], Browser]


def given(cast: Cast, name: str, to: For = For.A) -> UUID:
    """Ana's copy of a measure."""
    return task_of(cast.ana, assign(cast, measures.slug_of(measures.active(cast.ines, name)), given_to=to))


def fill_in(browser: Browser, task_id: UUID, typed: dict[str, str]) -> None:
    here = f"/my/tasks/{task_id}"
    form = {"version": "0", "private-shown": "1", **typed}
    assert browser.post(here, form, page=here).status_code == 303


def press_send(browser: Browser, task_id: UUID, key: str = "a key") -> object:
    here = f"/my/tasks/{task_id}/review"
    return browser.post(here, {"version": "1", "key": key}, page="/my/")


def test_a_form_is_filled_in_with_its_copyright_under_it_and_scored_for_the_coach(browser: Open, cast: Cast) -> None:
    ana, task_id = browser("ana"), given(cast, "rdas")
    shown = ana.get(f"/my/tasks/{task_id}").text
    assert "© Ines" in shown
    assert "Item 14" in shown
    fill_in(ana, task_id, measures.raw("rdas", [3] * 14))
    assert press_send(ana, task_id).headers["Location"] == f"/my/tasks/{task_id}/sent"
    [course] = measure_scores.of_couple(cast.ines, cast.couples["ana"]).courses
    assert course.scored[0].total == 42
    for page in ("/my/", f"/my/tasks/{task_id}", "/my/shared"):
        assert not re.search(r">[^<]*\b42\b", ana.get(page).text)  # in no word that is read; an id may hold it


def test_a_guarded_form_stands_on_no_page_once_it_is_sent(browser: Open, cast: Cast) -> None:
    ana, task_id = browser("ana"), given(cast, "hits")
    title = "A few questions for you alone"
    assert title in ana.get("/my/").text
    assert "HITS" not in ana.get(f"/my/tasks/{task_id}").text
    fill_in(ana, task_id, measures.raw("hits", [5, 5, 5, 5]))
    sent = press_send(ana, task_id)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/my/")
    assert "It is with Ines alone." in ana.get("/my/").text
    paths = ("", "/sent", "/review", "/question", "/copy", "/worksheet.pdf", "/correction?question=")
    assert {ana.get(f"/my/tasks/{task_id}{path}").status_code for path in paths} == {404}
    for page in ("/my/", "/my/shared", "/my/account"):
        assert title not in ana.get(page).text
    again = press_send(ana, task_id)
    assert (again.status_code, again.headers["Location"]) == (303, "/my/")
    assert len(sent_forms.of_couple(cast.ines, cast.couples["ana"])) == 1
    assert [signal.question for signal in safety.signals(cast.ines)] == ["HITS"]


def test_nothing_of_a_guarded_form_is_in_her_own_files_or_lists(browser: Open, cast: Cast) -> None:
    task_id = given(cast, "phq9")
    send(cast.ana, task_id, measures.raw("phq9", [1] * 9))
    response_id = sent_forms.of_couple(cast.ines, cast.couples["ana"])[0].response_id
    reviews.review(cast.ines, response_id, "a line for nobody")
    ana = browser("ana")
    for kind in ("json", "csv"):
        file = ana.post("/my/export", {"passphrase": PASSPHRASE, "kind": kind}, page="/my/export")
        assert file.status_code == 200
        assert b"for you alone" not in file.data
        assert b"a line for nobody" not in file.data
    assert readings.of_own_forms(cast.ana, PASSPHRASE).forms == ()


def test_ben_sees_the_same_whatever_she_was_given_alone_and_answered(browser: Open, cast: Cast) -> None:
    ben = browser("ben")
    before = [ben.get(page).data for page in ("/my/", "/my/shared")]
    send(cast.ana, given(cast, "hark"), measures.raw("hark", [1, 1, 1, 1]))
    after = [ben.get(page).data for page in ("/my/", "/my/shared")]
    assert [len(page) for page in after] == [len(page) for page in before]
    assert b"for you alone" not in after[0]


@pytest.mark.parametrize("value", ["o9", "o0", "3", "c1", "none", "o1 | o2"])
def test_a_code_that_the_form_does_not_have_is_refused_with_its_question_named(
    browser: Open, cast: Cast, value: str
) -> None:
    ana, task_id = browser("ana"), given(cast, "csi4")
    here = f"/my/tasks/{task_id}"
    refused = ana.post(here, {"version": "0", "q_csi4_2": value}, page=here)
    assert refused.status_code == 422
    assert "Item 2: Choose one of the answers." in refused.text
    assert press_send(ana, task_id).status_code == 422
    assert sent_forms.of_couple(cast.ines, cast.couples["ana"]) == ()


def test_a_question_that_is_answered_twice_is_refused_and_none_of_the_two_is_chosen(browser: Open, cast: Cast) -> None:
    ana, task_id = browser("ana"), given(cast, "csi4")
    here = f"/my/tasks/{task_id}"
    form = MultiDict([("csrf_token", ana.token(here)), ("version", "0"), ("q_csi4_2", "o1"), ("q_csi4_2", "o2")])
    refused = ana.client.post(here, data=form)
    assert refused.status_code == 422
    assert "Item 2: Choose one of the answers." in refused.text


def test_a_measure_is_no_page_to_fill_in_by_hand(browser: Open, cast: Cast) -> None:
    assert browser("ana").get(f"/my/tasks/{given(cast, 'csi4')}/worksheet.pdf").status_code == 404
