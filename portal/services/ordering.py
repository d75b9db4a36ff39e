"""Rows in an order of somebody's own making, numbered from 1 in their column `position`."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from portal.domain.order import moved
from portal.extensions import db


class Placed(Protocol):
    """A row that has a place."""

    position: int


Row = TypeVar("Row", bound=Placed)


def held(rows: Select[Row], row_id: InstrumentedAttribute[UUID]) -> list[Row]:
    """These rows in their order, held until the commit, and read anew; whoever asks holds none of them before.

    They are held in the order of their ids, which stays as it is while others put them in another order: so of two who
    move something at once one waits, and never each for the other.
    """
    in_one_order = rows.order_by(row_id).with_for_update().execution_options(populate_existing=True)
    return sorted(db.session.scalars(in_one_order), key=lambda row: row.position)


def number(rows: Iterable[Placed]) -> None:
    """Number rows as they come. The caller commits."""
    for position, row in enumerate(rows, 1):
        row.position = position


def move(rows: Sequence[Row], row: Row, *, up: bool) -> None:
    """Put one of these rows, which come in their order, a place up or down; at an end it stays. The caller commits."""
    number(moved(rows, rows.index(row), up=up))
