"""Answers as they are read: the words of a value, and answers sorted by who reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from portal.domain.answers import DID_NOT_COME_UP, Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import WITHOUT_WAITING, Item, ItemType
from portal.domain.questionnaires import held_by
from portal.services import responses
from portal.services.drafts import Typed
from portal.services.responses import OpenTask
from portal.web import filters


@dataclass(frozen=True, slots=True)
class Row:
    """One answered question as `components/answers.html` shows it."""

    id: str
    question: str
    answer: str
    of: str = ""
    change: str = ""
    widen: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Answers that the same people read."""

    id: str
    disclosure: str
    at_once: bool
    rows: tuple[Row, ...]
    skipped: int


ORDER = (Disclosure.SHARED, Disclosure.SESSION, Disclosure.COACH)


def in_words(item: Item, answer: Answer) -> str:
    """An answer in words; '' for a skipped one."""
    if answer.reason == DID_NOT_COME_UP:
        return str(gettext("Did not come up"))
    if answer.value is None:
        return ""
    if item.type is ItemType.CHOICE:
        return next((option.label for option in item.options if option.value == answer.value), str(answer.value))
    if item.type is ItemType.CHECKBOX:
        return str(gettext("Yes") if answer.value else gettext("No"))
    if item.type is ItemType.DATE:
        return filters.day_year(date.fromisoformat(str(answer.value)))
    return str(answer.value)


def row_of(item: Item, answer: Answer, **acts: object) -> Row:
    """A row; `acts` are change, widen and narrow."""
    is_of_ten = item.type is ItemType.SCALE and answer.value is not None
    return Row(item.id, item.label, in_words(item, answer), str(item.maximum) if is_of_ten else "", **acts)  # type: ignore[arg-type]


def sheets(task: OpenTask, typed: Typed, form_url: str = "") -> tuple[Sheet, ...]:
    """What a draft would be sent as, sorted by who reads it; private questions are left out, answered or not.

    `form_url` is where an answer can be changed; without it nothing can be acted on.
    """
    answers, _ = responses.look_over(task, typed)
    items = {item.id: item for item in task.items}
    return sorted_by_reader(
        ((items[answer.item_id], answer) for answer in answers), bool(form_url), form_url and f"{form_url}#f-"
    )


def sorted_by_reader(
    pairs: Iterable[tuple[Item, Answer]],
    may_choose: bool = False,
    change: str = "",
    *,
    names_skipped: bool = False,
) -> tuple[Sheet, ...]:
    """Sheets in the order shared, session, coach; what does not wait for the other stands apart.

    `may_choose` offers another reader for each answer, `change` is where it can be changed (its id is added), and
    `names_skipped` gives skipped questions a row too.
    """
    listed = list(pairs)
    standing = {answer.item_id: answer.disclosure for _, answer in listed}
    found: dict[tuple[int, bool], list[tuple[Item, Answer]]] = {}
    for item, answer in listed:
        if answer.disclosure is not Disclosure.LOCKED:
            at_once = answer.disclosure is Disclosure.SHARED and item.opens == WITHOUT_WAITING
            found.setdefault((ORDER.index(answer.disclosure), at_once), []).append((item, answer))
    made = []
    for (place, at_once), group in sorted(found.items(), key=lambda entry: entry[0]):
        given = [(item, answer) for item, answer in group if names_skipped or in_words(item, answer)]
        rows = tuple(_acting(item, answer, standing, may_choose, change) for item, answer in given)
        made.append(Sheet(f"s{place}{at_once:d}", ORDER[place].value, at_once, rows, len(group) - len(rows)))
    return tuple(made)


def _acting(item: Item, answer: Answer, standing: Mapping[str, Disclosure], may_choose: bool, change: str) -> Row:
    offers = may_choose and item.disclosure in (Disclosure.SESSION, Disclosure.SHARED)
    is_narrow = answer.disclosure is Disclosure.COACH
    address = f"{change}{item.id}" if change else ""
    is_held = held_by((item,), standing, (item.id,), item.disclosure) is not None
    widen = offers and is_narrow and not is_held
    return row_of(item, answer, change=address, widen=widen, narrow=offers and not is_narrow)
