"""An order of somebody's own making: by two buttons, one thing changes places with what stands before or behind it."""

from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def moved(order: Sequence[Thing], place: int, *, up: bool) -> list[Thing]:
    """The same things with the one at `place` (from 0) a place further up or down; at an end, all as they were."""
    found = list(order)
    other = place - 1 if up else place + 1
    if 0 <= other < len(found):
        found[place], found[other] = found[other], found[place]
    return found
