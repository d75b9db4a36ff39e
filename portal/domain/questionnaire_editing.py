"""Editing a questionnaire's document: each change gives a new document that holds every rule, or is refused in words.

Questions that the portal itself reads (how far somebody got, the signs, what is private) are carried by every form:
they can be said in other words, and are never removed, turned or given to other readers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.domain import order
from portal.domain.disclosure import Disclosure
from portal.domain.documents import Document, exercise_document
from portal.domain.errors import Invalid, NotFound
from portal.domain.items import Item, ItemType
from portal.domain.lines import cleaned
from portal.domain.media import Media
from portal.domain.programme import Audience, Kind
from portal.domain.question_words import LONGEST_TITLE, QuestionWords, entry_of, options_of, reworded
from portal.domain.questionnaires import from_document

FREQUENCIES = (
    "once",
    "daily",
    "2_per_week",
    "3_per_week",
    "weekly",
    "monthly",
    "after_conflict",
    "before_hard_talk",
    "as_needed",
)
LONGEST_TEXT = 2_000
MOST_MINUTES = 240
MOST_INSTRUCTIONS = 8
MOST_QUESTIONS = 40  # of one's own
OWN_SCREEN = "A few more questions"
# whose words on the page a broken rule is about
_FIELDS = {
    "item_without_label": "label",
    "item_options_missing": "options",
    "item_option_doubled": "options",
    "item_bounds_reversed": "maximum",
    "condition_names_no_earlier_item": "asked_if",
    "condition_names_unknown_option": "asked_if",
    "condition_narrower_than_item": "asked_if",
    "item_signal_not_locked": "readers",
}
# the same rule, broken by another question that hangs on this one
_OF_ANOTHER = {
    "condition_names_unknown_option": ("another_hangs_on_option", "options"),
    "condition_narrower_than_item": ("another_hangs_and_is_wider", "readers"),
    "condition_names_no_earlier_item": ("another_hangs_on_it", ""),
}


@dataclass(frozen=True, slots=True)
class Carried:
    """Ids of the questions that every form of a kind carries: those before one's own questions, and those after."""

    before: tuple[str, ...]
    after: tuple[str, ...] = ()

    def __contains__(self, item_id: object) -> bool:
        return item_id in self.before or item_id in self.after


@dataclass(frozen=True, slots=True)
class Heading:
    """All of a questionnaire but its questions. Of a check-in, whose rhythm is fixed, step to frequency stay."""

    title: str
    purpose: str
    step: str | None
    audience: Audience
    minutes: int
    frequency: str
    instructions: tuple[str, ...]
    safety_note: str = ""
    media: Media | None = None


def carried_by_exercises(common: Mapping[str, Any]) -> Carried:
    """What every exercise carries, from the file of common fields."""
    return Carried(tuple(common["before_the_fields"]), tuple(common["after_the_fields"]))


def carried_by_check_in(content: Mapping[str, Any]) -> Carried:
    """What the check-in carries: all that it ships with, for scores, trends and the brief read it by its ids."""
    return Carried(tuple(item["id"] for item in content["checkin"]["items"]))


def new_exercise(heading: Heading, common: Mapping[str, Any]) -> Document:
    """An exercise that asks no more than every exercise does. Raises Invalid with `field`."""
    blank = {"slug": "new", "title": "-", "purpose": "-", "audience": "alone", "minutes": 1, "frequency": "once"}
    document = exercise_document(blank | {"instructions": [], "fields": []}, heading.step or "", common)
    return with_heading(document, heading, common)


def with_heading(document: Document, heading: Heading, common: Mapping[str, Any]) -> Document:
    """The document under another heading; `common` is the file of common fields. Raises Invalid with `field`."""
    texts = {"title": heading.title, "purpose": heading.purpose, "safety_note": heading.safety_note}
    said = {
        name: cleaned(name, text, LONGEST_TITLE if name == "title" else LONGEST_TEXT) for name, text in texts.items()
    }
    for name in ("title", "purpose"):
        if not said[name]:
            raise Invalid("words_missing", field=name)
    if not 1 <= heading.minutes <= MOST_MINUTES:
        raise Invalid("out_of_range", minimum=1, maximum=MOST_MINUTES, field="minutes")
    changed = document | said | {"safety_note": said["safety_note"] or None, "minutes": heading.minutes}
    changed |= {"instructions": _instructions(heading.instructions)}
    changed.pop("media", None)
    if heading.media is not None:
        changed["media"] = heading.media.document
    if document["kind"] == Kind.EXERCISE:
        if heading.frequency not in FREQUENCIES:
            raise Invalid("not_an_option", field="frequency")
        changed |= {"audience": heading.audience.value, "frequency": heading.frequency, "step": heading.step}
        changed = _with_common(changed, common)
    return _checked(changed)


def _with_common(document: Document, common: Mapping[str, Any]) -> Document:
    """What every exercise of this frequency carries stands round the own questions, in the words that it has."""
    carried, known = carried_by_exercises(common), {entry["id"]: entry for entry in document["items"]}
    fitting = exercise_document(document | {"fields": []}, document["step"], common)["items"]
    around = {entry["id"]: known.get(entry["id"], entry) for entry in fitting}
    before = [around[item_id] for item_id in carried.before if item_id in around]
    after = [around[item_id] for item_id in carried.after if item_id in around]
    return document | {"items": [*before, *(known[item_id] for item_id in own_ids(document, carried)), *after]}


def _instructions(lines: Sequence[str]) -> list[str]:
    kept = [line for line in (cleaned("instructions", line, LONGEST_TEXT) for line in lines) if line]
    if not kept:
        raise Invalid("instructions_missing", field="instructions")
    if len(kept) > MOST_INSTRUCTIONS:
        raise Invalid("too_many_instructions", maximum=MOST_INSTRUCTIONS, field="instructions")
    return kept


def own_ids(document: Document, carried: Carried) -> tuple[str, ...]:
    """The questions that are the practice's own, in their order."""
    return tuple(entry["id"] for entry in document["items"] if entry["id"] not in carried)


def earlier_items(document: Document, item_id: str | None, carried: Carried) -> tuple[Item, ...]:
    """What a question may hang on: those before its place whose answers can be named."""
    items = from_document(document).items
    place = next((at for at, item in enumerate(items) if item.id == item_id), _end_of_own(document, carried))
    return tuple(item for item in items[:place] if options_of(item))


def _end_of_own(document: Document, carried: Carried) -> int:
    places = [at for at, entry in enumerate(document["items"]) if entry["id"] in carried.after]
    return min(places, default=len(document["items"]))


def with_values(words: QuestionWords, before: Document | None, new_value: Callable[[], str]) -> QuestionWords:
    """The same words, with a stored value for each option: its own where it stood there before, else a new one."""
    known = {option["value"] for option in (before or {}).get("options", ())}
    options = ((value if value in known else new_value(), label) for value, label in words.options)
    return replace(words, options=tuple(options))


def with_question(document: Document, item_id: str, kind: ItemType, words: QuestionWords, carried: Carried) -> Document:
    """The document with this question: in its place where it is known, else after all others of one's own.

    Raises Invalid with `field`, and with the other `question` where one that hangs on this one is in the way.
    """
    items = list(document["items"])
    known = next((at for at, entry in enumerate(items) if entry["id"] == item_id), None)
    if known is None:
        if len(own_ids(document, carried)) >= MOST_QUESTIONS:
            raise Invalid("too_many_questions", maximum=MOST_QUESTIONS, field="label")
        items.insert(_end_of_own(document, carried), entry_of({"id": item_id, "type": kind.value}, words, document))
    elif item_id in carried:
        items[known] = reworded(items[known], words)
    else:
        items[known] = entry_of(items[known], words, document)
    return _checked(_placed(document | {"items": items}, carried), item_id)


def moved(document: Document, item_id: str, carried: Carried, *, up: bool) -> Document:
    """The document with a question of one's own a place further up or down; at an end it stays where it is.

    Raises NotFound for what is none of one's own, and Invalid where a question would stand before what it hangs on.
    """
    own = own_ids(document, carried)
    if item_id not in own:
        raise NotFound
    standing_at = dict(zip(own, order.moved(own, own.index(item_id), up=up), strict=True))
    entries = {entry["id"]: entry for entry in document["items"]}
    items = [entries[standing_at.get(entry["id"], entry["id"])] for entry in document["items"]]
    return _checked(_placed(document | {"items": items}, carried))


def without_question(document: Document, item_id: str, carried: Carried) -> Document:
    """The document without a question of one's own. Raises NotFound, and Invalid where another hangs on it."""
    if item_id not in own_ids(document, carried):
        raise NotFound
    items = [entry for entry in document["items"] if entry["id"] != item_id]
    return _checked(_placed(document | {"items": items}, carried), item_id)


def _placed(document: Document, carried: Carried) -> Document:
    """One's own questions of a check-in stand on a screen of their own, before the private ones."""
    if document["kind"] != Kind.CHECK_IN or not document["screens"]:
        return document
    screens = [screen for screen in document["screens"] if set(screen["items"]) & set(carried.before)]
    own = list(own_ids(document, carried))
    locked = {entry["id"] for entry in document["items"] if entry["disclosure"] == Disclosure.LOCKED}
    if own:
        place = next((at for at, screen in enumerate(screens) if set(screen["items"]) & locked), len(screens))
        screens.insert(place, {"title": OWN_SCREEN, "items": own})
    return document | {"screens": screens}


def _checked(document: Document, edited: str | None = None) -> Document:
    """The document, where it holds every rule; else the refusal names the field, or the other question, at fault."""
    try:
        from_document(document)
    except Invalid as refusal:
        raise _told(refusal, document, edited) from None
    return document


def _told(refusal: Invalid, document: Document, edited: str | None) -> Invalid:
    item_id: Any = refusal.params.get("item")
    label = next((entry.get("label") for entry in document["items"] if entry["id"] == item_id), "")
    if item_id != edited and refusal.code in _OF_ANOTHER:
        code, at = _OF_ANOTHER[refusal.code]
        return Invalid(code, question=label, field=at)
    return Invalid(refusal.code, **({"field": _FIELDS.get(refusal.code, "")} | refusal.params))
