"""One question of a questionnaire as a coach writes it, and the entry of the document that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.conditions import Condition, parse
from portal.domain.disclosure import Disclosure
from portal.domain.documents import Document
from portal.domain.errors import Invalid
from portal.domain.items import SCALE, WITHOUT_WAITING, Item, ItemType
from portal.domain.lines import cleaned
from portal.domain.programme import Kind
from portal.domain.questionnaires import from_document

LONGEST_TITLE = 200
LONGEST_LABEL = 500
LONGEST_END = 60
FEWEST_OPTIONS, MOST_OPTIONS = 2, 12
MOST_FIGURES = 20
AT_ONCE = "at-once"


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """One question as a coach writes it; of these, what its type has no use for is left aside.

    `readers` is a circle in one word: at-once, shared, session, coach or locked. An option is its stored value and
    its words. `asked_if` are pairs of an earlier question's id and one of its answers. `tells`: a tick
    in a locked box comes to the coach at once.
    """

    label: str
    readers: str = Disclosure.COACH.value
    hint: str = ""
    ends: tuple[str, str] = ("", "")
    options: tuple[tuple[str, str], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    may_not_come_up: bool = False
    folded: bool = False
    every_fourth: bool = False
    asked_if: tuple[tuple[str, str], ...] = ()
    tells: bool = False


def reworded(before: Document, words: QuestionWords) -> Document:
    """A carried question in other words: who reads it, what it counts for and what it raises stay."""
    changed = before | _said(before["type"], words)
    if "options" in before:
        said = dict(words.options)
        options = [{"value": o["value"], "label": said.get(o["value"], o["label"])} for o in before["options"]]
        changed["options"] = _different(options)
    return changed


def _said(kind: str, words: QuestionWords) -> Document:
    said: Document = {
        "label": cleaned("label", words.label, LONGEST_LABEL),
        "suggest": cleaned("hint", words.hint, LONGEST_LABEL) or None,
    }
    if kind == ItemType.SCALE:
        low, high = (cleaned("ends", end, LONGEST_END) for end in words.ends)
        if not low or not high:
            raise Invalid("ends_missing", field="ends")
        said["ends"] = [low, high]
    return said


def entry_of(before: Document, words: QuestionWords, document: Document) -> Document:
    """A question of one's own, from the id and type that it began with."""
    kind = before["type"]
    entry: Document = {"id": before["id"], "type": kind, **_said(kind, words), **_readers(words.readers, document)}
    if kind == ItemType.SCALE:
        entry |= {"minimum": SCALE[0], "maximum": SCALE[1], "may_not_come_up": words.may_not_come_up}
    if kind == ItemType.NUMBER:
        entry |= {"minimum": words.minimum, "maximum": words.maximum}
    if kind == ItemType.CHOICE:
        entry["options"] = _options(words)
    if kind == ItemType.CHECKBOX and words.tells and entry["disclosure"] == Disclosure.LOCKED:
        entry["raises"] = [["true", "flag"]]
    if words.every_fourth and document["kind"] == Kind.CHECK_IN:
        entry["when"] = "every_4th"
    condition = _condition(words.asked_if, before.get("show_if"), document)
    return entry | {"folded": words.folded} | ({"show_if": condition} if condition else {})


def _readers(word: str, document: Document) -> Document:
    if word == AT_ONCE:
        return {"disclosure": Disclosure.SHARED.value, "opens": WITHOUT_WAITING}
    if word not in tuple(Disclosure):
        raise Invalid("not_an_option", field="readers")
    if word == Disclosure.LOCKED and document["kind"] == Kind.CHECK_IN:
        raise Invalid("check_in_private_are_carried", field="readers")
    return {"disclosure": word}


def _options(words: QuestionWords) -> list[Document]:
    typed = [(value, cleaned("options", label, LONGEST_TITLE)) for value, label in words.options]
    options = [{"value": value, "label": label} for value, label in typed if label]
    if len(options) < FEWEST_OPTIONS:
        raise Invalid("too_few_options", field="options")
    if len(options) > MOST_OPTIONS:
        raise Invalid("too_many_options", maximum=MOST_OPTIONS, field="options")
    return _different(options)


def _different(options: list[Document]) -> list[Document]:
    labels = [option["label"].casefold() for option in options]
    if len(set(labels)) != len(labels):
        raise Invalid("options_alike", field="options")
    return options


def _condition(asked_if: Sequence[tuple[str, str]], before: str | None, document: Document) -> str | None:
    """The condition in its grammar; one that means what it meant stays as it was written."""
    if not asked_if:
        return None
    asked = {item_id for item_id, _ in asked_if}
    if len(asked) > 1:
        raise Invalid("condition_of_two_questions", field="asked_if")
    item_id, options = asked.pop(), tuple(dict.fromkeys(option for _, option in asked_if))
    if before and _means(before, item_id, options, document):
        return before
    return str(Condition(item_id, options))


def _means(before: str, item_id: str, options: tuple[str, ...], document: Document) -> bool:
    """Whether a condition holds for these answers to this question, and for no others."""
    condition = parse(before)
    items = {item.id: item for item in from_document(document).items}
    if condition.item_id != item_id or item_id not in items:
        return False
    return {option for option in options_of(items[item_id]) if condition.holds(option)} == set(options)


def options_of(item: Item) -> tuple[str, ...]:
    """The answers to a question that a condition can name one by one; of a wide range of numbers none."""
    if item.type is ItemType.CHOICE:
        return tuple(option.value for option in item.options)
    if item.type is ItemType.CHECKBOX:
        return ("true", "false")
    low, high = item.bounds
    is_few = item.type in (ItemType.SCALE, ItemType.NUMBER) and high - low <= MOST_FIGURES
    return tuple(map(str, range(low, high + 1))) if is_few else ()
