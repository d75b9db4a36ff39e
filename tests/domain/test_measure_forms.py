"""A brought-in questionnaire as a form: nothing of it lost, conditions that say the same or none, and no guess."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import imported_documents, measured
from portal.domain.conditions import parse
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid
from portal.domain.imported import (
    Answer,
    AnswerKind,
    Code,
    Expression,
    ImportedCondition,
    ImportedItem,
    ImportedOption,
    ImportedQuestionnaire,
    ImportedType,
)
from portal.domain.measure_care import Concern
from portal.domain.measure_documents import from_document
from portal.domain.measure_forms import (
    answer_of,
    asked_items,
    can_be_asked,
    form_parts,
    item_ids,
    scored_items,
    unasked,
)
from portal.domain.measured import MeasureForm, raised_by_total
from portal.domain.questionnaires import from_document as form_of
from portal.input.fhir import questionnaire
from tests.input.forms import TEA, file

READ = questionnaire(file(TEA))
YES = Answer(AnswerKind.BOOLEAN, True)
OPTIONS = tuple(ImportedOption(code, f"Answer {code}", weight=Decimal(n)) for n, code in enumerate("abc"))


def choice(link_id, **fields):
    return ImportedItem(link_id, ImportedType.CHOICE, f"Item {link_id}", options=OPTIONS, **fields)


def form(*items):
    return ImportedQuestionnaire(items, status="active")


def when(question, operator="=", answer=None):
    return ImportedCondition(question, operator, answer or Answer(AnswerKind.CODING, "b"))


def parts(*items):
    return form_parts(form(*items), "How it goes", Disclosure.COACH)


def test_what_was_read_comes_back_from_its_document_to_the_last_digit():
    document = json.loads(json.dumps(imported_documents.to_document(READ)))
    assert imported_documents.from_document(document) == READ


@given(st.decimals("-9999", "9999", places=6), st.text(max_size=20), st.booleans())
def test_points_texts_and_conditions_come_back_too(points, words, required):
    item = ImportedItem(
        "1",
        ImportedType.CHOICE,
        words,
        codes=(Code("c", words, "s"),),
        required=required,
        options=(ImportedOption("a", words, "s", points), ImportedOption("7", kind=AnswerKind.INTEGER)),
        conditions=(when("0", ">", Answer(AnswerKind.DECIMAL, points)), when("0", "exists", YES)),
        any_condition=required,
        expressions=(Expression("u", "1 + 1", "text/fhirpath"), Expression("v", "2")),
    )
    read = form(item)
    assert imported_documents.from_document(json.loads(json.dumps(imported_documents.to_document(read)))) == read


def test_each_question_of_the_file_is_a_question_of_the_form_with_its_link_id():
    found = form_parts(READ, "Tea", Disclosure.COACH)
    assert [entry["link_id"] for entry in found["items"]] == [item.link_id for item in asked_items(READ)]
    assert [(screen["title"], screen["items"]) for screen in found["screens"]] == [
        ("Tea in the morning", ["q_1_1", "q_1_2"]),
        ("Tea in the morning", ["q_1_3_1", "q_1_3_2"]),
        ("Tea", ["q_3", "q_4", "q_5", "q_6"]),
    ]
    assert found["screens"][2]["before"] == "Now the evening."
    assert found["items"][0]["label"] == "a) Tea, question 1.1?"


def test_what_cannot_be_asked_as_it_stands_is_named():
    told = unasked(READ)
    assert (told.decimals, told.computed, told.skippable) == (("1.3.1",), ("7",), ("1.1",))
    assert not can_be_asked(READ)
    assert unasked(form(choice("1"), ImportedItem("2", ImportedType.DISPLAY, "The end"))).unshown == ("2",)


@pytest.mark.parametrize(
    ("conditions", "any_condition", "expected"),
    [
        ((when("1"),), False, "q_1 in (o2)"),
        ((when("1"), when("1", "=", Answer(AnswerKind.CODING, "c"))), True, "q_1 in (o2, o3)"),
        ((when("1", "exists", YES),), False, "q_1 in (o1, o2, o3)"),
        ((when("1"), when("1", "=", Answer(AnswerKind.CODING, "c"))), False, None),
        ((when("1", "!="),), False, None),  # in FHIR it holds for what was skipped too
        ((when("1", "exists", Answer(AnswerKind.BOOLEAN, False)),), False, None),
        ((when("later"),), False, None),
    ],
)
def test_a_condition_says_exactly_the_same_or_the_question_is_always_asked(conditions, any_condition, expected):
    asked = choice("2", conditions=conditions, any_condition=any_condition)
    items = (choice("1"), asked, choice("later"))
    entry = parts(*items)["items"][1]
    assert entry.get("show_if") == expected
    assert unasked(form(*items)).always == (() if expected else ("2",))
    if expected:
        assert parse(expected).holds("o2")


def test_the_condition_of_a_group_is_that_of_all_in_it_and_two_at_once_are_none():
    group = ImportedItem(
        "g",
        ImportedType.GROUP,
        "More",
        conditions=(when("1"),),
        items=(choice("2"), choice("3", conditions=(when("2"),))),
    )
    found = {entry["link_id"]: entry.get("show_if") for entry in parts(choice("1"), group)["items"]}
    assert found == {"1": None, "2": "q_1 in (o2)", "3": None}
    assert unasked(form(choice("1"), group)).always == ("3",)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=20, unique=True))
def test_any_link_ids_are_safe_and_different_ids_of_a_form_that_can_be_read(link_ids):
    read = form(*map(choice, link_ids))
    found = item_ids(read)
    assert len(set(found.values())) == len(link_ids)
    document = {
        "kind": "measure", "slug": "m", "title": "T", "audience": "alone", "minutes": 1, "frequency": "once",
        **form_parts(read, "T", Disclosure.LOCKED),
    }  # fmt: skip
    assert [item.link_id for item in form_of(document).items] == link_ids


def test_an_answer_of_the_form_is_the_answer_of_the_file_and_an_unknown_one_is_none():
    item = choice("1")
    assert answer_of(item, "o2") == Answer(AnswerKind.CODING, "b")
    assert answer_of(ImportedItem("2", ImportedType.BOOLEAN, "?"), "no") == Answer(AnswerKind.BOOLEAN, False)
    for unknown in ("o0", "o4", "b", "o-1", "o1000000000000"):
        with pytest.raises(KeyError):
            answer_of(item, unknown)


def violent(cut, **changes):
    scoring = {"better": "low", "n": 3, "min": 0, "max": 2, "scales": {"total": ["1-3"]}, "cut": cut} | changes
    measure = from_document("own", scoring)
    return MeasureForm("Own", measure, measure, Concern.VIOLENCE, form(*map(choice, "123")), None)


def test_a_total_in_the_range_is_raised_as_soon_as_no_hole_could_bring_it_out_again():
    made = violent([">=", 3])
    assert not raised_by_total(made, {})
    assert not raised_by_total(made, {"q_1": "o3"})
    assert raised_by_total(made, {"q_1": "o3", "q_2": "o2"})
    assert raised_by_total(made, {"q_1": "o1", "q_2": "o2", "q_3": "o3"})
    high = violent(["<", 3], better="high")
    assert not raised_by_total(high, {"q_1": "o1"})
    assert raised_by_total(high, {"q_1": "o1", "q_2": "o1"})


def test_an_answer_that_the_form_cannot_give_is_refused_with_its_item_named():
    with pytest.raises(Invalid) as refusal:
        measured.scored(violent([">=", 3]), {"q_2": "o9"})
    assert (refusal.value.code, refusal.value.params["item"]) == ("answer_of_unknown_code", "2")


def test_scored_are_the_questions_with_points_in_the_order_of_the_form():
    assert [item.link_id for item in scored_items(READ)] == ["1.1", "1.2", "1.3.1", "3", "5"]
