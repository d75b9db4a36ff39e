"""A brought-in questionnaire as a document of plain values, so that it can be kept as it was read; and back again."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

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

Fields: TypeAlias = dict[str, Any]


def to_document(value: ImportedQuestionnaire) -> Fields:
    """All of it but what was dropped of the file; numbers with decimals are kept as texts, to the last digit."""
    return _filled(
        {
            "url": value.url,
            "version": value.version,
            "title": value.title,
            "copyright": value.copyright,
            "status": value.status,
            "expressions": [_expression(one) for one in value.expressions],
            "items": [_item(one) for one in value.items],
        }
    )


def from_document(document: Mapping[str, Any]) -> ImportedQuestionnaire:
    """What `to_document` was given."""
    return ImportedQuestionnaire(
        items=_items(document),
        url=document.get("url"),
        version=document.get("version"),
        title=document.get("title"),
        copyright=document.get("copyright"),
        status=document["status"],
        expressions=_expressions(document),
    )


def _filled(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value not in (None, [], False)}


def _item(item: ImportedItem) -> Fields:
    return _filled(
        {
            "link_id": item.link_id,
            "type": item.type.value,
            "text": item.text,
            "prefix": item.prefix,
            "codes": [_code(code) for code in item.codes],
            "required": item.required,
            "options": [_option(option) for option in item.options],
            "conditions": [_condition(condition) for condition in item.conditions],
            "any_condition": item.any_condition,
            "expressions": [_expression(one) for one in item.expressions],
            "items": [_item(below) for below in item.items],
        }
    )


def _items(document: Mapping[str, Any]) -> tuple[ImportedItem, ...]:
    return tuple(
        ImportedItem(
            link_id=entry["link_id"],
            type=ImportedType(entry["type"]),
            text=entry.get("text"),
            prefix=entry.get("prefix"),
            codes=tuple(Code(*code) for code in _of(entry, "codes")),
            required=entry.get("required", False),
            options=tuple(_option_of(option) for option in _of(entry, "options")),
            conditions=tuple(_condition_of(condition) for condition in _of(entry, "conditions")),
            any_condition=entry.get("any_condition", False),
            expressions=_expressions(entry),
            items=_items(entry),
        )
        for entry in _of(document, "items")
    )


def _of(document: Mapping[str, Any], name: str) -> Sequence[Any]:
    found: Sequence[Any] = document.get(name, ())
    return found


def _code(code: Code) -> list[str | None]:
    return [code.code, code.display, code.system]


def _option(option: ImportedOption) -> Fields:
    weight = None if option.weight is None else str(option.weight)
    return _filled(
        {
            "code": option.code,
            "display": option.display,
            "system": option.system,
            "weight": weight,
            "kind": option.kind.value,
        }
    )


def _option_of(entry: Mapping[str, Any]) -> ImportedOption:
    weight = None if "weight" not in entry else Decimal(entry["weight"])
    return ImportedOption(entry["code"], entry.get("display"), entry.get("system"), weight, AnswerKind(entry["kind"]))


def _condition(condition: ImportedCondition) -> Fields:
    answer = condition.answer
    value = str(answer.value) if answer.kind is AnswerKind.DECIMAL else answer.value
    return {
        "question": condition.question,
        "operator": condition.operator,
        "answer": [answer.kind.value, value, answer.system],
    }


def _condition_of(entry: Mapping[str, Any]) -> ImportedCondition:
    kind, value, system = entry["answer"]
    answer = Answer(AnswerKind(kind), Decimal(value) if kind == AnswerKind.DECIMAL else value, system)
    return ImportedCondition(entry["question"], entry["operator"], answer)


def _expression(expression: Expression) -> list[str | None]:
    return [expression.url, expression.text, expression.language]


def _expressions(document: Mapping[str, Any]) -> tuple[Expression, ...]:
    return tuple(Expression(*entry) for entry in _of(document, "expressions"))
