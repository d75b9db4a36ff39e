"""FHIR files that go out: what came in comes out again, valid by another's reading of the standard too."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.imported import (
    KINDS,
    Answer,
    AnswerKind,
    Code,
    Expression,
    ImportedCondition,
    ImportedItem,
    ImportedOption,
    ImportedQuestionnaire,
    ImportedType,
    items_without_weights,
    walk,
)
from portal.input import fhir as incoming
from portal.output.fhir import questionnaire, response
from tests.input.forms import SYSTEM, TEA, file
from tests.input.spoilt import spoilt_files

MORNING = datetime(2026, 1, 5, 8, tzinfo=UTC)
# what XML and JSON both can say, and no lone surrogates
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(
    str.strip
)
NAMES = st.text("abcdefgh.-/", min_size=1, max_size=8).filter(str.strip)
POINTS = st.decimals(-9999, 9999, places=3)
NUMBERS = st.integers(-9999, 9999)
URLS = st.sampled_from(["https://ana.example/a", "https://ben.example/b", None])
ANSWERED = [kind for kind in ImportedType if KINDS[kind]]


def options(kind):
    codes = NUMBERS.map(str) if kind is AnswerKind.INTEGER else NAMES if kind is AnswerKind.CODING else WORDS
    worded = kind is AnswerKind.CODING
    one = st.builds(
        ImportedOption,
        code=codes,
        display=st.none() | WORDS if worded else st.none(),
        system=URLS if worded else st.none(),
        weight=st.none() | POINTS,
        kind=st.just(kind),
    )
    return st.lists(one, min_size=1, max_size=4, unique_by=lambda option: option.code).map(tuple)


def answers_to(item):
    """Any answer that the item can have."""
    if item.options:
        return st.sampled_from(item.options).map(
            lambda o: Answer(o.kind, int(o.code) if o.kind is AnswerKind.INTEGER else o.code, o.system)
        )
    (kind,) = KINDS[item.type]
    values = {
        AnswerKind.BOOLEAN: st.booleans(),
        AnswerKind.INTEGER: NUMBERS,
        AnswerKind.DECIMAL: POINTS,
        AnswerKind.STRING: WORDS,
        AnswerKind.DATE: st.dates().map(str),
    }
    return values[kind].map(lambda value: Answer(kind, value))


@st.composite
def conditions(draw, earlier):
    asked = draw(st.sampled_from(earlier))
    if draw(st.booleans()):
        return ImportedCondition(asked.link_id, "exists", Answer(AnswerKind.BOOLEAN, draw(st.booleans())))
    answer = draw(answers_to(asked))
    ordered = answer.kind in (AnswerKind.INTEGER, AnswerKind.DECIMAL, AnswerKind.DATE)
    return ImportedCondition(
        asked.link_id, draw(st.sampled_from(["=", "!=", *([">", "<", ">=", "<="] * ordered)])), answer
    )


@st.composite
def items(draw, earlier, depth=0):
    link_id = f"{draw(NAMES)}{len(earlier)}.{depth}"
    kind = draw(st.sampled_from([*ANSWERED, ImportedType.DISPLAY, *([ImportedType.GROUP] * (depth < 3))]))
    asked = [item for item in earlier if KINDS[item.type]]
    hangs = tuple(draw(st.lists(conditions(asked), max_size=2))) if asked else ()
    below = []
    if kind is ImportedType.GROUP or (kind in ANSWERED and depth < 3 and draw(st.booleans())):
        for _ in range(draw(st.integers(1, 3))):
            below.append(draw(items([*earlier, *walk(below)], depth + 1)))
    offered = ()
    if kind is ImportedType.CHOICE:
        offered = draw(st.sampled_from(KINDS[kind]).flatmap(options))
    expression = st.builds(Expression, st.just("https://ines.example/someExpression"), WORDS, st.none() | NAMES)
    display = kind is ImportedType.DISPLAY
    return ImportedItem(
        link_id=link_id,
        type=kind,
        text=draw(WORDS),
        prefix=draw(st.none() | WORDS),
        codes=() if display else tuple(draw(st.lists(st.builds(Code, NAMES, st.none() | WORDS, URLS), max_size=2))),
        required=not display and draw(st.booleans()),
        options=offered,
        conditions=hangs,
        any_condition=len(hangs) > 1 and draw(st.booleans()),
        expressions=tuple(draw(st.lists(expression, max_size=2))),
        items=tuple(below),
    )


@st.composite
def forms(draw):
    found = []
    for _ in range(draw(st.integers(1, 4))):
        found.append(draw(items(list(walk(found)))))
    return ImportedQuestionnaire(
        items=tuple(found),
        url=draw(URLS),
        version=draw(st.none() | NAMES),
        title=draw(st.none() | WORDS),
        copyright=draw(st.none() | WORDS),
        status=draw(st.sampled_from(["draft", "active", "retired", "unknown"])),
    )


@settings(deadline=None, max_examples=40)  # each is held against another reading of the standard too
@given(forms())
def test_what_goes_out_comes_in_again_with_nothing_lost_and_nothing_dropped(form):
    written = questionnaire(form)
    again = incoming.questionnaire(written)
    assert again == form
    assert again.dropped == ()
    assert questionnaire(again) == written
    Questionnaire.model_validate_json(written)


def test_a_file_that_came_in_goes_out_complete():
    came = incoming.questionnaire(file(TEA))
    again = incoming.questionnaire(questionnaire(came))
    assert again == came
    assert not items_without_weights(came) or items_without_weights(again)


@settings(deadline=None, max_examples=200)
@given(spoilt_files())
def test_whatever_a_broken_file_is_read_as_goes_out_valid_and_the_same(spoilt):
    try:
        came = incoming.questionnaire(spoilt)
    except Invalid:
        return
    written = questionnaire(came)
    Questionnaire.model_validate_json(written)
    assert incoming.questionnaire(written) == came


@settings(deadline=None, max_examples=40)  # each is held against another reading of the standard too
@given(forms(), st.data())
def test_each_answer_goes_out_once_where_its_question_stands(form, data):
    asked = [item for item in walk(form.items) if KINDS[item.type]]
    given_ = {item.link_id: data.draw(answers_to(item)) for item in asked if data.draw(st.booleans())}
    written = response(form, list(given_.items()), authored=MORNING)
    QuestionnaireResponse.model_validate_json(written)
    found = list(answered(json.loads(written).get("item", [])))
    assert [link_id for link_id, _value in found] == [i.link_id for i in asked if i.link_id in given_]
    for link_id, value in found:
        answer = given_[link_id]
        told = value["code"] if isinstance(value, dict) else value
        assert Decimal(str(told)) == answer.value if isinstance(answer.value, Decimal) else told == answer.value


def answered(entries):
    """(link id, value) of every answer, in the order of the file."""
    for entry in entries:
        below = entry.get("item", [])
        for answer in entry.get("answer", []):
            (value,) = [value for name, value in answer.items() if name != "item"]
            yield entry["linkId"], value
            below = answer.get("item", below)
        yield from answered(below)


def test_answers_go_out_under_the_address_and_version_of_their_form_and_with_no_name():
    form = incoming.questionnaire(file(TEA))
    written = json.loads(response(form, [("1.1", Answer(AnswerKind.CODING, "some"))], authored=MORNING))
    assert written == {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{TEA['url']}|1.2",
        "status": "completed",
        "authored": "2026-01-05T08:00:00+00:00",
        "item": [{"linkId": "1", "text": "Tea in the morning", "item": [
            {"linkId": "1.1", "text": "Tea, question 1.1?", "answer": [
                {"valueCoding": {"system": SYSTEM, "code": "some", "display": "Tea some"}}]},
        ]}],
    }  # fmt: skip


def test_no_words_go_out_where_the_licence_does_not_let_them():
    form = incoming.questionnaire(file(TEA))
    answers = [("1.1", Answer(AnswerKind.CODING, "some")), ("5", Answer(AnswerKind.BOOLEAN, False))]
    written = response(form, answers, authored=MORNING, text=False).decode()
    assert "Tea" not in written.replace("QuestionnaireResponse", "")
    assert '"valueBoolean": false' in written


def test_no_answer_at_all_is_a_file_too():
    written = response(incoming.questionnaire(file(TEA)), [], authored=MORNING)
    QuestionnaireResponse.model_validate_json(written)
    assert "item" not in json.loads(written)


def test_what_cannot_be_an_answer_does_not_go_out():
    form = incoming.questionnaire(file(TEA))
    with pytest.raises(Invalid, match="answer_of_unknown_code"):
        response(form, [("1.1", Answer(AnswerKind.CODING, "never"))], authored=MORNING)
    with pytest.raises(Invalid, match="time_without_zone"):
        response(form, [], authored=MORNING.replace(tzinfo=None))
