"""Writes a brought-in questionnaire and a person's answers as FHIR R4 (JSON): the same value, the same bytes.

A file of answers carries no name: whose it is says the folder it lies in.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

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
    checked_answers,
)

Fields: TypeAlias = dict[str, Any]

WEIGHT = "http://hl7.org/fhir/StructureDefinition/ordinalValue"  # the name that R4 itself has for it


def questionnaire(value: ImportedQuestionnaire) -> bytes:
    """A Questionnaire with all that was kept of it; what was dropped when it came in is not there to be written."""
    return _file(
        {
            "resourceType": "Questionnaire",
            "url": value.url,
            "version": value.version,
            "title": value.title,
            "status": value.status,
            "copyright": value.copyright,
            "extension": [_expression(expression) for expression in value.expressions],
            "item": [_item(item) for item in value.items],
        }
    )


def response(
    value: ImportedQuestionnaire, answers: Collection[tuple[str, Answer]], *, authored: datetime, text: bool = True
) -> bytes:
    """A completed QuestionnaireResponse; groups and questions without an answer in them are left out.

    `authored` is an aware time. Without `text` no words of the form go with it, where its licence does not let them.
    Raises Invalid with `item` for an answer that its item cannot have (see `checked_answers`), and
    Invalid("time_without_zone") for a naive time.
    """
    if authored.utcoffset() is None:
        raise Invalid("time_without_zone")
    given = checked_answers(value, answers)
    return _file(
        {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": f"{value.url}|{value.version}" if value.url and value.version else value.url,
            "status": "completed",
            "authored": authored.isoformat(timespec="seconds"),
            "item": _answered(value.items, given, text),
        }
    )


def collection(resources: Iterable[bytes]) -> bytes:
    """Several of these files as one: a Bundle that says no more than that they lie together."""
    entries = [{"resource": json.loads(resource)} for resource in resources]
    return _file({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _file(resource: Fields) -> bytes:
    return (json.dumps(_filled(resource), ensure_ascii=False, indent=2) + "\n").encode()


def _filled(fields: Fields) -> Fields:
    """Without what is empty: FHIR knows no empty text and no empty list."""
    return {name: value for name, value in fields.items() if value is not None and value != []}


def _item(item: ImportedItem) -> Fields:
    return _filled(
        {
            "extension": [_expression(expression) for expression in item.expressions],
            "linkId": item.link_id,
            "code": [_coding(code) for code in item.codes],
            "prefix": item.prefix,
            "text": item.text,
            "type": item.type.value,
            "enableWhen": [_condition(condition) for condition in item.conditions],
            "enableBehavior": _behaviour(item),
            "required": item.required or None,
            "answerOption": [_option(option) for option in item.options],
            "item": [_item(below) for below in item.items],
        }
    )


def _behaviour(item: ImportedItem) -> str | None:
    if item.any_condition:
        return "any"
    return "all" if len(item.conditions) > 1 else None


def _option(option: ImportedOption) -> Fields:
    weight = [] if option.weight is None else [{"url": WEIGHT, "valueDecimal": _number(option.weight)}]
    if option.kind is AnswerKind.INTEGER:
        return _filled({"extension": weight, "valueInteger": int(option.code)})
    if option.kind is AnswerKind.STRING:
        return _filled({"extension": weight, "valueString": option.code})
    return _filled({"extension": weight, "valueCoding": _coding(Code(option.code, option.display, option.system))})


def _coding(code: Code) -> Fields:
    return _filled({"system": code.system, "code": code.code, "display": code.display})


def _condition(condition: ImportedCondition) -> Fields:
    answer = condition.answer
    return {
        "question": condition.question,
        "operator": condition.operator,
        f"answer{answer.kind.value.capitalize()}": _value(answer),
    }


def _value(answer: Answer, display: str | None = None) -> object:
    if answer.kind is AnswerKind.CODING:
        return _coding(Code(str(answer.value), display, answer.system))
    return _number(answer.value) if isinstance(answer.value, Decimal) else answer.value


def _number(value: Decimal) -> int | float:
    """As JSON writes it; up to six decimals and four digits before them a float says exactly what it is."""
    return int(value) if value == value.to_integral_value() else float(value)


def _expression(expression: Expression) -> Fields:
    if expression.language is None:
        return {"url": expression.url, "valueString": expression.text}
    written = {"language": expression.language, "expression": expression.text}
    return {"url": expression.url, "valueExpression": written}


def _answered(items: Collection[ImportedItem], given: Mapping[str, Answer], text: bool) -> list[Fields]:
    found = []
    for item in items:
        below, answer = _answered(item.items, given, text), given.get(item.link_id)
        fields: Fields = {"linkId": item.link_id, "text": item.text if text else None}
        if answer is not None:
            found.append(
                _filled(fields | {"answer": [_answer(item, answer, text) | ({"item": below} if below else {})]})
            )
        elif below:
            found.append(_filled(fields | {"item": below}))
    return found


def _answer(item: ImportedItem, answer: Answer, text: bool) -> Fields:
    option = item.option(answer)
    if option is not None and answer.kind is AnswerKind.CODING:
        answer = Answer(answer.kind, option.code, option.system)
    display = option.display if option is not None and text else None
    return {f"value{answer.kind.value.capitalize()}": _value(answer, display)}
