"""A couple's scores: each partner's alone, published facts about numbers with their source, and paper marked."""

import html
import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from portal.domain.assignments import For
from portal.services import measure_licences, sent_forms
from tests import measures
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import assign, send, task_of

Open = Callable[[str | None], Browser]


def page(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}/measures"


def answer(cast: Cast, measure_id: UUID, name: str, answers: list[int | None]) -> UUID:
    """Ana is given it and answers; gives her response."""
    task_id = task_of(cast.ana, assign(cast, measures.slug_of(measure_id), given_to=For.A, due_on=date(2026, 12, 30)))
    send(cast.ana, task_id, measures.raw(name, answers), f"key {task_id}")
    return sent_forms.of_couple(cast.ines, cast.couples["ana"])[-1].response_id


def typed(measure_id: UUID) -> dict[str, object]:
    """Scores from a paper form, as a coach types them in."""
    return {"who": "A", "measure": str(measure_id), "taken_on": "2026-11-20", "scale-total": "41", "scale-cohesion": ""}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_cut_off_is_told_with_its_source_and_without_one_not_at_all(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    with_source = measures.active(cast.ines, "gad7")
    answer(cast, with_source, "gad7", [3, 3, 3, 3, 0, 0, 0])
    shown = words(ines.get(page(cast)).text)
    assert "In the published range, >= 10 (invented for tests, page 1)." in shown
    assert "In the published band “moderate” (invented for tests, page 1)." in shown
    measure_licences.retire(cast.ines, with_source)


def test_without_a_source_neither_range_nor_band_is_shown(browser: Open, cast: Cast) -> None:
    measure_id = measures.bring(cast.ines, "gad7", measures.wordless("gad7"), source="")
    answer(cast, measures.activated(cast.ines, measure_id, "gad7"), "gad7", [3, 3, 3, 3, 0, 0, 0])
    shown = words(browser("ines").get(page(cast)).text)
    assert "GAD7" in shown
    assert "published range" not in shown
    assert "moderate" not in shown


def test_change_is_told_in_words_against_her_own_first_form(browser: Open, cast: Cast, wall: Wall) -> None:
    measure_id = measures.active(cast.ines, "rdas")
    answer(cast, measure_id, "rdas", [3] * 14)
    wall.forward(days=30)
    answer(cast, measure_id, "rdas", [4] * 14)
    shown = words(browser("ines").get(page(cast)).text)
    assert "Since the first one: reliably better, by 11.58 points or more." in shown
    assert "The change also crosses the edge of the published range." in shown
    assert shown.index("56") < shown.index("42")


def test_what_is_not_scorable_and_a_critical_item_that_was_left_out_are_said_in_words(
    browser: Open, cast: Cast
) -> None:
    response_id = answer(
        cast, measures.active(cast.ines, "phq9"), "phq9", [1, 1, None, None, None, None, None, 0, None]
    )
    for path in (page(cast), f"/coach/responses/{response_id}"):
        shown = words(browser("ines").get(path).text)
        assert "Missing: not scorable." in shown
        assert "Item 9 was left out: ask." in shown


def test_scores_from_paper_are_typed_marked_and_struck(browser: Open, cast: Cast) -> None:
    ines, measure_id = browser("ines"), measures.active(cast.ines, "rdas")
    assert ines.post(page(cast), typed(measure_id) | {"who": "B"}, page=page(cast)).status_code == 303
    shown = ines.get(page(cast)).text
    assert "entered from paper" in shown
    strike = re.search(r'action="(/coach/scores/[^"]+/strike)"', shown)
    assert strike
    assert ines.post(strike[1], page=page(cast)).status_code == 303
    assert "entered from paper" not in ines.get(page(cast)).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scale-total": "70"}, "Give a score from 0 to 69."),
        ({"scale-total": "1.5"}, "This score has 0 decimals at most."),
        ({"scale-total": "many"}, "Give a number"),
        ({"scale-mood": "3"}, "This measure has no such scale."),
        ({"taken_on": "2027-01-01"}, "This day is still to come."),
        ({"taken_on": "soon"}, "Give the day as a date"),
        ({"who": "c"}, "Not a valid choice"),
    ],
)
def test_a_score_that_cannot_be_is_refused_and_what_was_typed_stays(
    browser: Open, cast: Cast, changes: dict[str, str], sentence: str
) -> None:
    ines, measure_id = browser("ines"), measures.active(cast.ines, "rdas")
    refused = ines.post(page(cast), typed(measure_id) | {"scale-cohesion": "7"} | changes, page=page(cast))
    assert refused.status_code == 422
    assert sentence in words(refused.text)
    assert 'value="7"' in refused.text


def test_the_answers_of_a_guarded_form_stand_behind_one_more_step_and_reassure_nobody(
    browser: Open, cast: Cast
) -> None:
    response_id = answer(cast, measures.active(cast.ines, "hark"), "hark", [0, 0, 0, 0])
    shown = browser("ines").get(f"/coach/responses/{response_id}").text
    scores = shown[shown.index('id="scores"') :]
    assert scores.index("<details") < scores.index("Total")
    assert "no reassurance" in scores
    assert 'name="feedback"' not in shown


def test_the_page_names_no_diagnosis_and_no_grade(browser: Open, cast: Cast) -> None:
    answer(cast, measures.active(cast.ines, "phq9"), "phq9", [3, 3, 3, 3, 3, 3, 2, 0, 0])
    shown = words(browser("ines").get(page(cast)).text).lower()
    assert "total" in shown
    for word in ("depress", "diagnos", "anxiety", "disorder", "clinical", "percent"):
        assert word not in shown
