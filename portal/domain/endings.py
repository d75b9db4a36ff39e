"""How the work with two people ends: a check-in in full that looks back, and what both want to keep."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portal.domain.disclosure import Disclosure
from portal.domain.documents import Document, items_of
from portal.domain.erasure import months_after
from portal.domain.items import WITHOUT_WAITING, Item, ItemType

KEEPSAKE = "passage.keepsake"  # the slug of the form
LATER = "later-check-in"  # likewise of one some months after the end
CLOSING = "closing-check-in"  # what the document of a closing check-in is called; its entry is the check-in
NEXT_TIME = "t2"  # what somebody would like from the next session: there is none after this
GRATITUDE = "gratitude"  # the step whose exercises are about thanks
LATER_OPEN_FOR = 14  # days


class Later(StrEnum):
    """When somebody wants to be asked once more after the end of the work; each chooses alone."""

    ONE = "one"
    THREE = "three"
    BOTH = "both"

    @property
    def months(self) -> tuple[int, ...]:
        """After how many months."""
        return {Later.ONE: (1,), Later.THREE: (3,)}.get(self, (1, 3))


def due_later(chosen: Later, given: int, ended_on: date, today: date) -> int | None:
    """The check-in that is due: after how many months; None where none is.

    `given` is that of the last one that went out, 0 for none. Of two that are due the later one counts.
    """
    due = [months for months in chosen.months if months > given and months_after(ended_on, months) <= today]
    return max(due, default=None)


def offered_later(ended_on: date, today: date) -> tuple[Later, ...]:
    """What can be chosen still: nothing of which a day is over."""
    return tuple(one for one in Later if all(months_after(ended_on, months) > today for months in one.months))


def last_later_on(chosen: Iterable[tuple[Later, date]]) -> date | None:
    """The day of the last check-in of those that were chosen, each with the day on which the work ended."""
    return max((months_after(ended_on, one.months[-1]) for one, ended_on in chosen), default=None)


def later_document(check_in: Document, added: Mapping[str, Any]) -> Document:
    """The practice's check-in as one partner alone is asked some time after the end: for the coach, and nobody else.

    `added` is the entry of `content/passages.yaml`. What was for the other, or for a next session, is left out.
    """
    gone = {item["id"] for item in check_in["items"] if item["disclosure"] == Disclosure.SHARED} | {NEXT_TIME}
    for item in check_in["items"]:  # what hangs on another stands after it
        if (item.get("show_if") or "").split(" ")[0] in gone:
            gone.add(item["id"])
    kept = [_for_coach(_always(item)) for item in check_in["items"] if item["id"] not in gone]
    own = items_of(added["fields"])
    locked = {item["id"] for item in kept if item["disclosure"] == Disclosure.LOCKED}
    private = [screen for screen in check_in["screens"] if locked.issuperset(screen["items"])]
    rest = locked - {item_id for screen in private for item_id in screen["items"]}
    open_ids = [item["id"] for item in [*kept, *own] if item["id"] not in locked or item["id"] in rest]
    return check_in | {
        "slug": LATER,
        **{name: added[name] for name in ("title", "purpose", "minutes")},
        "items": [*kept, *own],
        "screens": [{"title": added["screen"], "items": open_ids}, *private] if check_in["screens"] else [],
    }


def _for_coach(item: Document) -> Document:
    is_locked = item["disclosure"] == Disclosure.LOCKED
    told = {name: part for name, part in item.items() if name != "opens"}
    return told if is_locked else told | {"disclosure": Disclosure.COACH.value}


def closing_document(check_in: Document, added: Mapping[str, Any]) -> Document:
    """The practice's check-in as it is asked at the end: every question at once, and those that look back.

    `check_in` is the document of a version, `added` the entry of `content/passages.yaml`. What asks for a next session
    is left out.
    """
    looks_back = items_of(added["fields"])
    kept = [_always(item) for item in check_in["items"] if item["id"] != NEXT_TIME]
    screens = [_without(screen, NEXT_TIME) for screen in check_in["screens"]]
    own = {"title": added["screen"], "items": [item["id"] for item in looks_back]}
    locked = {item["id"] for item in kept if item["disclosure"] == Disclosure.LOCKED}
    last = [screen for screen in screens if locked.issuperset(screen["items"])]  # the private questions stay last
    return check_in | {
        "slug": CLOSING,
        **{name: added[name] for name in ("title", "purpose", "minutes")},
        "items": [*kept, *looks_back],
        "screens": [*(one for one in screens if one not in last), own, *(one for one in last if one["items"])],
    }


def _always(item: Document) -> Document:
    return {name: part for name, part in item.items() if name != "when"}


def _without(screen: Document, item_id: str) -> Document:
    return screen | {"items": [one for one in screen["items"] if one != item_id]}


def is_thanks(step: str | None, item: Item) -> bool:
    """Whether a question asks for something that its author was glad of, to be read by the other."""
    return item.type is ItemType.TEXT and (item.opens == WITHOUT_WAITING or step == GRATITUDE)


def is_of_the_end(document: Mapping[str, Any]) -> bool:
    """Whether a version of the check-in was written for the end, or for after it: no weekly one goes on with it."""
    return document.get("slug") in (CLOSING, LATER)


def is_closing(document: Mapping[str, Any]) -> bool:
    """Whether a version of the check-in is the one that is asked at the end."""
    return document.get("slug") == CLOSING
