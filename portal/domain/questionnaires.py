"""A questionnaire as a person meets it: which of its questions a form asks, in which order, on which screens."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.domain.conditions import Condition
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid
from portal.domain.items import Item, ItemType, Option, Value, item_from_document, speak
from portal.domain.media import Media, media_from_document
from portal.domain.programme import Audience, Kind

__all__ = [
    "Item",
    "ItemType",
    "Option",
    "Questionnaire",
    "Screen",
    "from_document",
    "items_of_form",
    "items_shown",
    "screens_of_form",
]

FULL_FORM_EVERY = 4  # the 4th, 8th, ... form issued to a person asks everything
DONE = "done"  # the common question of every exercise: how far did you get?
_NOT_THIS_TIME = Condition(DONE, ("not_this_time",))
_WIDTHS = {Disclosure.LOCKED: 0, Disclosure.COACH: 1, Disclosure.SESSION: 2, Disclosure.SHARED: 3}


@dataclass(frozen=True, slots=True)
class Screen:
    """Questions that stand together under one title; `one_choice_for_all` withholds them as a group."""

    title: str
    item_ids: tuple[str, ...]
    before: str | None = None
    skip: str | None = None
    one_choice_for_all: str | None = None

    def spoken(self, coach_name: str) -> "Screen":
        """The same screen with the coach's name in its words."""
        return replace(
            self,
            title=speak(self.title, coach_name),
            before=self.before and speak(self.before, coach_name),
            skip=self.skip and speak(self.skip, coach_name),
            one_choice_for_all=self.one_choice_for_all and speak(self.one_choice_for_all, coach_name),
        )


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of a definition; a form given to somebody never changes."""

    kind: Kind
    slug: str
    step: str | None
    title: str
    purpose: str
    audience: Audience
    minutes: int
    frequency: str
    instructions: tuple[str, ...]
    safety_note: str | None
    items: tuple[Item, ...]
    screens: tuple[Screen, ...] = ()
    scoring: Mapping[str, Any] | None = field(default=None, hash=False)
    media: Media | None = None
    measure: Mapping[str, Any] | None = field(default=None, hash=False)  # see `portal.domain.measured`

    def item(self, item_id: str) -> Item:
        """The item of that id; KeyError where there is none."""
        return {item.id: item for item in self.items}[item_id]

    def spoken(self, coach_name: str) -> "Questionnaire":
        """The same questionnaire with the coach's given name in all of its texts."""
        return replace(
            self,
            title=speak(self.title, coach_name),
            purpose=speak(self.purpose, coach_name),
            instructions=tuple(speak(line, coach_name) for line in self.instructions),
            safety_note=self.safety_note and speak(self.safety_note, coach_name),
            items=tuple(item.spoken(coach_name) for item in self.items),
            screens=tuple(screen.spoken(coach_name) for screen in self.screens),
        )


def items_of_form(
    questionnaire: Questionnaire, *, ordinal: int, current_step: str | None, policy: str, on_paper: bool = False
) -> tuple[Item, ...]:
    """The questions of the `ordinal`-th form (from 1) issued to a person, in the definition's order.

    `current_step` is the step the couple is at; `policy` the practice's no-secrets policy: open, discretion
    or confidential. `on_paper`: its answers were typed in from a sheet, which has none for the coach alone; the
    private ones can be answered all the same. Questions that hang on other answers are all here: `items_shown`
    narrows them.
    """

    def asked(item: Item) -> bool:
        if on_paper and item.disclosure is Disclosure.COACH:
            return False
        if policy in item.hidden_under_policy or (item.only_for and questionnaire.frequency not in item.only_for):
            return False
        full = ordinal % FULL_FORM_EVERY == 0
        if item.when == "every_4th":
            return full
        if item.when == "current_step_or_every_4th":
            return full or item.step == current_step
        return True

    return tuple(item for item in questionnaire.items if asked(item))


def screens_of_form(questionnaire: Questionnaire, **asked: Any) -> tuple[Screen, ...]:
    """The screens of that form with the items it asks; none is empty. An exercise is one screen without a title."""
    ids = {item.id: None for item in items_of_form(questionnaire, **asked)}
    screens = questionnaire.screens or (Screen("", tuple(ids)),)
    narrowed = (replace(screen, item_ids=tuple(i for i in screen.item_ids if i in ids)) for screen in screens)
    return tuple(screen for screen in narrowed if screen.item_ids)


def chosen_together(screens: Sequence[Screen], item_id: str) -> tuple[str, ...]:
    """The items whose readers are chosen with this one: its whole screen where that has one choice for all.

    Two numbers of three would leave a hole that asks why.
    """
    for screen in screens:
        if item_id in screen.item_ids and screen.one_choice_for_all:
            return screen.item_ids
    return (item_id,)


def kept_along(items: Sequence[Item], screens: Sequence[Screen], item_ids: Iterable[str]) -> frozenset[str]:
    """These items, and all that are kept back with them: what hangs on one, what is chosen together, and so on."""
    kept: set[str] = set()
    waiting = list(item_ids)
    while waiting:
        item_id = waiting.pop()
        if item_id not in kept:
            kept.add(item_id)
            hung = (item.id for item in items if item.show_if is not None and item.show_if.item_id == item_id)
            waiting += [*hung, *chosen_together(screens, item_id)]
    return frozenset(kept)


def held_by(
    items: Sequence[Item], standing: Mapping[str, Disclosure], item_ids: Collection[str], wanted: Disclosure
) -> str | None:
    """The item on which one of these hangs and whose answer is narrower than `wanted`; None where there is none.

    That an item was asked at all tells what was answered there. An answer that does not stand in `standing` is private.
    """
    for item in items:
        if item.id in item_ids and item.show_if is not None and item.show_if.item_id not in item_ids:
            condition = item.show_if.item_id
            if _WIDTHS[standing.get(condition, Disclosure.COACH)] < _WIDTHS[wanted]:
                return condition
    return None


def open_with_conditions(items: Sequence[Item], open_ids: Collection[str]) -> frozenset[str]:
    """Of the items that are open by themselves, those on whose way from condition to condition all is open too."""
    found: set[str] = set()
    for item in items:
        if item.id in open_ids and (item.show_if is None or item.show_if.item_id in found):
            found.add(item.id)
    return frozenset(found)


def items_shown(items: Sequence[Item], answers: Mapping[str, Value]) -> tuple[Item, ...]:
    """The items that are asked given these answers; an answer to an item that is itself not shown counts as none."""
    ended = _NOT_THIS_TIME.holds(answers.get(DONE)) and any(i.id == DONE and i.stays_when_not_done for i in items)
    known: dict[str, Value] = {}
    shown = []
    for item in items:
        if ended and not item.stays_when_not_done:
            continue
        if item.show_if is None or item.show_if.holds(known.get(item.show_if.item_id)):
            shown.append(item)
            known[item.id] = answers.get(item.id)
    return tuple(shown)


def decides_what_is_asked(items: Sequence[Item], item_id: str) -> bool:
    """Whether other items are asked or not by what this one is answered with."""
    return item_id == DONE or any(item.show_if is not None and item.show_if.item_id == item_id for item in items)


def from_document(document: Mapping[str, Any]) -> Questionnaire:
    """Read the document of a stored version (see `portal.domain.documents`).

    Raises Invalid with the rule that is broken, and with `item` (its id, or its place from 1) where one is at fault.
    """
    try:
        return _read(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Invalid("questionnaire_unreadable") from None


def _read(document: Mapping[str, Any]) -> Questionnaire:
    if document.get("kind") not in tuple(Kind) or document.get("audience") not in tuple(Audience):
        raise Invalid("questionnaire_unknown_kind", kind=document.get("kind"), audience=document.get("audience"))
    items = tuple(item_from_document(entry, place) for place, entry in enumerate(document.get("items") or (), start=1))
    screens = tuple(_screen(entry) for entry in document.get("screens") or ())
    _check_order(items)
    _check_screens(items, screens)
    _check_scoring(items, document.get("scoring"))
    return Questionnaire(
        kind=Kind(document["kind"]),
        slug=_required(document, "slug"),
        step=document.get("step"),
        title=_required(document, "title"),
        purpose=str(document.get("purpose") or ""),
        audience=Audience(document["audience"]),
        minutes=int(document.get("minutes") or 0),
        frequency=_required(document, "frequency"),
        instructions=tuple(str(line) for line in document.get("instructions") or ()),
        safety_note=document.get("safety_note"),
        items=items,
        screens=screens,
        scoring=document.get("scoring"),
        media=media_from_document(document.get("media")),
        measure=document.get("measure"),
    )


def _required(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Invalid("questionnaire_text_missing", field=name)
    return value


def _screen(entry: Mapping[str, Any]) -> Screen:
    return Screen(
        title=_required(entry, "title"),
        item_ids=tuple(entry.get("items") or ()),
        before=entry.get("before"),
        skip=entry.get("skip"),
        one_choice_for_all=entry.get("one_choice_for_all"),
    )


def _check_order(items: Sequence[Item]) -> None:
    """Ids are unique; a condition names an earlier item and one of its options, and is never narrower than its item."""
    earlier: dict[str, Item] = {}
    for item in items:
        if item.id in earlier:
            raise Invalid("item_doubled", item=item.id)
        if item.show_if is not None:
            _check_condition(item, item.show_if, earlier)
        earlier[item.id] = item


def _check_condition(item: Item, condition: Condition, earlier: Mapping[str, Item]) -> None:
    asked = earlier.get(condition.item_id)
    if asked is None:
        raise Invalid("condition_names_no_earlier_item", item=item.id, condition=condition.item_id)
    if unknown := [option for option in condition.options if not asked.offers(option)]:
        raise Invalid("condition_names_unknown_option", item=item.id, condition=condition.item_id, option=unknown[0])
    if _WIDTHS[item.disclosure] > _WIDTHS[asked.disclosure]:
        # that the question was asked at all would tell what was answered to the narrower one
        raise Invalid("condition_narrower_than_item", item=item.id, condition=condition.item_id)


def _check_screens(items: Sequence[Item], screens: Sequence[Screen]) -> None:
    """Where there are screens, each item stands on exactly one."""
    if not screens:
        return
    placed = [item_id for screen in screens for item_id in screen.item_ids]
    known = {item.id for item in items}
    for item_id in (*placed, *known):
        if item_id not in known or placed.count(item_id) != 1:
            raise Invalid("screen_does_not_fit", item=item_id)


def _check_scoring(items: Sequence[Item], scoring: Mapping[str, Any] | None) -> None:
    """Only scales are scored, and never a locked one: safety answers enter no computed value."""
    scales = {item.id for item in items if item.type is ItemType.SCALE and item.disclosure is not Disclosure.LOCKED}
    names = set()
    for subscale in (scoring or {}).get("subscales", ()):
        names.add(subscale["name"])
        for item_id in subscale["items"]:
            if item_id not in scales:
                raise Invalid("scoring_names_no_scale", item=item_id)
    for name, _weight in (scoring or {}).get("total", ()):
        if name not in names:
            raise Invalid("scoring_names_no_subscale", subscale=name)
