"""A brought-in questionnaire as a form of this house: its items, its screens, and what cannot be asked as it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from portal.domain.disclosure import Disclosure
from portal.domain.imported import (
    LARGEST,
    Answer,
    AnswerKind,
    ImportedCondition,
    ImportedItem,
    ImportedQuestionnaire,
    ImportedType,
    walk,
)
from portal.domain.items import ItemType

Fields: TypeAlias = dict[str, Any]

YES, NO = "yes", "no"
YES_OR_NO = ((YES, "Yes"), (NO, "No"))
LONGEST_ID = 40
_TYPES = {
    ImportedType.CHOICE: ItemType.CHOICE,
    ImportedType.INTEGER: ItemType.NUMBER,
    ImportedType.BOOLEAN: ItemType.CHOICE,
    ImportedType.STRING: ItemType.TEXT,
    ImportedType.TEXT: ItemType.TEXT,
    ImportedType.DATE: ItemType.DATE,
}
SCORED = (ImportedType.CHOICE, ImportedType.INTEGER, ImportedType.BOOLEAN, ImportedType.DECIMAL)


@dataclass(frozen=True, slots=True)
class Unasked:
    """What is not asked as the file has it, by link id.

    `computed`: worked out by an expression of the file, which is never run. `decimals`: answered with decimals, so that
    the whole measure is kept for scores alone. `always`: asked whatever was answered before, since its condition cannot
    be kept. `unshown`: words that stand after the last question. `skippable`: required in the file, and to be skipped
    here like any other.
    """

    computed: tuple[str, ...] = ()
    decimals: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    skippable: tuple[str, ...] = ()


@dataclass(slots=True)
class _Form:
    """What is being put together: items and screens, and what could not be kept."""

    title: str
    disclosure: Disclosure
    item_ids: Mapping[str, str]
    asked: dict[str, ImportedItem] = field(default_factory=dict)  # by link id, those that stand on the form already
    items: list[Fields] = field(default_factory=list)
    screens: list[Fields] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)  # displays that wait for the next question
    always: list[str] = field(default_factory=list)


def is_computed(item: ImportedItem) -> bool:
    """Whether nobody answers the item, since the file has it worked out."""
    return any(expression.url.endswith("calculatedExpression") for expression in item.expressions)


def asked_items(questionnaire: ImportedQuestionnaire) -> tuple[ImportedItem, ...]:
    """The questions that somebody answers, in the order of the form."""
    silent = (ImportedType.GROUP, ImportedType.DISPLAY)
    return tuple(item for item in walk(questionnaire.items) if item.type not in silent and not is_computed(item))


def scored_items(questionnaire: ImportedQuestionnaire) -> tuple[ImportedItem, ...]:
    """The questions whose answers are or can be points, in the order of the form: item 1 of a measure is the first."""
    return tuple(item for item in asked_items(questionnaire) if item.type in SCORED)


def can_be_asked(questionnaire: ImportedQuestionnaire) -> bool:
    """Whether the form can be filled in here; else the measure is kept for scores alone."""
    return all(item.type in _TYPES for item in asked_items(questionnaire))


def unasked(questionnaire: ImportedQuestionnaire) -> Unasked:
    """What the form will not be as the file has it."""
    every = tuple(walk(questionnaire.items))
    form = _filled_form(questionnaire, "-", Disclosure.COACH)
    return Unasked(
        computed=tuple(item.link_id for item in every if is_computed(item)),
        decimals=tuple(item.link_id for item in asked_items(questionnaire) if item.type is ImportedType.DECIMAL),
        always=tuple(form.always),
        unshown=tuple(link_id for link_id, _words in form.words),
        skippable=tuple(item.link_id for item in asked_items(questionnaire) if item.required),
    )


def form_parts(questionnaire: ImportedQuestionnaire, title: str, disclosure: Disclosure) -> Fields:
    """`items` and `screens` for the document of a version; each item keeps its `link_id`.

    An option is stored by its place (o1, o2, ...), whatever its code is; a group is a screen, and so are the questions
    that stand between two displays.
    """
    form = _filled_form(questionnaire, title, disclosure)
    return {"items": form.items, "screens": form.screens}


def item_ids(questionnaire: ImportedQuestionnaire) -> dict[str, str]:
    """The id that each question has on the form, by link id: no two alike, and fit for the address of a field."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for item in asked_items(questionnaire):
        plain = re.sub(r"[^a-z0-9]+", "_", item.link_id.lower()).strip("_") or "item"
        wanted, number = f"q_{plain}"[:LONGEST_ID], 1
        while wanted in taken:
            number += 1
            wanted = f"q_{plain}"[: LONGEST_ID - len(str(number)) - 1] + f"_{number}"
        taken.add(wanted)
        found[item.link_id] = wanted
    return found


def _filled_form(questionnaire: ImportedQuestionnaire, title: str, disclosure: Disclosure) -> _Form:
    form = _Form(title, disclosure, item_ids(questionnaire))
    _add(form, questionnaire.items, title, None, ())
    return form


def _add(
    form: _Form,
    items: Sequence[ImportedItem],
    title: str,
    screen: Fields | None,
    above: tuple[ImportedItem, ...],
) -> Fields | None:
    """Put these and what is below them on the form; gives the screen that the next question stands on, if any.

    `above` are the groups and questions around them whose conditions hold for all that is in them.
    """
    for item in items:
        around = (*above, item) if item.conditions else above
        if item.type is ImportedType.DISPLAY:
            form.words.append((item.link_id, item.text or ""))
            screen = None
        elif item.type is ImportedType.GROUP:
            _add(form, item.items, item.text or title, None, around)
            screen = None
        elif not is_computed(item):
            screen = screen or _new_screen(form, title)
            _add_question(form, item, screen, around)
            screen = _add(form, item.items, title, screen, around)
    return screen


def _new_screen(form: _Form, title: str) -> Fields:
    screen: Fields = {"title": title, "items": []}
    if form.words:
        screen["before"] = "\n".join(words for _link_id, words in form.words)
        form.words.clear()
    form.screens.append(screen)
    return screen


def _add_question(form: _Form, item: ImportedItem, screen: Fields, conditional: tuple[ImportedItem, ...]) -> None:
    item_id = form.item_ids[item.link_id]
    show_if = _show_if(form, conditional)
    if conditional and show_if is None:
        form.always.append(item.link_id)
    entry: Fields = {
        "id": item_id,
        "link_id": item.link_id,
        "type": (ItemType.CHOICE if item.options else _TYPES.get(item.type, ItemType.NUMBER)).value,
        "label": " ".join(part for part in (item.prefix, _words(item)) if part),
        "disclosure": form.disclosure.value,
    }
    if item.options or item.type is ImportedType.BOOLEAN:
        entry["options"] = [{"value": value, "label": label} for value, label in _options(item)]
    elif entry["type"] == ItemType.NUMBER:
        entry |= {"minimum": -LARGEST, "maximum": LARGEST}
    if show_if is not None:
        entry["show_if"] = show_if
    form.items.append(entry)
    screen["items"].append(item_id)
    form.asked[item.link_id] = item


def _words(item: ImportedItem) -> str:
    return item.text or next((code.display for code in item.codes if code.display), item.link_id)


def _options(item: ImportedItem) -> Iterator[tuple[str, str]]:
    if not item.options:
        yield from YES_OR_NO
    for place, option in enumerate(item.options, start=1):
        yield f"o{place}", option.display or option.code


def _show_if(form: _Form, conditional: tuple[ImportedItem, ...]) -> str | None:
    """The condition in our grammar, where it says exactly the same; None for none, or where it does not."""
    if len(conditional) != 1:
        return None
    [item] = conditional
    if len(item.conditions) > 1 and not item.any_condition:
        return None
    questions = {condition.question for condition in item.conditions}
    if len(questions) != 1 or not questions <= set(form.asked):
        return None
    asked = form.asked[questions.pop()]
    values: list[str] = []
    for condition in item.conditions:
        said = _values(asked, condition)
        if said is None:
            return None
        values += [value for value in said if value not in values]
    return f"{form.item_ids[asked.link_id]} in ({', '.join(values)})"


def _values(asked: ImportedItem, condition: ImportedCondition) -> list[str] | None:
    """The answers for which the condition holds; None where they cannot be listed.

    "Not equal" is none of them: in FHIR it holds for what was not answered, and here a skipped question hides.
    """
    if condition.operator == "exists" and condition.answer.value is True:
        return [value for value, _label in _options(asked)] if _has_options(asked) else None
    if condition.operator != "=":
        return None
    return _value(asked, condition.answer)


def _has_options(item: ImportedItem) -> bool:
    return bool(item.options) or item.type is ImportedType.BOOLEAN


def _value(asked: ImportedItem, answer: Answer) -> list[str] | None:
    if asked.options:
        option = asked.option(answer)
        return None if option is None else [f"o{asked.options.index(option) + 1}"]
    if answer.kind is AnswerKind.BOOLEAN:
        return [YES if answer.value else NO]
    if answer.kind is AnswerKind.INTEGER and isinstance(answer.value, int) and abs(answer.value) <= LARGEST:
        return [str(answer.value)]
    return None


def answer_of(item: ImportedItem, value: int | str | bool) -> Answer:
    """What a value of our form is in the words of the file; KeyError for one that the form cannot give."""
    if item.options:
        option = {f"o{place}": option for place, option in enumerate(item.options, start=1)}[str(value)]
        kind = option.kind
        return Answer(kind, int(option.code) if kind is AnswerKind.INTEGER else option.code, option.system)
    if item.type is ImportedType.BOOLEAN:
        return Answer(AnswerKind.BOOLEAN, {YES: True, NO: False}[str(value)])
    kinds = {ImportedType.INTEGER: AnswerKind.INTEGER, ImportedType.DATE: AnswerKind.DATE}
    return Answer(kinds.get(item.type, AnswerKind.STRING), value)
