"""FHIR questionnaires that come in: what is kept, what is named as dropped, what is refused and where."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.imported import (
    MOST_BYTES,
    MOST_ITEMS,
    Answer,
    AnswerKind,
    Code,
    ImportedType,
    items_without_weights,
    points_of,
    walk,
    with_score_map,
)
from portal.input.fhir import questionnaire
from portal.input.fhir_json import MOST_DEPTH
from tests.input.forms import OLDER, ORDINAL, SDC, SYSTEM, TEA, WEIGHT, choice, file, form, group, option, weight, when
from tests.input.spoilt import spoilt_files


def read(*items, **fields):
    return questionnaire(file(form(*items, **fields)))


def item_of(found, link_id):
    return next(item for item in walk(found.items) if item.link_id == link_id)


def refusal_of(data):
    with pytest.raises(Invalid) as refusal:
        questionnaire(data if isinstance(data, bytes) else file(data))
    return refusal.value.code, refusal.value.params["place"]


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_all_that_is_supported_is_kept():
    found = questionnaire(file(TEA))
    assert (found.url, found.version, found.title) == (TEA["url"], "1.2", "Tea through the day")
    assert (found.copyright, found.status, found.dropped) == ("Ines, all rights reserved", "active", ())
    assert [item.link_id for item in walk(found.items)] == [
        "1", "1.1", "1.2", "1.3", "1.3.1", "1.3.2", "2", "3", "4", "5", "6", "7",
    ]  # fmt: skip
    first = item_of(found, "1.1")
    assert (first.prefix, first.required, first.type) == ("a)", True, ImportedType.CHOICE)
    assert first.codes == (Code("morning", "Morning", SYSTEM),)
    assert [(o.code, o.display, o.system, o.weight) for o in first.options][2] == ("much", "Tea much", SYSTEM, 2)
    assert item_of(found, "1.3").any_condition
    assert not item_of(found, "1.2").any_condition
    assert item_of(found, "1.2").conditions[0].answer == Answer(AnswerKind.CODING, "much", SYSTEM)
    assert [(o.code, o.weight) for o in item_of(found, "3").options] == [("early", 3), ("late", Decimal("1.5"))]


def test_a_computation_is_kept_as_text_alone():
    (kept,) = item_of(questionnaire(file(TEA)), "7").expressions
    assert (kept.language, kept.text) == ("text/fhirpath", "%resource.item.answer.sum()")
    assert kept.url == f"{SDC}calculatedExpression"


@pytest.mark.parametrize("url", [WEIGHT, ORDINAL, OLDER])
@pytest.mark.parametrize("on_coding", [False, True])
@pytest.mark.parametrize("field", ["valueDecimal", "valueInteger"])
def test_points_are_found_by_each_address_on_the_option_and_on_its_coding(url, on_coding, field):
    offered = option("some")
    (offered["valueCoding"] if on_coding else offered)["extension"] = [{"url": url, field: 3}]
    found = read(choice("1", offered))
    assert item_of(found, "1").options[0].weight == 3
    assert not items_without_weights(found)


def test_an_expansion_goes_before_the_definition_of_a_value_set():
    contained = {"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"valueSet": ["https://ben.example"]}]},
                 "expansion": {"contains": [{"system": SYSTEM, "code": "a", "extension": [weight(1)]}]}}  # fmt: skip
    found = read({"linkId": "1", "type": "choice", "text": "?", "answerValueSet": "#v"}, contained=[contained])
    assert [(o.code, o.system, o.weight) for o in item_of(found, "1").options] == [("a", SYSTEM, 1)]


def test_what_r5_calls_a_coding_is_a_choice():
    found = read(choice("1", type="coding", answerConstraint="optionsOnly"))
    assert item_of(found, "1").type is ImportedType.CHOICE


def test_the_words_of_a_code_stand_for_a_missing_text():
    item = {"linkId": "1", "type": "integer", "code": [{"code": "cups", "display": "Cups"}]}
    assert item_of(read(item), "1").text is None
    assert refusal_of(form({"linkId": "1", "type": "integer", "code": [{"code": "cups"}]})) == (
        "fhir_text_missing", "item[0]",
    )  # fmt: skip


def test_a_chain_of_conditions_as_long_as_a_form_is_read():
    chain = [choice("0")] + [choice(str(n), enableWhen=[when(str(n - 1), "much")]) for n in range(1, MOST_ITEMS)]
    assert len(list(walk(read(*reversed(chain)).items))) == MOST_ITEMS


def test_groups_within_groups_are_read_as_deep_as_the_file_may_go():
    deep = choice("0", {"valueInteger": 1})
    for n in range(1, MOST_DEPTH // 2 - 3):
        deep = group(str(n), deep)
    assert item_of(read(deep), "0").options[0].kind is AnswerKind.INTEGER


def test_a_mark_of_the_byte_order_does_no_harm():
    assert questionnaire(b"\xef\xbb\xbf" + file(TEA)) == questionnaire(file(TEA))


# --- what is dropped --------------------------------------------------------------------------------------------------


def test_what_is_dropped_is_named_with_its_place():
    control = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
    found = read(
        choice("1", option("some", 1) | {"initialSelected": True}, extension=[{"url": control, "valueString": "x"}]),
        {"linkId": "2", "type": "text", "text": "?", "maxLength": 9, "_text": {"extension": [{"url": "x"}]}},
        choice("3", {"valueCoding": {"code": "a", "version": "2"}, "extension": [weight(1), {"url": "ben:x"}]}),
        publisher="Ana",
        extension=[{"url": "ines:x"}],
        contained=[{"resourceType": "Library", "id": "ben"}],
    )
    assert sorted(found.dropped) == sorted([
        "publisher", "extension[0] ines:x", "contained[0]", "item[0].answerOption[0].initialSelected",
        f"item[0].extension[0] {control}", "item[1].maxLength", "item[1]._text",
        "item[2].answerOption[0].extension[1] ben:x", "item[2].answerOption[0].valueCoding.version",
    ])  # fmt: skip


def test_a_total_of_a_foreign_type_that_the_file_works_out_is_left_out_and_named():
    computed = {"url": f"{SDC}calculatedExpression", "valueExpression": {
        "language": "text/fhirpath", "expression": "1", "name": "sum", "description": "of all"}}  # fmt: skip
    total = {"linkId": "2", "type": "quantity", "text": "Sum", "extension": [computed]}
    found = read(choice("1"), total, {"linkId": "3", "type": "url", "text": "?", "readOnly": True})
    assert ([item.link_id for item in found.items], found.dropped) == (["1"], ("item[1]", "item[2]"))
    found = read(choice("1"), total | {"type": "integer"})
    assert item_of(found, "2").expressions[0].text == "1"
    assert found.dropped == tuple(f"item[1].extension[0].valueExpression.{name}" for name in ("name", "description"))
    assert refusal_of(form(choice("1"), {"linkId": "2", "type": "quantity", "text": "?"})) == (
        "fhir_type_not_supported", "item[1].type",
    )  # fmt: skip


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "fhir_not_json", "line 1, column 1"),
        (b"\xff{}", "fhir_not_utf8", ""),
        (b"[]", "fhir_unreadable", ""),
        (b'{"a": 1,}', "fhir_not_json", "line 1, column 9"),
        (b'{"a": NaN}', "fhir_number_unclear", "NaN"),
        (b'{"a": ' + b"9" * 5000 + b"}", "fhir_number_unclear", ""),
        (b'{"item": 1, "item": 2}', "fhir_name_doubled", "item"),
        (b" " * (MOST_BYTES + 1), "fhir_too_large", ""),
        (b'{"a":' * 100_000, "fhir_too_deep", ""),
        (b"[" * 500_000, "fhir_too_deep", ""),
        (b'{"title": "a\\u0000"}', "fhir_text_unfit", "title"),
        (b'{"title": "a\\ud800"}', "fhir_text_unfit", "title"),
        (b"{}", "fhir_no_questionnaire", "resourceType"),
        (b'{"resourceType": "Library"}', "fhir_no_questionnaire", "resourceType"),
        (b'{"resourceType": "Questionnaire", "gender": "x"}', "fhir_unknown_field", "gender"),
    ],
)
def test_what_is_no_questionnaire_is_refused(data, code, place):
    assert refusal_of(data) == (code, place)


def test_a_file_deeper_than_the_bound_is_refused_with_its_place():
    deep = choice("0")
    for n in range(1, MOST_DEPTH):
        deep = group(str(n), deep)
    code, place = refusal_of(form(deep))
    assert code == "fhir_too_deep"
    assert place.startswith("item[0].item[0]")


@pytest.mark.parametrize(
    ("items", "fields", "code", "place"),
    [
        ([choice("1"), choice("1")], {}, "link_id_doubled", "item 1"),
        ([choice("1"), group("2", choice("1"))], {}, "link_id_doubled", "item 1"),
        ([choice(str(n)) for n in range(MOST_ITEMS + 1)], {}, "too_many_items", "item"),
        ([], {}, "field_missing", "item"),
        ([choice("1")], {"status": "banana"}, "unknown_word", "status"),
        ([choice("1")], {"status": None}, "unreadable", "status"),
        ([choice("1")], {"implicitRules": "https://ben.example"}, "external_reference", "implicitRules"),
        ([choice("1")], {"modifierExtension": []}, "modifier_extension", "modifierExtension"),
        ([choice("1", option("a", 1) | {"modifierExtension": [{"url": "x"}]})], {},
         "modifier_extension", "item[0].answerOption[0].modifierExtension"),
        ([choice("1", type="banana")], {}, "type_not_supported", "item[0].type"),
        ([choice("1", type="open-choice")], {}, "type_not_supported", "item[0].type"),
        ([choice("1", type="coding", answerConstraint="optionsOrString")], {},
         "type_not_supported", "item[0].answerConstraint"),
        ([choice("1", required="yes")], {}, "no_boolean", "item[0].required"),
        ([choice("1", repeats=True)], {}, "answers_repeat", "item[0].repeats"),
        ([choice("1", enablewhen=[])], {}, "unknown_field", "item[0].enablewhen"),
        ([choice("1", text=" ")], {}, "text_empty", "item[0].text"),
        ([choice("1", text=5)], {}, "text_empty", "item[0].text"),
        ([choice(1)], {}, "text_empty", "item[0].linkId"),
        ([{"type": "text", "text": "?"}], {}, "field_missing", "item[0].linkId"),
        (["1"], {}, "unreadable", "item[0]"),
        ([choice("1", item={"linkId": "2"})], {}, "unreadable", "item[0].item"),
        ([group("1")], {}, "group_empty", "item[0]"),
        ([{"linkId": "1", "type": "display", "text": "?", "item": [choice("2")]}], {}, "display_with_more", "item[0]"),
        ([{"linkId": "1", "type": "choice", "text": "?"}], {}, "options_missing", "item[0]"),
        ([choice("1", type="text")], {}, "options_unfit", "item[0]"),
        ([choice("1", option("a"), option("a"))], {}, "option_doubled", "item[0]"),
        ([choice("1", {"valueDate": "2026-01-01"})], {}, "option_unclear", "item[0].answerOption[0]"),
        ([choice("1", {"valueReference": {"reference": "Library/ben"}})], {},
         "option_unclear", "item[0].answerOption[0]"),
        ([choice("1", {"valueInteger": 1, "valueString": "a"})], {}, "option_unclear", "item[0].answerOption[0]"),
        ([choice("1", {"valueInteger": True})], {}, "number_unclear", "item[0].answerOption[0].valueInteger"),
        ([choice("1", {"valueCoding": {"display": "a"}})], {},
         "field_missing", "item[0].answerOption[0].valueCoding.code"),
        ([choice("1", *(option(str(n)) for n in range(101)))], {}, "item_too_large", "item[0]"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some")] * 101, enableBehavior="any")], {},
         "item_too_large", "item[1]"),
        ([choice("1", option("a "))], {}, "code_unfit", "item[0].answerOption[0].valueCoding.code"),
        ([choice("1", option("a", 1) | {"extension": [weight(1), weight(2, OLDER)]})], {},
         "weights_differ", "item[0].answerOption[0]"),
        ([choice("1", option("a") | {"extension": [{"url": WEIGHT, "valueString": "1"}]})], {},
         "number_unclear", "item[0].answerOption[0].extension[0]"),
        ([choice("1", option("a", 1e300))], {}, "number_unclear", "item[0].answerOption[0].extension[0]"),
        ([choice("1", option("a", 1e-9))], {}, "number_unclear", "item[0].answerOption[0].extension[0]"),
        ([choice("1", extension=["x"])], {}, "unreadable", "item[0].extension[0]"),
        ([choice("1", answerValueSet="#v")], {}, "options_twice", "item[0].answerValueSet"),
        ([{"linkId": "1", "type": "choice", "text": "?", "answerValueSet": "https://ben.example/v"}], {},
         "external_reference", "item[0].answerValueSet"),
        ([{"linkId": "1", "type": "choice", "text": "?", "answerValueSet": "#v"}], {},
         "value_set_missing", "item[0].answerValueSet"),
        ([choice("1")], {"contained": [{"resourceType": "ValueSet", "id": "v", "compose": {"include": [
            {"system": SYSTEM}]}}]}, "external_reference", "contained[0].compose.include[0]"),
        ([choice("1")], {"contained": [{"resourceType": "ValueSet", "id": "v", "compose": {
            "include": [], "exclude": [{}]}}]}, "value_set_unclear", "contained[0].compose.exclude"),
        ([choice("1")], {"contained": [{"resourceType": "ValueSet", "id": "v", "expansion": {
            "contains": [{"code": "a", "abstract": True}]}}]},
         "value_set_unclear", "contained[0].expansion.contains[0]"),
        ([choice("1")], {"contained": [{"resourceType": "ValueSet", "id": "v"}]}, "unreadable", "contained[0].compose"),
        ([choice("1", enableWhen=[when("9", "some")])], {}, "condition_names_no_item", "item 1 enableWhen"),
        ([choice("1", enableWhen=[when("1", "some")])], {}, "condition_loop", "item 1 enableWhen"),
        ([choice("1", enableWhen=[when("2", "some")]), choice("2", enableWhen=[when("1", "some")])], {},
         "condition_loop", "item 1 enableWhen"),
        ([group("1", choice("2"), enableWhen=[when("2", "some")])], {}, "condition_loop", "item 1 enableWhen"),
        ([choice("1"), choice("2", enableWhen=[when("1", "never")])], {}, "condition_unclear", "item 2 enableWhen"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some") | {"operator": ">"}])], {},
         "condition_unclear", "item 2 enableWhen"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some") | {"operator": "exists"}])], {},
         "condition_unclear", "item 2 enableWhen"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some") | {"operator": "~"}])], {},
         "unknown_word", "item[1].enableWhen[0].operator"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some") | {"answerInteger": 1}])], {},
         "condition_unclear", "item[1].enableWhen[0]"),
        ([choice("1"), choice("2", enableWhen=[{"question": "1", "operator": "=", "answerDate": "2026-02-30"}])], {},
         "condition_unclear", "item[1].enableWhen[0].answerDate"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some"), when("1", "none")])], {},
         "condition_all_or_any", "item[1].enableWhen"),
        ([choice("1"), choice("2", enableWhen=[when("1", "some")], enableBehavior="most")], {},
         "unknown_word", "item[1].enableBehavior"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused_with_its_place(items, fields, code, place):
    assert refusal_of(form(*items, **fields)) == (f"fhir_{code}", place)


@given(st.binary(max_size=60))
def test_no_bytes_do_anything_but_be_refused(data):
    with pytest.raises(Invalid, match=r"^fhir_"):
        questionnaire(data)


@given(spoilt_files())
def test_a_file_spoilt_at_any_spot_is_read_or_refused_with_a_place_and_nothing_else(spoilt):
    try:
        found = questionnaire(spoilt)
    except Invalid as refusal:
        assert "place" in refusal.params  # noqa: PT017 - what is refused differs, its form does not
        assert refusal.code.startswith("fhir_")  # noqa: PT017 - likewise
    else:
        assert len({item.link_id for item in walk(found.items)}) == len(list(walk(found.items)))


# --- points -----------------------------------------------------------------------------------------------------------

BARE = form(choice("1", option("none"), option("some")), choice("2", option("none"), option("some")))


def test_a_file_without_points_waits_for_a_map_of_them():
    found = questionnaire(file(BARE))
    assert items_without_weights(found)
    assert items_without_weights(found) == ("1", "2")
    with pytest.raises(Invalid, match="answer_without_points"):
        points_of(found, [("1", Answer(AnswerKind.CODING, "some"))])
    mapped = with_score_map(found, {"none": Decimal(0), "some": Decimal(1)})
    assert not items_without_weights(mapped)
    assert points_of(mapped, [("1", Answer(AnswerKind.CODING, "some"))]) == {"1": 1}


def test_options_in_mixed_directions_take_a_map_each():
    there, back = {"none": Decimal(0), "some": Decimal(1)}, {"none": Decimal(1), "some": Decimal(0)}
    mapped = with_score_map(with_score_map(questionnaire(file(BARE)), there, ["1"]), back, ["2"])
    answers = [(link_id, Answer(AnswerKind.CODING, "some", SYSTEM)) for link_id in "12"]
    assert points_of(mapped, answers) == {"1": 1, "2": 0}


@pytest.mark.parametrize(
    ("points", "link_ids", "code", "params"),
    [
        ({"none": 0}, None, "score_map_incomplete", {"answer": "some"}),
        ({"none": 0, "some": 1, "much": 2}, None, "score_map_unknown_code", {"answer": "much"}),
        ({"none": 0, "some": "Infinity"}, None, "score_map_no_number", {"answer": "some"}),
        ({"none": 0, "some": 10_000}, None, "score_map_no_number", {"answer": "some"}),
        ({"none": 0, "some": 1}, ["9"], "score_map_for_no_choice", {"item": "9"}),
    ],
)
def test_a_map_that_does_not_fit_is_refused(points, link_ids, code, params):
    with pytest.raises(Invalid, match=code) as refusal:
        with_score_map(questionnaire(file(BARE)), {k: Decimal(v) for k, v in points.items()}, link_ids)
    assert refusal.value.params == params


def test_a_map_may_not_speak_against_the_file():
    found = read(choice("1", option("none", 0), option("some")))
    with pytest.raises(Invalid, match="score_map_against_file"):
        with_score_map(found, {"none": Decimal(1), "some": Decimal(1)})
    assert not items_without_weights(with_score_map(found, {"some": Decimal(1)}))


@pytest.mark.parametrize(
    ("link_id", "answer", "code"),
    [
        ("9", Answer(AnswerKind.STRING, "a"), "answer_to_no_item"),
        ("1", Answer(AnswerKind.STRING, "a"), "answer_of_another_kind"),
        ("1.1", Answer(AnswerKind.CODING, "never", SYSTEM), "answer_of_unknown_code"),
        ("1.1", Answer(AnswerKind.CODING, "some", "ben:other"), "answer_of_unknown_code"),
        ("1.1", Answer(AnswerKind.INTEGER, 1), "answer_of_unknown_code"),
        ("1.3.1", Answer(AnswerKind.DECIMAL, True), "answer_of_another_kind"),
        ("5", Answer(AnswerKind.BOOLEAN, 1), "answer_of_another_kind"),
        ("2", Answer(AnswerKind.STRING, "a"), "answer_of_another_kind"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_the_item_named(link_id, answer, code):
    with pytest.raises(Invalid, match=code) as refusal:
        points_of(questionnaire(file(TEA)), [(link_id, answer)])
    assert refusal.value.params == {"item": link_id}


def test_a_question_answered_twice_is_refused():
    answer = Answer(AnswerKind.CODING, "some")
    with pytest.raises(Invalid, match="answer_doubled"):
        points_of(questionnaire(file(TEA)), [("1.1", answer), ("1.1", answer)])


def test_words_and_days_have_no_points_and_numbers_are_their_own():
    answers = [("4", Answer(AnswerKind.STRING, "calm")), ("1.3.1", Answer(AnswerKind.DECIMAL, Decimal("2.5"))),
               ("1.3.2", Answer(AnswerKind.DATE, "2026-01-01"))]  # fmt: skip
    assert points_of(questionnaire(file(TEA)), answers) == {"1.3.1": Decimal("2.5")}
