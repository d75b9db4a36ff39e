"""How the work with two people ends: a check-in in full that looks back, and what both want to keep."""

from collections.abc import Mapping
from typing import Any

from portal.domain.disclosure import Disclosure
from portal.domain.documents import Document, items_of
from portal.domain.items import WITHOUT_WAITING, Item, ItemType

KEEPSAKE = "passage.keepsake"  # the slug of the form
CLOSING = "closing-check-in"  # what the document of a closing check-in is called; its entry is the check-in
NEXT_TIME = "t2"  # what somebody would like from the next session: there is none after this
GRATITUDE = "gratitude"  # the step whose exercises are about thanks


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


def is_closing(document: Mapping[str, Any]) -> bool:
    """Whether a version of the check-in is the one that is asked at the end."""
    return document.get("slug") == CLOSING
