"""One question of a form: its type, its words, who reads the answer, and what it may set in motion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from portal.domain.conditions import Condition, as_option, parse
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid

Value: TypeAlias = int | str | bool | None  # an answer's value; None is skipped or did not come up

COACH_PLACE = "{coach}"  # stands for the coach's given name in every shipped text
SCALE = (0, 10)
NUMBER = (-999_999_999, 999_999_999)  # where a definition sets no bounds of its own
BOTH_SENT = "both_sent"
WITHOUT_WAITING = "next_morning_without_waiting"
_WHEN = ("always", "weekly", "current_step_or_every_4th", "every_4th")
_POLICIES = ("open", "discretion", "confidential")
_SIGNALS = ("flag", "soft_flag", "asked_for_a_word")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


class ItemType(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHECKBOX = "checkbox"


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: the stored value, and the words for it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """A question as its definition has it; `disclosure` is what the form offers, and what it says."""

    id: str
    type: ItemType
    label: str
    disclosure: Disclosure
    options: tuple[Option, ...] = ()
    ends: tuple[str, str] | None = None  # the words at both ends of a scale
    minimum: int | None = None
    maximum: int | None = None
    may_not_come_up: bool = False  # a scale that also offers "did not come up"
    reverse: bool = False  # a high answer is worse: turned round before scoring
    dimension: str | None = None
    step: str | None = None  # the step of the programme that this question is about
    when: str = "always"  # always | weekly | current_step_or_every_4th | every_4th
    show_if: Condition | None = None
    raises: tuple[tuple[str, str], ...] = ()  # (value as in conditions, kind of signal)
    folded: bool = False
    opens: str = BOTH_SENT  # or WITHOUT_WAITING: what is shared does not wait for the other's form
    suggest: str | None = None
    only_for: tuple[str, ...] = ()  # frequencies of an exercise; empty means all
    hidden_under_policy: tuple[str, ...] = ()
    stays_when_not_done: bool = False  # still asked after "Not this time"
    link_id: str | None = None  # what the file that it was read from calls it

    @property
    def opens_at_once(self) -> bool:
        """Whether what is shared here opens without waiting for the other's form."""
        return self.disclosure is Disclosure.SHARED and self.opens == WITHOUT_WAITING

    def signal(self, value: Value) -> str | None:
        """The kind of signal that this answer raises (`flag`, `soft_flag`, `asked_for_a_word`), if any."""
        return None if value is None else dict(self.raises).get(as_option(value))

    def offers(self, option: str) -> bool:
        """Whether a condition or a signal may name this as an answer to the item."""
        if self.type is ItemType.CHOICE:
            return any(option == offered.value for offered in self.options)
        if self.type is ItemType.CHECKBOX:
            return option in ("true", "false")
        if self.type in (ItemType.SCALE, ItemType.NUMBER) and re.fullmatch(r"-?[0-9]{1,9}", option):
            low, high = self.bounds
            return low <= int(option) <= high
        return False

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest number that may be answered, both included."""
        low, high = SCALE if self.type is ItemType.SCALE else NUMBER
        return (low if self.minimum is None else self.minimum, high if self.maximum is None else self.maximum)

    def spoken(self, coach_name: str) -> "Item":
        """The same question with the coach's name in its words."""
        return replace(
            self,
            label=speak(self.label, coach_name),
            options=tuple(Option(option.value, speak(option.label, coach_name)) for option in self.options),
            ends=self.ends and (speak(self.ends[0], coach_name), speak(self.ends[1], coach_name)),
            suggest=self.suggest and speak(self.suggest, coach_name),
        )


def speak(text: str, coach_name: str) -> str:
    """Put the coach's name where the text has its place; nothing else in it is interpreted."""
    return text.replace(COACH_PLACE, coach_name)


def item_from_document(entry: Mapping[str, Any], place: int) -> Item:
    """Read one item of a stored definition; `place` (from 1) names it where it has no usable id.

    Raises Invalid with the rule that is broken, and with `item`.
    """
    if not isinstance(entry, Mapping) or not _ID.fullmatch(str(entry.get("id"))):
        raise Invalid("item_without_id", item=place)
    try:
        item = _read(entry)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Invalid("item_unreadable", item=entry["id"]) from None
    _check(item)
    return item


def _read(entry: Mapping[str, Any]) -> Item:
    ends = entry.get("ends")
    return Item(
        id=entry["id"],
        type=_one_of(ItemType, entry, "type"),
        label=_words(entry.get("label")) or "",
        disclosure=_one_of(Disclosure, entry, "disclosure"),
        options=tuple(Option(_text(option["value"]), _text(option["label"])) for option in entry.get("options") or ()),
        ends=None if ends is None else _both_ends(*ends),
        minimum=_bound(entry.get("minimum")),
        maximum=_bound(entry.get("maximum")),
        may_not_come_up=bool(entry.get("may_not_come_up")),
        reverse=bool(entry.get("reverse")),
        dimension=_words(entry.get("dimension")),
        step=_words(entry.get("step")),
        when=_words(entry.get("when")) or "always",
        show_if=_condition(entry["id"], _words(entry.get("show_if"))),
        raises=tuple((_text(value), _text(kind)) for value, kind in entry.get("raises") or ()),
        folded=bool(entry.get("folded")),
        opens=_words(entry.get("opens")) or BOTH_SENT,
        suggest=_words(entry.get("suggest")),
        only_for=tuple(_text(word) for word in entry.get("only_for") or ()),
        hidden_under_policy=tuple(_text(word) for word in entry.get("hidden_under_policy") or ()),
        stays_when_not_done=bool(entry.get("stays_when_not_done")),
        link_id=_words(entry.get("link_id")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _words(value: object) -> str | None:
    return None if value is None else _text(value)


def _both_ends(low: object, high: object) -> tuple[str, str]:
    return _text(low), _text(high)


def _bound(value: object) -> int | None:
    if value is not None and type(value) is not int:
        raise TypeError(value)
    return value


def _one_of(kinds: type[StrEnum], entry: Mapping[str, Any], name: str) -> Any:
    try:
        return kinds(str(entry.get(name)))
    except ValueError:
        raise Invalid(f"item_unknown_{name}", item=entry["id"], value=entry.get(name)) from None


def _condition(item_id: str, text: str | None) -> Condition | None:
    if text is None:
        return None
    try:
        return parse(text)
    except Invalid as refusal:
        raise Invalid(refusal.code, item=item_id, **refusal.params) from None


def _check(item: Item) -> None:
    """Hold one item against itself; what it means among its neighbours is the questionnaire's to check."""
    values = [option.value for option in item.options]
    low, high = item.bounds
    broken = {
        "item_without_label": not item.label.strip(),
        "item_options_missing": (item.type is ItemType.CHOICE) is not bool(values) or "" in values,
        "item_option_doubled": len(set(values)) != len(values),
        "item_bounds_reversed": low >= high or low < NUMBER[0] or high > NUMBER[1],
        "item_unknown_when": item.when not in _WHEN,
        "item_unknown_opening": item.opens not in (BOTH_SENT, WITHOUT_WAITING),
        "item_unknown_policy": any(policy not in _POLICIES for policy in item.hidden_under_policy),
        "item_unknown_signal": any(kind not in _SIGNALS or not item.offers(value) for value, kind in item.raises),
        # a signal must not be readable from what the partner may read
        "item_signal_not_locked": bool(item.raises) and item.disclosure is not Disclosure.LOCKED,
        "item_may_not_come_up": item.may_not_come_up and item.type is not ItemType.SCALE,
    }
    for code, is_broken in broken.items():
        if is_broken:
            raise Invalid(code, item=item.id)
