"""Couples that are to be invited together: what is said of each, and what is wrong with a row of their table."""

from dataclasses import dataclass

MOST_COUPLES = 200  # in one file: more would keep everybody else waiting
COLUMNS = ("name_a", "address_a", "name_b", "address_b")
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class PairToInvite:
    """One row: two names and two addresses; `row` is its line in the file, from 1."""

    row: int
    name_a: str
    address_a: str
    name_b: str
    address_b: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: `rule` names it, `other_row` is where the same address stands already."""

    row: int
    column: str
    rule: str
    other_row: int | None = None


@dataclass(frozen=True, slots=True)
class PairsRead:
    """What was read of a table: its rows in order, and every fault in them; with one fault nobody is invited."""

    pairs: tuple[PairToInvite, ...]
    faults: tuple[Fault, ...] = ()
