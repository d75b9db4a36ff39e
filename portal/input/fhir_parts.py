"""The smaller parts of a FHIR Questionnaire: codes, options and their points, conditions, contained value sets."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from portal.domain.imported import (
    LARGEST,
    Answer,
    AnswerKind,
    Code,
    Expression,
    ImportedCondition,
    ImportedOption,
)
from portal.input.fhir_json import Node, refuse

Dropped: TypeAlias = list[str]

WEIGHTS = (
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue",
)
FINEST = -6  # decimals of a weight
_COMPUTED = re.compile(r"(?i)(expression|-variable|-constraint|assembleContext|launchContext)$")
_OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
_CODING = {"id", "extension", "system", "version", "code", "display", "userSelected"}
_OPTION = {"id", "extension", "initialSelected"} | {
    f"value{kind}" for kind in ("Integer", "Date", "Time", "String", "Coding", "Reference")
}
_ANSWERS = {
    "answerBoolean": AnswerKind.BOOLEAN,
    "answerDecimal": AnswerKind.DECIMAL,
    "answerInteger": AnswerKind.INTEGER,
    "answerDate": AnswerKind.DATE,
    "answerString": AnswerKind.STRING,
    "answerCoding": AnswerKind.CODING,
}
_OTHER_ANSWERS = {"answerDateTime", "answerTime", "answerQuantity", "answerReference"}
_CONDITION = {"id", "extension", "question", "operator", *_ANSWERS, *_OTHER_ANSWERS}
_CONCEPT = {"id", "extension", "code", "display", "designation"}
_CONTAINS = {"id", "extension", "system", "abstract", "inactive", "version", "code", "display", "designation"}
_ENTRY = {"id", "extension", "system", "version", "concept", "filter", "valueSet"}
_LOOKED_AT = {"resourceType", "id", "status", "expansion", "compose"}


def codes(node: Node, dropped: Dropped) -> tuple[Code, ...]:
    """The codes of an item."""
    return tuple(_code(Node(place, entry, _CODING), dropped)[0] for place, entry in node.listed("code"))


def options(node: Node, dropped: Dropped) -> tuple[ImportedOption, ...]:
    """The options that an item lists itself."""
    return tuple(_option(Node(place, entry, _OPTION), dropped) for place, entry in node.listed("answerOption"))


def conditions(node: Node, dropped: Dropped) -> tuple[ImportedCondition, ...]:
    """What an item hangs on; whether the form has such a question is not known here."""
    found = []
    for place, entry in node.listed("enableWhen"):
        part = Node(place, entry, _CONDITION)
        operator = part.needed("operator")
        if operator not in _OPERATORS:
            refuse("unknown_word", part.at("operator"))
        found.append(ImportedCondition(part.needed("question"), operator, _answer(part, dropped)))
        dropped += part.left()
    return tuple(found)


def expressions(node: Node, dropped: Dropped) -> tuple[Expression, ...]:
    """What the file would have computed, as texts; every other extension is named as dropped."""
    found = []
    for place, entry in node.listed("extension"):
        url = _url(place, entry)
        if not _COMPUTED.search(url) or (expression := _expression(place, url, entry, dropped)) is None:
            dropped.append(f"{place} {url}")
        else:
            found.append(expression)
    return tuple(found)


def value_sets(contained: list[tuple[str, Any]], dropped: Dropped) -> dict[str, tuple[ImportedOption, ...]]:
    """The options of each contained ValueSet, by its id; other contained resources are named as dropped."""
    found: dict[str, tuple[ImportedOption, ...]] = {}
    for place, resource in contained:
        if not isinstance(resource, dict) or resource.get("resourceType") != "ValueSet":
            dropped.append(place)
            continue
        node = Node(place, resource, resource.keys())
        key = node.needed("id")
        if key in found:
            refuse("name_doubled", node.at("id"))
        found[key] = tuple(_set_options(node, dropped))
        dropped += [left for left in node.left() if left.removeprefix(f"{place}.") not in _LOOKED_AT]
    return found


def _set_options(node: Node, dropped: Dropped) -> Iterator[ImportedOption]:
    """From the expansion where there is one, else from the codes that are listed; never from elsewhere."""
    if node.has("expansion"):
        expansion = _any_fields(node.at("expansion"), node.take("expansion"))
        for place, entry in expansion.listed("contains"):
            yield _concept(Node(place, entry, _CONTAINS), None, dropped)
        dropped += expansion.left()
        return
    compose = _any_fields(node.at("compose"), node.take("compose"))
    if compose.has("exclude"):
        refuse("value_set_unclear", compose.at("exclude"))
    for place, entry in compose.listed("include"):
        part = Node(place, entry, _ENTRY)
        if part.has("filter") or part.has("valueSet") or not part.has("concept"):
            refuse("external_reference", place)
        system = part.text("system")
        for where, concept in part.listed("concept"):
            yield _concept(Node(where, concept, _CONCEPT), system, dropped)
        dropped += part.left()
    dropped += compose.left()


def _any_fields(place: str, value: object) -> Node:
    return Node(place, value, value.keys() if isinstance(value, dict) else ())


def _concept(node: Node, system: str | None, dropped: Dropped) -> ImportedOption:
    if node.boolean("abstract") or node.boolean("inactive"):
        refuse("value_set_unclear", node.place)
    code, weight = _code(node, dropped, system)
    return ImportedOption(code.code, code.display, code.system, weight)


def _code(node: Node, dropped: Dropped, system: str | None = None) -> tuple[Code, Decimal | None]:
    """A code with the weight that stands on it."""
    code = Code(node.code("code"), node.text("display"), (node.text("system") if system is None else system))
    weight = _weight(node, dropped)
    dropped += node.left()
    return code, weight


def _option(node: Node, dropped: Dropped) -> ImportedOption:
    values = [name for name in ("valueCoding", "valueInteger", "valueString") if node.has(name)]
    if len(values) != 1 or any(node.has(f"value{kind}") for kind in ("Date", "Time", "Reference")):
        refuse("option_unclear", node.place)
    own, place = _weight(node, dropped), node.at(values[0])
    value = node.take(values[0])
    dropped += node.left()
    if values[0] == "valueCoding":
        code, inner = _code(Node(place, value, _CODING), dropped)
        if own is not None and inner is not None and own != inner:
            refuse("weights_differ", place)
        return ImportedOption(code.code, code.display, code.system, inner if own is None else own)
    if values[0] == "valueInteger":
        if type(value) is not int or abs(value) > LARGEST:
            refuse("number_unclear", place)
        return ImportedOption(str(value), weight=own, kind=AnswerKind.INTEGER)
    return ImportedOption(node.needed("valueString"), weight=own, kind=AnswerKind.STRING)


def _weight(node: Node, dropped: Dropped) -> Decimal | None:
    """The points of an option, by the new name or either of the old ones."""
    found = set()
    for place, entry in node.listed("extension"):
        url = _url(place, entry)
        if url not in WEIGHTS:
            dropped.append(f"{place} {url}")
            continue
        values = [name for name in entry if name.startswith("value")]
        number = entry.get("valueDecimal", entry.get("valueInteger"))
        if len(values) != 1:
            refuse("number_unclear", place)
        found.add(_number(place, number))
    if len(found) > 1:
        refuse("weights_differ", node.place)
    return found.pop() if found else None


def _number(place: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        refuse("number_unclear", place)
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < FINEST or abs(number) > LARGEST:
        refuse("number_unclear", place)
    return number


def _answer(node: Node, dropped: Dropped) -> Answer:
    names = [name for name in (*_ANSWERS, *sorted(_OTHER_ANSWERS)) if node.has(name)]
    if len(names) != 1 or names[0] not in _ANSWERS:
        refuse("condition_unclear", node.place)
    kind, place, value = _ANSWERS[names[0]], node.at(names[0]), node.take(names[0])
    if kind is AnswerKind.CODING:
        code, _weight_of_no_use = _code(Node(place, value, _CODING), dropped)
        return Answer(kind, code.code, code.system)
    if kind is AnswerKind.DECIMAL:
        return Answer(kind, _number(place, value))
    if not _fits(kind, value):
        refuse("condition_unclear", place)
    return Answer(kind, value)


def _fits(kind: AnswerKind, value: object) -> bool:
    if kind is AnswerKind.BOOLEAN:
        return type(value) is bool
    if kind is AnswerKind.INTEGER:
        return type(value) is int and abs(value) <= LARGEST
    return isinstance(value, str) and bool(value.strip()) and (kind is AnswerKind.STRING or _is_day(value))


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _url(place: str, entry: object) -> str:
    url = entry.get("url") if isinstance(entry, dict) else None
    if not isinstance(url, str) or not url.strip():
        refuse("unreadable", place)
    return url


def _expression(place: str, url: str, entry: dict[str, Any], dropped: Dropped) -> Expression | None:
    value, text = entry.get("valueExpression"), entry.get("valueString")
    if isinstance(value, dict):
        text, language = value.get("expression"), value.get("language")
        if not isinstance(text, str) or not isinstance(language, str) or not text.strip() or not language.strip():
            return None
        dropped += [f"{place}.valueExpression.{name}" for name in value if name not in ("expression", "language")]
        return Expression(url, text, language)
    return Expression(url, text) if isinstance(text, str) and text.strip() else None


def is_computed(item_expressions: tuple[Expression, ...]) -> bool:
    """Whether nobody answers the item, since the file has it worked out."""
    return any(expression.url.endswith("calculatedExpression") for expression in item_expressions)
