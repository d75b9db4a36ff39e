"""What a person answered: the cleaning of one raw value, and the answers of a whole form."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.items import Item, ItemType, Value
from portal.domain.questionnaires import held_by, items_shown

TEXT_LIMIT = 5_000  # characters, after cleaning
YEARS = (1900, 2100)
SKIPPED, DID_NOT_COME_UP = "skipped", "na"
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# what has no business in a text: control characters, switches of writing direction that reach over
# into other people's lines, halves of surrogate pairs, and code points that no document may hold
_STRAY = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_TICKED = {"true": True, "on": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `value` is None where it was skipped or did not come up, and `reason` then says which."""

    item_id: str
    value: Value
    reason: str | None  # None | "skipped" | "na"
    disclosure: Disclosure


def clean(item: Item, raw: str) -> Value:
    """The value that a raw field stands for; None for a blank field, and for "na" where the item may not come up.

    Nothing is ever moved into its range. Raises Invalid(code, item=id, ...) with one of the codes not_a_number,
    out_of_range (with minimum and maximum), not_an_option, not_a_date, too_long (with maximum), na_not_allowed.
    """
    if item.type is ItemType.TEXT:
        return _clean_text(item, raw)
    trimmed = raw.strip()
    if not trimmed:
        return None
    match item.type:
        case ItemType.SCALE | ItemType.NUMBER:
            return _clean_number(item, trimmed)
        case ItemType.DATE:
            return _clean_date(item, trimmed)
        case ItemType.CHECKBOX if trimmed in _TICKED:
            return _TICKED[trimmed]
        case ItemType.CHOICE if item.offers(trimmed):
            return trimmed
    raise Invalid("not_an_option", item=item.id)


def collect(
    items: Sequence[Item], raw: Mapping[str, str], disclosures: Mapping[str, str], *, may_widen: bool = False
) -> tuple[tuple[Answer, ...], dict[str, Invalid]]:
    """The answers of a form, and the refusals by item id where a field cannot be taken.

    `raw` holds the fields as posted, `disclosures` who may read each; both by item id. Items that are not asked
    given the other answers are left out. `may_widen` is for the page on which the author looks everything over.
    """
    values: dict[str, Value] = {}
    refusals: dict[str, Invalid] = {}
    for item in items:
        try:
            values[item.id] = clean(item, raw.get(item.id, ""))
        except Invalid as refusal:
            refusals[item.id] = refusal
    answers: dict[str, Answer] = {}
    shown = items_shown(items, values)
    for item in shown:
        if item.id in values:
            chosen = choose_disclosure(item, disclosures.get(item.id), may_widen=may_widen)
            if item.show_if is not None and item.show_if.item_id in answers:
                # that this was asked at all tells what was answered there
                chosen = _narrower(chosen, answers[item.show_if.item_id].disclosure)
            answers[item.id] = Answer(item.id, values[item.id], _reason(item, values, raw), chosen)
    asked = {item.id for item in shown}
    return tuple(answers.values()), {item_id: refusals[item_id] for item_id in refusals if item_id in asked}


def choose_disclosure(item: Item, asked: str | None, *, may_widen: bool = False) -> Disclosure:
    """Who may read this answer, given what its author asked for.

    A locked item stays locked. Otherwise the author has the item's own disclosure or `coach`; anything wider only
    where `may_widen`. A choice that is missing, unknown or not theirs to make is private to the coach.
    """
    if item.disclosure is Disclosure.LOCKED:
        return Disclosure.LOCKED
    open_to_choice = [Disclosure.COACH, item.disclosure]
    if may_widen:
        open_to_choice += [Disclosure.SESSION, Disclosure.SHARED]
    return Disclosure(asked) if asked in open_to_choice else Disclosure.COACH


def kept_back(answers: Iterable[Answer], item_ids: Collection[str]) -> tuple[Answer, ...]:
    """The same answers, those to these items for the coach alone; what is locked stays locked."""
    return tuple(
        replace(one, disclosure=_narrower(one.disclosure, Disclosure.COACH)) if one.item_id in item_ids else one
        for one in answers
    )


def check_not_held(
    items: Sequence[Item], answers: Iterable[Answer], item_ids: Collection[str], wanted: Disclosure
) -> None:
    """Raise NotAllowed "hangs_on_private" where one of these items hangs on an answer that is narrower than `wanted`.

    That it was asked at all would tell what was answered there.
    """
    standing = {answer.item_id: answer.disclosure for answer in answers}
    if held_by(items, standing, item_ids, wanted) is not None:
        raise NotAllowed("hangs_on_private")


def _narrower(one: Disclosure, other: Disclosure) -> Disclosure:
    order = (Disclosure.LOCKED, Disclosure.COACH, Disclosure.SESSION, Disclosure.SHARED)
    return min(one, other, key=order.index)


def _reason(item: Item, values: Mapping[str, Value], raw: Mapping[str, str]) -> str | None:
    if values[item.id] is not None:
        return None
    is_na = item.may_not_come_up and raw.get(item.id, "").strip() == DID_NOT_COME_UP
    return DID_NOT_COME_UP if is_na else SKIPPED


def _clean_text(item: Item, raw: str) -> str | None:
    text = _STRAY.sub("", _LINE_ENDS.sub("\n", raw)).strip()
    if len(text) > TEXT_LIMIT:
        raise Invalid("too_long", item=item.id, maximum=TEXT_LIMIT)
    return text or None


def _clean_number(item: Item, raw: str) -> int | None:
    if raw == DID_NOT_COME_UP and item.type is ItemType.SCALE:
        if item.may_not_come_up:
            return None
        raise Invalid("na_not_allowed", item=item.id)
    found = re.fullmatch(r"(-?)0*([0-9]+)", raw, re.ASCII)
    if found is None:
        raise Invalid("not_a_number", item=item.id)
    low, high = item.bounds
    # no bound has more digits than this, and Python refuses to read thousands of them
    number = int(found[1] + found[2]) if len(found[2]) <= 12 else high + 1
    if not low <= number <= high:
        raise Invalid("out_of_range", item=item.id, minimum=low, maximum=high)
    return number


def _clean_date(item: Item, raw: str) -> str:
    first, last = YEARS
    try:
        day = date.fromisoformat(raw) if re.fullmatch(r"\d{4}-\d\d-\d\d", raw, re.ASCII) else None
    except ValueError:
        day = None
    if day is None:
        raise Invalid("not_a_date", item=item.id)
    if not first <= day.year <= last:
        raise Invalid("out_of_range", item=item.id, minimum=f"{first}-01-01", maximum=f"{last}-12-31")
    return day.isoformat()
