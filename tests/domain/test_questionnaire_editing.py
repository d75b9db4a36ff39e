"""Editing a document: what stays whatever is changed, and what is refused in which words."""

from dataclasses import replace

import pytest

from portal import content
from portal.domain import questionnaire_editing as editing
from portal.domain.documents import check_in_document, exercise_document
from portal.domain.errors import Invalid, NotFound
from portal.domain.items import ItemType
from portal.domain.media import Media, checked
from portal.domain.programme import Audience
from portal.domain.question_words import AT_ONCE, QuestionWords
from portal.domain.questionnaire_editing import Heading
from portal.domain.questionnaires import from_document

COMMON = content.common_fields()
CARRIED = editing.carried_by_exercises(COMMON)
OF_CHECK_IN = editing.carried_by_check_in(content.check_in())
HEADING = Heading("A walk", "To talk side by side.", "gratitude", Audience.TOGETHER, 20, "weekly", ("Go out.",))
SHIPPED = [
    exercise_document(exercise, step["step"], COMMON) for step in content.steps() for exercise in step["exercises"]
]
CHOICE = QuestionWords("Which way?", "shared", options=(("left", "Left"), ("right", "Right")))


def walk():
    return editing.new_exercise(HEADING, COMMON)


def with_choice():
    return editing.with_question(walk(), "way", ItemType.CHOICE, CHOICE, CARRIED)


def with_two():
    words = QuestionWords("Why left?", "shared", asked_if=(("way", "left"),))
    return editing.with_question(with_choice(), "why", ItemType.TEXT, words, CARRIED)


def ids(document):
    return [entry["id"] for entry in document["items"]]


def refusal(act, *args, **how):
    with pytest.raises(Invalid) as caught:
        act(*args, **how)
    return caught.value.code, caught.value.params.get("field")


def test_a_new_exercise_asks_what_every_exercise_asks():
    assert ids(walk()) == ["done", "barrier", "stopped_afraid", "done_on", "private_line"]


def test_own_questions_stand_between_those_that_every_exercise_carries():
    assert ids(with_two()) == ["done", "barrier", "stopped_afraid", "done_on", "way", "why", "private_line"]


def test_how_often_it_is_done_decides_whether_the_day_is_asked():
    daily = editing.with_heading(with_two(), replace(HEADING, frequency="daily"), COMMON)
    assert ids(daily) == ["done", "barrier", "stopped_afraid", "way", "why", "private_line"]
    assert ids(editing.with_heading(daily, HEADING, COMMON)) == ids(with_two())


@pytest.mark.parametrize("document", SHIPPED, ids=lambda document: document["slug"])
def test_a_shipped_exercise_saved_as_it_is_stays_as_it_is(document):
    it = from_document(document)
    same = Heading(
        it.title, it.purpose, it.step, it.audience, it.minutes, it.frequency, it.instructions, it.safety_note or ""
    )
    assert editing.with_heading(document, same, COMMON) == document


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"purpose": ""}, "purpose"),
        ({"minutes": 0}, "minutes"),
        ({"frequency": "always"}, "frequency"),
        ({"instructions": ("", " ")}, "instructions"),
        ({"instructions": ("One.",) * 9}, "instructions"),
    ],
)
def test_a_heading_that_cannot_be_taken_names_its_field(changes, field):
    assert refusal(editing.with_heading, walk(), replace(HEADING, **changes), COMMON)[1] == field


@pytest.mark.parametrize(
    "address",
    [
        "http://films.example/one",
        "films.example/one",
        "https://films",
        "https://10.0.0.1/x",
        "https://bank.example@films.example/",
        "https://films.example:8080/",
        "https://films.example/a b",
        "https://films.example/\u202egnp",
        "javascript:alert(1)",
        "https://films.example\\@elsewhere.example",
        "https://[half/",
        "https://films.example/" + "x" * 500,
    ],
)
def test_a_link_leads_to_a_named_place_by_https_or_is_refused(address):
    assert refusal(checked, "A talk", address, 20) == ("media_address", "media_address")


def test_a_link_stays_in_the_document_and_its_place_can_be_said():
    media = checked(" A talk ", " https://www.Films.example/one?t=1 ", None)
    document = editing.with_heading(walk(), replace(HEADING, media=media), COMMON)
    assert from_document(document).media == Media("A talk", "https://www.Films.example/one?t=1", None)
    assert media.host == "films.example"
    assert from_document(editing.with_heading(document, HEADING, COMMON)).media is None


def test_who_reads_an_answer_is_written_as_the_form_says_it():
    words = QuestionWords("Thank you", AT_ONCE)
    item = from_document(editing.with_question(walk(), "thanks", ItemType.TEXT, words, CARRIED)).item("thanks")
    assert item.opens_at_once


def test_a_scale_needs_the_words_at_both_ends():
    words = QuestionWords("How close?", ends=("far", ""))
    assert refusal(editing.with_question, walk(), "x", ItemType.SCALE, words, CARRIED) == ("ends_missing", "ends")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((("a", "One"),), "too_few_options"),
        ((("a", "One"), ("b", "one ")), "options_alike"),
        (tuple((str(n), str(n)) for n in range(13)), "too_many_options"),
    ],
)
def test_answers_to_choose_from_are_two_to_twelve_and_differ(options, code):
    words = QuestionWords("Which?", options=options)
    assert refusal(editing.with_question, walk(), "x", ItemType.CHOICE, words, CARRIED) == (code, "options")


def test_an_option_in_other_words_keeps_what_it_is_stored_as():
    words = editing.with_values(
        replace(CHOICE, options=(("left", "To the left"), ("forged", "Straight on"))),
        with_choice()["items"][4],
        lambda: "new",
    )
    document = editing.with_question(with_two(), "way", ItemType.CHOICE, words, CARRIED)
    assert document["items"][4]["options"] == [
        {"value": "left", "label": "To the left"},
        {"value": "new", "label": "Straight on"},
    ]
    assert from_document(document).item("why").show_if.options == ("left",)


def test_a_condition_is_never_narrower_than_its_question():
    words = QuestionWords("What happened?", "shared", asked_if=(("done", "partly"),))
    told = refusal(editing.with_question, walk(), "what", ItemType.TEXT, words, CARRIED)
    assert told == ("condition_narrower_than_item", "asked_if")


def test_nor_is_it_made_so_from_the_other_side():
    with pytest.raises(Invalid) as caught:
        editing.with_question(with_two(), "way", ItemType.CHOICE, replace(CHOICE, readers="coach"), CARRIED)
    assert (caught.value.code, caught.value.params["question"]) == ("another_hangs_and_is_wider", "Why left?")


def test_what_another_hangs_on_stays_and_stays_before_it():
    assert refusal(editing.without_question, with_two(), "way", CARRIED)[0] == "another_hangs_on_it"
    assert refusal(editing.moved, with_two(), "why", CARRIED, up=True)[0] == "another_hangs_on_it"
    fewer = replace(CHOICE, options=(("right", "Right"), ("on", "On")))
    told = refusal(editing.with_question, with_two(), "way", ItemType.CHOICE, fewer, CARRIED)
    assert told == ("another_hangs_on_option", "options")


def test_a_condition_names_answers_of_one_question():
    words = QuestionWords("What?", asked_if=(("done", "done"), ("barrier", "time")))
    told = refusal(editing.with_question, walk(), "x", ItemType.TEXT, words, CARRIED)
    assert told == ("condition_of_two_questions", "asked_if")


@pytest.mark.parametrize("written", ["way != 'right'", "way in ('left')", "way = left"])
def test_a_condition_that_was_written_otherwise_stays_as_it_was(written):
    document = with_two()
    items = [entry | ({"show_if": written} if entry["id"] == "why" else {}) for entry in document["items"]]
    words = QuestionWords("Why that way?", "shared", asked_if=(("way", "left"),))

    def condition(asked):
        again = editing.with_question(document | {"items": items}, "why", ItemType.TEXT, asked, CARRIED)
        return next(entry["show_if"] for entry in again["items"] if entry["id"] == "why")

    assert condition(words) == written
    assert condition(replace(words, asked_if=(("way", "right"),))) not in (written, None)


def test_own_questions_change_places_and_nothing_else_moves():
    words = QuestionWords("And then?")
    document = editing.with_question(with_choice(), "then", ItemType.TEXT, words, CARRIED)
    moved = editing.moved(document, "then", CARRIED, up=True)
    assert ids(moved) == ["done", "barrier", "stopped_afraid", "done_on", "then", "way", "private_line"]
    assert editing.moved(moved, "then", CARRIED, up=True) == moved
    assert editing.moved(moved, "then", CARRIED, up=False) == document


@pytest.mark.parametrize("act", [editing.moved, editing.without_question])
def test_what_every_form_carries_is_neither_moved_nor_removed(act):
    how = {"up": True} if act is editing.moved else {}
    with pytest.raises(NotFound):
        act(walk(), "done", CARRIED, **how)


def test_what_every_form_carries_can_be_said_in_other_words_alone():
    words = QuestionWords("How far?", "shared", options=(("done", "All of it"),), asked_if=(("x", "y"),), tells=True)
    before, after = (
        next(e for e in d["items"] if e["id"] == "done")
        for d in (walk(), editing.with_question(walk(), "done", ItemType.TEXT, words, CARRIED))
    )
    assert after["label"] == "How far?"
    assert [o["label"] for o in after["options"]] == ["All of it", "Partly", "Not this time"]
    kept = [{k: v for k, v in e.items() if k not in ("label", "options", "suggest")} for e in (before, after)]
    assert kept[0] == kept[1]


def test_a_tick_in_a_locked_box_can_come_to_the_coach_at_once_and_no_other():
    words = QuestionWords("I was afraid.", "locked", tells=True)
    document = editing.with_question(walk(), "afraid", ItemType.CHECKBOX, words, CARRIED)
    assert from_document(document).item("afraid").raises == (("true", "flag"),)
    open_one = editing.with_question(document, "afraid", ItemType.CHECKBOX, replace(words, readers="coach"), CARRIED)
    assert from_document(open_one).item("afraid").raises == ()


def check_in():
    return check_in_document(content.check_in())


def test_the_check_in_keeps_its_rhythm_and_what_it_scores():
    changed = editing.with_heading(check_in(), replace(HEADING, title="How it was"), COMMON)
    kept = ("step", "audience", "frequency", "scoring", "items", "screens", "slug")
    assert {name: changed[name] for name in kept} == {name: check_in()[name] for name in kept}
    assert changed["title"] == "How it was"


@pytest.mark.parametrize("item_id", ["s1", "b2", "p5", "x1", "t2", "n1", "g1"])
def test_a_question_of_the_check_in_can_be_reworded_and_neither_turned_nor_moved_nor_removed(item_id):
    item = from_document(check_in()).item(item_id)
    words = QuestionWords("In other words", "shared", ends=("no", "yes"), every_fourth=True)
    after = from_document(editing.with_question(check_in(), item_id, ItemType.TEXT, words, OF_CHECK_IN)).item(item_id)
    assert after.label == "In other words"
    assert replace(after, label=item.label, ends=item.ends, suggest=item.suggest) == item
    with pytest.raises(NotFound):
        editing.without_question(check_in(), item_id, OF_CHECK_IN)
    with pytest.raises(NotFound):
        editing.moved(check_in(), item_id, OF_CHECK_IN, up=True)


def test_own_questions_of_the_check_in_stand_on_their_own_screen_before_the_private_ones():
    words = QuestionWords("Did you walk?", "shared", every_fourth=True)
    document = editing.with_question(check_in(), "walked", ItemType.CHECKBOX, words, OF_CHECK_IN)
    assert [screen["items"] for screen in document["screens"][-2:]] == [["walked"], ["x1", "x2", "x3", "x4"]]
    assert from_document(document).item("walked").when == "every_4th"
    assert editing.without_question(document, "walked", OF_CHECK_IN)["screens"] == check_in()["screens"]


def test_private_questions_of_the_check_in_are_those_it_ships_with():
    words = QuestionWords("Were you afraid?", "locked")
    told = refusal(editing.with_question, check_in(), "x", ItemType.CHECKBOX, words, OF_CHECK_IN)
    assert told == ("check_in_private_are_carried", "readers")
