"""Cleaning what people type, and who may read it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import content
from portal.domain.answers import Answer, choose_disclosure, clean, collect
from portal.domain.disclosure import Disclosure
from portal.domain.documents import check_in_document, exercise_document
from portal.domain.errors import Invalid
from portal.domain.items import Item, ItemType, Option
from portal.domain.questionnaires import from_document, items_shown

CHECK_IN = from_document(check_in_document(content.check_in()))
_HOLDS_THE_FLOOR = content.steps()[0]["exercises"][0]
FLOOR = from_document(exercise_document(_HOLDS_THE_FLOOR, "active_listening", content.common_fields()))


def item(kind, disclosure="coach", **more):
    return Item("it", ItemType(kind), "It", Disclosure(disclosure), **more)


SCALE = item("scale")
STEP = item("scale", may_not_come_up=True)
DAYS = item("number", minimum=0, maximum=7)
TEXT = item("text")
BOX = item("checkbox")
CHOICE = item("choice", options=(Option("no", "No"), Option("na", "N/A")))
DAY = item("date")


@pytest.mark.parametrize(
    ("asked", "raw", "value"),
    [
        (SCALE, "0", 0), (SCALE, " 10 ", 10), (SCALE, "007", 7), (SCALE, "", None), (STEP, "na", None),
        (DAYS, "7", 7), (item("number"), "-12", -12), (DAYS, "-0", 0), (BOX, "on", True), (BOX, "false", False),
        (BOX, "", None), (CHOICE, "na", "na"), (CHOICE, "", None), (DAY, "2026-11-23", "2026-11-23"),
        (DAY, "2024-02-29", "2024-02-29"), (TEXT, "  \r\n one\r\ntwo\rthree \n", "one\ntwo\nthree"),
        (TEXT, "a\x00b\u202ec\u2066d\ud800e", "abcde"), (TEXT, " \x00 ", None), (TEXT, "ü 👩‍👧 “so”", "ü 👩‍👧 “so”"),
        (TEXT, "x" * 5000 + "\r\n", "x" * 5000),
    ],
)  # fmt: skip
def test_a_raw_field_becomes_the_value_it_stands_for(asked, raw, value):
    cleaned = clean(asked, raw)
    assert cleaned == value
    assert type(cleaned) is type(value)


@pytest.mark.parametrize(
    ("asked", "raw", "code"),
    [
        (SCALE, "11", "out_of_range"), (SCALE, "-1", "out_of_range"), (SCALE, "na", "na_not_allowed"),
        (SCALE, "5.5", "not_a_number"), (SCALE, "٣", "not_a_number"), (SCALE, "1e1", "not_a_number"),
        (SCALE, "ten", "not_a_number"), (DAYS, "8", "out_of_range"), (DAYS, "9" * 5000, "out_of_range"),
        (DAYS, "-" + "9" * 5000, "out_of_range"), (DAYS, "na", "not_a_number"), (BOX, "perhaps", "not_an_option"),
        (CHOICE, "yes", "not_an_option"), (DAY, "2026-02-30", "not_a_date"), (DAY, "23.11.2026", "not_a_date"),
        (DAY, "20261123", "not_a_date"), (DAY, "1899-12-31", "out_of_range"), (DAY, "2101-01-01", "out_of_range"),
        (TEXT, "x" * 5001, "too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_and_never_moved_into_range(asked, raw, code):
    with pytest.raises(Invalid) as refusal:
        clean(asked, raw)
    assert refusal.value.code == code
    assert refusal.value.params["item"] == "it"


def test_a_refusal_of_range_names_both_ends():
    with pytest.raises(Invalid) as refusal:
        clean(DAYS, "8")
    assert refusal.value.params == {"item": "it", "minimum": 0, "maximum": 7}


RAW = st.text(st.characters(), max_size=80) | st.from_regex(r"-?[0-9]{1,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)


@given(st.sampled_from([SCALE, STEP, DAYS, TEXT, BOX, CHOICE, DAY]), RAW)
def test_any_bytes_give_a_value_or_a_refusal_and_cleaning_again_changes_nothing(asked, raw):
    try:
        value = clean(asked, raw)
    except Invalid:
        return
    if value is not None:
        assert clean(asked, str(value).lower() if isinstance(value, bool) else str(value)) == value
    if isinstance(value, str):
        assert not [c for c in value if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
        value.encode()


def test_skipped_and_did_not_come_up_are_told_apart():
    answers, refusals = collect(CHECK_IN.items, {"p1": "na", "s1": "", "s2": "4"}, {})
    by_id = {answer.item_id: answer for answer in answers}
    assert not refusals
    assert by_id["p1"] == Answer("p1", None, "na", Disclosure.COACH)
    assert by_id["s1"] == Answer("s1", None, "skipped", Disclosure.COACH)
    assert by_id["s2"] == Answer("s2", 4, None, Disclosure.COACH)


def test_hidden_questions_are_neither_stored_nor_refused():
    raw = {"done": "not_this_time", "felt_heard": "99", "done_on": "never", "barrier": "time"}
    answers, refusals = collect(FLOOR.items, raw, {})
    assert [answer.item_id for answer in answers] == ["done", "barrier", "stopped_afraid", "private_line"]
    assert refusals == {}


def test_a_refused_field_is_named_and_the_others_are_kept():
    answers, refusals = collect(FLOOR.items, {"done": "done", "felt_heard": "99", "heat_peak": "3"}, {})
    assert list(refusals) == ["felt_heard"]
    assert {answer.item_id: answer.value for answer in answers}["heat_peak"] == 3


def test_a_missing_choice_is_private():
    answers, _ = collect(FLOOR.items, {"done": "done", "understood": "You were tired."}, {})
    assert {answer.disclosure for answer in answers} == {Disclosure.COACH, Disclosure.LOCKED}
    assert next(a for a in answers if a.item_id == "understood").disclosure is Disclosure.COACH


@pytest.mark.parametrize(
    ("default", "asked", "may_widen", "given_"),
    [
        ("shared", "shared", False, "shared"),
        ("shared", "coach", False, "coach"),
        ("shared", "session", False, "coach"),
        ("shared", None, False, "coach"),
        ("shared", "everybody", True, "coach"),
        ("session", "session", False, "session"),
        ("session", "shared", False, "coach"),
        ("session", "shared", True, "shared"),
        ("coach", "shared", False, "coach"),
        ("coach", "shared", True, "shared"),
        ("coach", "locked", True, "coach"),
        ("locked", "shared", True, "locked"),
        ("locked", None, False, "locked"),
    ],
)
def test_an_answer_is_never_wider_than_was_offered(default, asked, may_widen, given_):
    assert choose_disclosure(item("text", default), asked, may_widen=may_widen) == given_


def test_a_question_that_hangs_on_another_is_never_wider_than_it():
    raw = {"done": "partly", "barrier": "time"}
    answers, _ = collect(FLOOR.items, raw, {"barrier": Disclosure.SHARED}, may_widen=True)
    assert next(a for a in answers if a.item_id == "barrier").disclosure is Disclosure.COACH
    both = {"barrier": Disclosure.SHARED, "done": Disclosure.SHARED}
    answers, _ = collect(FLOOR.items, raw, both, may_widen=True)
    assert next(a for a in answers if a.item_id == "barrier").disclosure is Disclosure.SHARED


@given(
    st.dictionaries(st.sampled_from([i.id for i in CHECK_IN.items]), st.sampled_from(["", "na", "3", "yes", "soon"])),
    st.dictionaries(st.sampled_from([i.id for i in CHECK_IN.items]), st.sampled_from([*Disclosure, "nonsense"])),
    st.booleans(),
)
def test_safety_answers_stay_locked_whatever_is_posted(raw, disclosures, may_widen):
    answers, refusals = collect(CHECK_IN.items, raw, disclosures, may_widen=may_widen)
    locked = {"x1", "x2", "x3", "x4"}
    assert {a.item_id for a in answers if a.disclosure is Disclosure.LOCKED} == {a.item_id for a in answers} & locked
    values = {a.item_id: a.value for a in answers}
    assert set(values) | set(refusals) == {i.id for i in items_shown(CHECK_IN.items, values)}


def test_signals_are_raised_by_the_answers_that_say_so():
    assert CHECK_IN.item("x1").signal("yes") == "flag"
    assert CHECK_IN.item("x2").signal("rather_not") == "soft_flag"
    assert CHECK_IN.item("x3").signal("soon") == "asked_for_a_word"
    assert CHECK_IN.item("x1").signal("no") is None
    assert FLOOR.item("stopped_afraid").signal(True) == "flag"
    assert FLOOR.item("stopped_afraid").signal(False) is None
    assert FLOOR.item("stopped_afraid").signal(None) is None
