"""Rows in an order of somebody's own making, numbered from 1 in their column `position`."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from portal.domain.order import moved


class Placed(Protocol):
    """A row that has a place."""

    position: int


Row = TypeVar("Row", bound=Placed)


def number(rows: Iterable[Placed]) -> None:
    """Number rows as they come. The caller commits."""
    for position, row in enumerate(rows, 1):
        row.position = position


def move(rows: Sequence[Row], row: Row, *, up: bool) -> None:
    """Put one of these rows, which come in their order, a place up or down; at an end it stays. The caller commits."""
    number(moved(rows, rows.index(row), up=up))
