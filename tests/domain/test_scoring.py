"""Scores of the check-in."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import content
from portal.domain.documents import check_in_document
from portal.domain.errors import Invalid
from portal.domain.questionnaires import from_document
from portal.domain.scoring import Scores, score, show, whole

CHECK_IN = from_document(check_in_document(content.check_in()))
SCORED = [item.id for item in CHECK_IN.items if item.dimension in ("signs", "benefits", "steps")]
ANSWERS = st.fixed_dictionaries({item_id: st.none() | st.integers(0, 10) for item_id in SCORED})


def answers_of(vector):
    return {f"{letter}{n}": value for letter in "sbp" for n, value in enumerate(vector[letter], start=1)}


@pytest.mark.parametrize("vector", content.check_in()["checkin"]["vectors"])
def test_the_worked_examples_of_the_check_in_come_out_as_written(vector):
    scores = score(CHECK_IN, answers_of(vector))
    for name in ("signs", "benefits", "steps", "total"):
        value = getattr(scores, name)
        assert ("none" if value is None else show(value)) == str(vector[name])


@given(ANSWERS)
def test_scores_stay_within_0_and_100_and_are_missing_exactly_when_too_little_was_answered(answers):
    scores = score(CHECK_IN, answers)
    for name, letter, fewest in (("signs", "s", 3), ("benefits", "b", 2), ("steps", "p", 3)):
        answered = [v for k, v in answers.items() if k.startswith(letter) and v is not None]
        value = getattr(scores, name)
        assert (value is None) is (len(answered) < fewest)
        assert value is None or 0 <= value <= 100
    if scores.signs is not None and scores.benefits is not None:
        assert isclose(scores.total, (4 * scores.signs + 3 * scores.benefits) / 7)
    else:
        assert scores.total is None


@given(ANSWERS, st.sampled_from([i for i in SCORED if i.startswith("p")]), st.none() | st.integers(0, 10))
def test_doing_the_steps_cannot_raise_the_outcome(answers, step, value):
    before, after = score(CHECK_IN, answers), score(CHECK_IN, answers | {step: value})
    assert (before.signs, before.benefits, before.total) == (after.signs, after.benefits, after.total)


@given(ANSWERS, st.sampled_from(SCORED))
def test_a_higher_answer_to_a_sign_lowers_and_to_a_benefit_raises(answers, item_id):
    low, high = score(CHECK_IN, answers | {item_id: 0}), score(CHECK_IN, answers | {item_id: 10})
    name = CHECK_IN.item(item_id).dimension
    if getattr(low, name) is not None:
        assert (getattr(high, name) < getattr(low, name)) is (name == "signs")


@given(ANSWERS, st.sampled_from(["no", "yes", "rather_not", None]))
def test_safety_answers_enter_no_score(answers, safety):
    assert score(CHECK_IN, answers | {"x1": safety, "x2": safety}) == score(CHECK_IN, answers)


@pytest.mark.parametrize("value", [11, -1, True, "5"])
def test_an_answer_off_its_scale_is_refused_with_the_item_named(value):
    with pytest.raises(Invalid) as refusal:
        score(CHECK_IN, {"s1": value})
    assert refusal.value.params == {"item": "s1", "minimum": 0, "maximum": 10}


def test_nothing_answered_gives_no_score():
    assert score(CHECK_IN, {}) == Scores()


@pytest.mark.parametrize(
    ("value", "shown", "rounded"),
    [
        (43.25, "43.3", 43), (42.5, "42.5", 43), (-42.5, "-42.5", -43), (0.15, "0.2", 0), (-0.25, "-0.3", 0),
        (-0.04, "0.0", 0), (43.349999999999994, "43.4", 43), (100.0, "100.0", 100), (54.285714, "54.3", 54),
    ],
)  # fmt: skip
def test_a_tie_is_rounded_away_from_zero(value, shown, rounded):
    assert show(value) == shown
    assert whole(value) == rounded
