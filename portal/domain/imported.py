"""A questionnaire that a practice brings as its own licensed copy: what it asks, and what each answer is worth."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from portal.domain.errors import Invalid

AnswerValue: TypeAlias = bool | int | Decimal | str
LARGEST = 9999  # of points and of scores: no measure comes near it
MOST_BYTES = 1_000_000  # of a file
MOST_ITEMS = 300
MOST_OF_AN_ITEM = 100  # options, or conditions: more would only make the checks long


class ImportedType(StrEnum):
    """How an item is answered; a group and a display are not."""

    GROUP = "group"
    DISPLAY = "display"
    CHOICE = "choice"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    STRING = "string"
    TEXT = "text"
    DATE = "date"


class AnswerKind(StrEnum):
    """What kind of value an answer is."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    STRING = "string"
    DATE = "date"
    CODING = "coding"


KINDS = {
    ImportedType.GROUP: (),
    ImportedType.DISPLAY: (),
    ImportedType.CHOICE: (AnswerKind.CODING, AnswerKind.INTEGER, AnswerKind.STRING),
    ImportedType.INTEGER: (AnswerKind.INTEGER,),
    ImportedType.DECIMAL: (AnswerKind.DECIMAL,),
    ImportedType.BOOLEAN: (AnswerKind.BOOLEAN,),
    ImportedType.STRING: (AnswerKind.STRING,),
    ImportedType.TEXT: (AnswerKind.STRING,),
    ImportedType.DATE: (AnswerKind.DATE,),
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code system, and the words for it."""

    code: str
    display: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `value` is the code of a coding, the day of a date as YYYY-MM-DD, or the thing itself."""

    kind: AnswerKind
    value: AnswerValue
    system: str | None = None  # of a coding


@dataclass(frozen=True, slots=True)
class ImportedOption:
    """One possible answer; `code` is what is stored: a whole number in digits, a text itself where it has no code."""

    code: str
    display: str | None = None
    system: str | None = None
    weight: Decimal | None = None
    kind: AnswerKind = AnswerKind.CODING


@dataclass(frozen=True, slots=True)
class ImportedCondition:
    """`operator` is one of exists = != > < >= <=; `exists` goes with a yes or no."""

    question: str
    operator: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Expression:
    """A computation that the file asks for: a text to be read, and never run."""

    url: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """A question, a heading or a group; shown if all (or with `any_condition` one) of its conditions hold."""

    link_id: str
    type: ImportedType
    text: str | None = None
    prefix: str | None = None
    codes: tuple[Code, ...] = ()
    required: bool = False
    options: tuple[ImportedOption, ...] = ()
    conditions: tuple[ImportedCondition, ...] = ()
    any_condition: bool = False
    expressions: tuple[Expression, ...] = ()
    items: tuple["ImportedItem", ...] = ()

    @property
    def lacks_weights(self) -> bool:
        """Whether somebody has to say what its answers are worth before it can be scored."""
        return any(option.weight is None for option in self.options)

    def option(self, answer: Answer) -> ImportedOption | None:
        """The option that is chosen by this answer; one without a system is found by its code."""
        for option in self.options:
            of_system = answer.system is None or option.system == answer.system
            if option.kind is answer.kind and option.code == str(answer.value) and of_system:
                return option
        return None


@dataclass(frozen=True, slots=True)
class ImportedQuestionnaire:
    """What was read of a file; `dropped` names each place of it that nothing here has room for."""

    items: tuple[ImportedItem, ...]
    url: str | None = None
    version: str | None = None
    title: str | None = None
    copyright: str | None = None
    status: str = "unknown"  # draft | active | retired | unknown
    expressions: tuple[Expression, ...] = ()
    dropped: tuple[str, ...] = field(default=(), compare=False)  # of the file, not of the questionnaire


def walk(items: Collection[ImportedItem]) -> Iterator[ImportedItem]:
    """Every item of these and below, in the order of the form."""
    for item in items:
        yield item
        yield from walk(item.items)


def items_without_weights(questionnaire: ImportedQuestionnaire) -> tuple[str, ...]:
    """The link ids of items of whose options some have no points."""
    return tuple(item.link_id for item in walk(questionnaire.items) if item.lacks_weights)


def with_score_map(
    questionnaire: ImportedQuestionnaire, points: Mapping[str, Decimal], link_ids: Collection[str] | None = None
) -> ImportedQuestionnaire:
    """The same questionnaire with points for its answers, by answer code.

    `link_ids` are the items it is for (all that lack weights, if None): options in mixed directions need a map each.
    Points that the file itself gives stay. Raises Invalid with `answer` for a code that no such item has, for one that
    is left out or is no fit number, or whose points in the file are others; with `item` for an item that is none.
    """
    wanted = set(items_without_weights(questionnaire) if link_ids is None else link_ids)
    chosen = [item for item in walk(questionnaire.items) if item.link_id in wanted and item.options]
    if unknown := wanted - {item.link_id for item in chosen}:
        raise Invalid("score_map_for_no_choice", item=sorted(unknown)[0])
    _check_map(points, [option for item in chosen for option in item.options])
    return replace(questionnaire, items=tuple(_weighted(item, points, wanted) for item in questionnaire.items))


def points_of(questionnaire: ImportedQuestionnaire, answers: Collection[tuple[str, Answer]]) -> dict[str, Decimal]:
    """The points of a person's answers by link id, for items with options and for numbers.

    Raises Invalid with `item` for an answer to no such question, one given twice, a code that the item does not
    have or a value of another kind, and for a choice without points.
    """
    checked = checked_answers(questionnaire, answers)
    known = {item.link_id: item for item in walk(questionnaire.items)}
    found = {link_id: _points(known[link_id], answer) for link_id, answer in checked.items()}
    return {link_id: points for link_id, points in found.items() if points is not None}


def checked_answers(questionnaire: ImportedQuestionnaire, answers: Collection[tuple[str, Answer]]) -> dict[str, Answer]:
    """The answers by link id, none of them twice and each one that its item can have; raises as `points_of` does."""
    known = {item.link_id: item for item in walk(questionnaire.items)}
    checked: dict[str, Answer] = {}
    for link_id, answer in answers:
        if link_id not in known:
            raise Invalid("answer_to_no_item", item=link_id)
        if link_id in checked:
            raise Invalid("answer_doubled", item=link_id)
        if fault := fault_of(known[link_id], answer):
            raise Invalid(f"answer_{fault}", item=link_id)
        checked[link_id] = answer
    return checked


def fault_of(item: ImportedItem, answer: Answer) -> str | None:
    """Why the item cannot be answered so: `of_another_kind`, `of_unknown_code`; None where it can."""
    value, types = answer.value, _TYPES[answer.kind]
    if answer.kind not in KINDS[item.type] or type(value) not in types:
        return "of_another_kind"
    if item.options and item.option(answer) is None:
        return "of_unknown_code"
    return None


_TYPES: dict[AnswerKind, tuple[type, ...]] = {
    AnswerKind.BOOLEAN: (bool,),
    AnswerKind.INTEGER: (int,),
    AnswerKind.DECIMAL: (int, Decimal),
    AnswerKind.STRING: (str,),
    AnswerKind.DATE: (str,),
    AnswerKind.CODING: (str,),
}


def _points(item: ImportedItem, answer: Answer) -> Decimal | None:
    option = item.option(answer)
    if option is not None:
        if option.weight is None:
            raise Invalid("answer_without_points", item=item.link_id)
        return option.weight
    return Decimal(answer.value) if answer.kind in (AnswerKind.INTEGER, AnswerKind.DECIMAL) else None


def _check_map(points: Mapping[str, Decimal], options: Collection[ImportedOption]) -> None:
    for code, value in points.items():
        if not value.is_finite() or abs(value) > LARGEST:
            raise Invalid("score_map_no_number", answer=code)
        if code not in {option.code for option in options}:
            raise Invalid("score_map_unknown_code", answer=code)
    for option in options:
        if option.code not in points and option.weight is None:
            raise Invalid("score_map_incomplete", answer=option.code)
        if option.weight not in (None, points.get(option.code, option.weight)):
            raise Invalid("score_map_against_file", answer=option.code)


def _weighted(item: ImportedItem, points: Mapping[str, Decimal], wanted: Collection[str]) -> ImportedItem:
    options = item.options
    if item.link_id in wanted:
        options = tuple(replace(option, weight=points.get(option.code, option.weight)) for option in options)
    return replace(item, options=options, items=tuple(_weighted(below, points, wanted) for below in item.items))
