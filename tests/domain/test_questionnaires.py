"""Which questions a form asks, and what the house refuses in a definition."""

from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import content
from portal.domain.disclosure import Disclosure
from portal.domain.documents import check_in_document, exercise_document
from portal.domain.errors import Invalid, NotFound
from portal.domain.paper import items_on_paper
from portal.domain.questionnaires import (
    Screen,
    from_document,
    held_by,
    items_of_form,
    items_shown,
    kept_along,
    open_with_conditions,
    screens_of_form,
)


def exercise(slug="one-holds-the-floor"):
    found = next((s["step"], e) for s in content.steps() for e in s["exercises"] if e["slug"] == slug)
    return exercise_document(found[1], found[0], content.common_fields())


def ids(items):
    return [item.id for item in items]


CHECK_IN = check_in_document(content.check_in())


def test_an_exercise_carries_the_common_questions_round_its_own():
    assert ids(from_document(exercise()).items) == [
        "done", "barrier", "stopped_afraid", "done_on", "felt_heard", "my_accuracy", "heat_peak", "understood",
        "private_line",
    ]  # fmt: skip


def test_the_day_is_asked_only_where_the_exercise_is_done_on_one():
    assert "done_on" not in ids(from_document(exercise("ten-clear-minutes")).items)


def test_at_most_three_of_an_exercises_own_questions_stand_unfolded():
    unfolded = [item.id for item in from_document(exercise("draw-the-loop")).items if not item.folded]
    assert unfolded == ["done", "barrier", "stopped_afraid", "done_on", "my_cue", "my_move", "loop_name"]


def test_not_this_time_ends_the_form_after_the_barrier():
    items = from_document(exercise()).items
    shown = items_shown(items, {"done": "not_this_time", "felt_heard": 4})
    assert ids(shown) == ["done", "barrier", "stopped_afraid", "private_line"]


def test_the_barrier_is_asked_unless_it_was_done_or_skipped():
    items = from_document(exercise()).items
    assert "barrier" in ids(items_shown(items, {"done": "partly"}))
    assert "barrier" not in ids(items_shown(items, {"done": "done"}))
    assert "barrier" not in ids(items_shown(items, {}))
    assert "done_on" not in ids(items_shown(items, {}))


def test_the_answer_to_a_hidden_question_shows_nothing_further():
    document = exercise()
    document["items"][4] |= {"show_if": "barrier = time", "disclosure": "coach"}
    items = from_document(document).items
    assert "felt_heard" in ids(items_shown(items, {"done": "partly", "barrier": "time"}))
    assert "felt_heard" not in ids(items_shown(items, {"done": "done", "barrier": "time"}))


def form(ordinal, step="gratitude"):
    return ids(items_of_form(from_document(CHECK_IN), ordinal=ordinal, current_step=step, policy="discretion"))


@pytest.mark.parametrize("ordinal", [1, 2, 3, 5])
def test_a_weekly_form_asks_the_one_step_the_couple_is_at(ordinal):
    asked = form(ordinal)
    assert [i for i in asked if i in ("p1", "p2", "p3", "p4", "p5", "n1", "g1")] == ["p2"]


@pytest.mark.parametrize("ordinal", [4, 8])
def test_every_fourth_form_asks_all_steps_what_was_noticed_and_the_look_back(ordinal):
    assert {"p1", "p2", "p3", "p4", "p5", "n1", "g1"} <= set(form(ordinal))


def test_screens_hold_exactly_what_the_form_asks_and_none_is_empty():
    questionnaire = from_document(CHECK_IN)
    screens = screens_of_form(questionnaire, ordinal=1, current_step="repair", policy="open")
    asked = items_of_form(questionnaire, ordinal=1, current_step="repair", policy="open")
    placed = [item_id for screen in screens for item_id in screen.item_ids]
    assert sorted(placed) == sorted(ids(asked))
    assert [screen.one_choice_for_all for screen in screens] == [None, "Not this week", None, None]


def test_an_exercise_is_one_screen():
    (screen,) = screens_of_form(from_document(exercise()), ordinal=1, current_step=None, policy="open")
    assert screen.item_ids[0] == "done"
    assert screen.item_ids[-1] == "private_line"


def test_under_the_open_policy_the_form_invites_no_topic_for_the_coach_alone():
    questionnaire = from_document(exercise("topic-ladder"))
    for policy, invited in (("open", False), ("discretion", True), ("confidential", True)):
        asked = items_of_form(questionnaire, ordinal=1, current_step=None, policy=policy)
        assert ("coach_only_topic" in ids(asked)) is invited


def test_the_coachs_name_stands_in_every_text():
    for document in (CHECK_IN, exercise("topic-ladder"), exercise("ten-clear-minutes")):
        spoken = from_document(document).spoken("Ines")
        assert "{coach}" not in str(spoken)
        assert "Ines" in str(spoken)


def test_a_name_with_braces_is_only_a_name():
    assert from_document(CHECK_IN).spoken("{0}").screens[0].title == "Only {0} reads this"


def item(**changes):
    return {"id": "extra", "type": "scale", "label": "How was it?", "disclosure": "coach"} | changes


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        (item(type="slider"), "item_unknown_type"),
        (item(disclosure="public"), "item_unknown_disclosure"),
        (item(id="done"), "item_doubled"),
        (item(label=" "), "item_without_label"),
        (item(type="choice"), "item_options_missing"),
        (item(type="choice", options=[{"value": "a", "label": "A"}] * 2), "item_option_doubled"),
        (item(type="number", minimum=7, maximum=0), "item_bounds_reversed"),
        (item(type="number", minimum="0", maximum=9), "item_unreadable"),
        (item(when="sometimes"), "item_unknown_when"),
        (item(show_if="nobody = 'done'"), "condition_names_no_earlier_item"),
        (item(show_if="extra = 3"), "condition_names_no_earlier_item"),
        (item(show_if="done = 'nearly'"), "condition_names_unknown_option"),
        (item(show_if="felt_heard = 11"), "condition_names_unknown_option"),
        (item(show_if="done is done"), "condition_unreadable"),
        (item(show_if="done = 'done'", disclosure="shared"), "condition_narrower_than_item"),
        (item(show_if="stopped_afraid = true"), "condition_narrower_than_item"),
        (item(raises=[["3", "flag"]]), "item_signal_not_locked"),
        (item(raises=[["11", "flag"]], disclosure="locked"), "item_unknown_signal"),
        (item(type="text", may_not_come_up=True), "item_may_not_come_up"),
        (item(type="choice", options=["a", "b"]), "item_unreadable"),
        (item(raises={"yes": 1}), "item_unreadable"),
        (item(hidden_under_policy=["strict"]), "item_unknown_policy"),
        (item(ends=["low"]), "item_unreadable"),
    ],
)
def test_a_broken_definition_is_refused_with_the_item_named(extra, code):
    document = exercise()
    document["items"].append(extra)
    with pytest.raises(Invalid) as refusal:
        from_document(document)
    assert refusal.value.code == code
    assert refusal.value.params["item"] == extra["id"]


def test_an_item_without_an_id_is_named_by_its_place():
    document = exercise() | {"items": [item(id="Not an id")]}
    with pytest.raises(Invalid) as refusal:
        from_document(document)
    assert refusal.value.params == {"item": 1}


def test_a_locked_question_may_hang_on_any_other():
    document = exercise()
    document["items"].append(item(type="text", show_if="stopped_afraid = true", disclosure="locked"))
    assert from_document(document).items[-1].show_if is not None


def hung(*chain):
    """An exercise with a further question for each pair: it hangs on the other one, and both partners may read it."""
    document = exercise()
    document["items"][0]["disclosure"] = "shared"
    for item_id, on in chain:
        extra = item(id=item_id, type="choice", options=[{"value": "done", "label": "Done"}], disclosure="shared")
        document["items"].append(extra | {"show_if": f"{on} = 'done'"})
    return from_document(document).items


CHAIN = (("one", "done"), ("two", "one"), ("apart", "done"), ("three", "two"))


def test_with_a_question_goes_all_that_hangs_on_it_and_on_that():
    items = hung(*CHAIN)
    assert kept_along(items, (), ["one"]) == {"one", "two", "three"}
    assert kept_along(items, (), ["done"]) == {"done", "barrier", "done_on", "one", "two", "three", "apart"}
    assert kept_along(items, (), ["apart", "felt_heard"]) == {"apart", "felt_heard"}


def test_what_is_chosen_together_with_what_hangs_on_a_question_goes_along_too():
    screens = (Screen("Apart", ("two", "felt_heard"), one_choice_for_all="Not this week"),)
    assert kept_along(hung(*CHAIN), screens, ["one"]) == {"one", "two", "three", "felt_heard"}


def test_a_question_is_held_by_a_narrower_one_unless_both_are_chosen():
    items = hung(*CHAIN)
    for standing, wanted, held in (
        ({}, "session", "done"),
        ({"done": "coach"}, "session", "done"),
        ({"done": "session"}, "session", None),
        ({"done": "session"}, "shared", "done"),
        ({"done": "shared"}, "shared", None),
        ({"done": "locked"}, "coach", "done"),
    ):
        readers = {item_id: Disclosure(word) for item_id, word in standing.items()}
        assert held_by(items, readers, ["one"], Disclosure(wanted)) == held
        assert held_by(items, readers, ["one", "done"], Disclosure(wanted)) is None


def test_no_question_is_open_before_all_that_it_hangs_on_is():
    items = hung(*CHAIN)
    assert open_with_conditions(items, ["one", "two", "felt_heard"]) == {"felt_heard"}
    assert open_with_conditions(items, ["three", "one", "done"]) == {"done", "one"}
    assert open_with_conditions(items, ["three", "two", "one", "done"]) == {"done", "one", "two", "three"}


def test_each_item_stands_on_exactly_one_screen():
    for items in (["s1"], ["nothing"]):
        document = deepcopy(CHECK_IN)
        document["screens"].append({"title": "More", "items": items})
        with pytest.raises(Invalid) as refusal:
            from_document(document)
        assert (refusal.value.code, refusal.value.params["item"]) == ("screen_does_not_fit", items[0])


def test_safety_answers_cannot_be_scored():
    document = deepcopy(CHECK_IN)
    document["scoring"]["subscales"][0]["items"].append("x1")
    with pytest.raises(Invalid) as refusal:
        from_document(document)
    assert refusal.value.params == {"item": "x1"}


@given(st.dictionaries(st.sampled_from(ids(from_document(exercise()).items)), st.sampled_from(["done", "partly", 3])))
def test_what_is_shown_does_not_hang_on_answers_that_are_not(answers):
    items = from_document(exercise()).items
    shown = items_shown(items, answers)
    kept = {item.id: answers[item.id] for item in shown if item.id in answers}
    assert items_shown(items, kept) == shown


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_document_with_anything_in_a_field_is_read_or_refused(data):
    document = deepcopy(CHECK_IN)
    place = data.draw(st.sampled_from([document, document["items"][16], document["screens"][1], document["scoring"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JUNK)
    with suppress(Invalid):
        assert from_document(document).items


def test_nothing_of_the_library_that_is_for_the_coach_alone_stands_on_paper() -> None:
    slugs = [entry["slug"] for step in content.steps() for entry in step["exercises"]]
    forms = [from_document(exercise(slug)) for slug in slugs]
    on_paper = {(form.slug, item) for form in forms for item in items_on_paper(form, form.items)}
    left_out = {(form.slug, item) for form in forms for item in form.items} - on_paper
    assert {item.disclosure for _, item in on_paper} == {Disclosure.SHARED, Disclosure.SESSION}
    assert {item.disclosure for _, item in left_out} == {Disclosure.COACH, Disclosure.LOCKED}


def test_a_check_in_is_not_put_on_paper() -> None:
    check_in = from_document(check_in_document(content.check_in()))
    with pytest.raises(NotFound):
        items_on_paper(check_in, check_in.items)
