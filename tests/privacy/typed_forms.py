"""What is typed into a form in a history: words, values, and for whom each is."""

from collections.abc import Collection
from datetime import date, timedelta
from random import Random

from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType

CANARY = "I lie awake and count the ways out"
WORDS = ("tea", "late", "again", "cold", "the stairs", "Tuesday", "ünsaid", "<b>", "quiet", "💬", "I", "we")


def said(seed: int) -> str:
    """Something in writing: a few words or many, with signs that pages must escape."""
    drawn = Random(seed)  # noqa: S311 - a test's choice
    return f"{CANARY} {' '.join(drawn.choices(WORDS, k=1 + drawn.randrange(30)))}"


def value_of(item: Item, seed: int) -> str:
    """An answer as it is typed; one in six is skipped."""
    drawn = Random(f"{seed} {item.id}")  # noqa: S311 - likewise
    if drawn.randrange(6) == 0:
        return ""
    if item.type is ItemType.TEXT:
        return said(seed) if item.disclosure is not Disclosure.SHARED else f"Thank you for {drawn.choice(WORDS)}"
    if item.type is ItemType.CHOICE:
        return drawn.choice(item.options).value
    if item.type is ItemType.DATE:
        return (date(2026, 11, 1) + timedelta(days=drawn.randrange(60))).isoformat()
    if item.type is ItemType.CHECKBOX:
        return drawn.choice(("yes", ""))
    low, high = item.bounds
    return str(drawn.randint(max(low, 0), min(high, 10)))


def typed(
    items: tuple[Item, ...], shared: int, private: int, *, closed: bool = False, kept: Collection[str] = ()
) -> dict[str, object]:
    """A form as a browser posts it: what may open follows one seed, the private the other.

    `closed`: nothing opens. `kept` will be kept back once it is sent: written as what opens, private as what does not.
    """
    data: dict[str, object] = {"private-shown": "1"}
    for item in items:
        if item.id == "done":  # whether it was done decides which shared questions are asked at all
            data[item.id] = item.options[0].value
            continue
        is_shared = item.disclosure is Disclosure.SHARED
        data[item.id] = value_of(item, shared if is_shared and item.id not in kept else private)
        data[f"{item.id}-disclosure"] = item.disclosure.value
        if closed or (is_shared and item.id not in kept and (shared + len(item.id)) % 7 == 0):
            data[f"{item.id}-disclosure"] = Disclosure.COACH.value
    return data
