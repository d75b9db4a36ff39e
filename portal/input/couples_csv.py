"""Reads couples that are to be invited from a table: CSV in UTF-8, one row a couple, every fault named by its cell.

Columns, in any order: name_a, address_a, name_b, address_b. Cells are parted by commas, or by semicolons as some
spreadsheets write them.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NoReturn

from portal.domain.accounts import check_address, same_address
from portal.domain.errors import Invalid
from portal.domain.imported import MOST_BYTES
from portal.domain.invited import COLUMNS, LONGEST_NAME, MOST_COUPLES, Fault, PairsRead, PairToInvite

ADDRESSES = ("address_a", "address_b")


def pairs(data: bytes) -> PairsRead:
    """The couples of the table, and what is wrong with any of its cells.

    Raises Invalid("csv_...") with `row` (the line in the file, from 1) where it is no such table at all: too large, no
    UTF-8, unreadable, other columns, no row, too many rows.
    """
    header, *rows = _rows(data)
    columns = tuple(cell.strip().casefold() for cell in header[1])
    if sorted(columns) != sorted(COLUMNS):
        _refuse("other_columns", header[0], wanted=", ".join(COLUMNS))
    if not rows:
        _refuse("empty", header[0])
    if len(rows) > MOST_COUPLES:
        _refuse("too_many_rows", rows[MOST_COUPLES][0], most=MOST_COUPLES)
    found: list[PairToInvite] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        if len(cells) != len(columns):
            faults.append(Fault(line, columns[min(len(cells), len(columns) - 1)], "number_of_cells"))
            continue
        pair = PairToInvite(line, **{name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
        found.append(pair)
        faults += _faults(pair, seen)
    return PairsRead(tuple(found), tuple(faults))


def text_of(read: PairsRead) -> str:
    """The same couples as a table again, to be read once more: without empty rows, the columns in their own order."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(pair, name) for name in COLUMNS] for pair in read.pairs)
    return written.getvalue()


def _refuse(rule: str, row: int, **params: object) -> NoReturn:
    raise Invalid(f"csv_{rule}", row=row, **params)


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    """The rows in which something stands, each with its line; the first of them says what the columns are."""
    if len(data) > MOST_BYTES:
        _refuse("too_large", 1, most=MOST_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        _refuse("not_utf8", data.count(b"\n", 0, fault.start) + 1)
    first = text.lstrip().partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error:
        _refuse("unreadable", reader.line_num)
    if not rows:
        _refuse("empty", 1)
    return rows


def _faults(pair: PairToInvite, seen: dict[str, int]) -> Iterator[Fault]:
    """What is wrong with a row, by itself and beside those before it, whose addresses are `seen`."""
    for column in COLUMNS:
        rule = _rule_broken(column, getattr(pair, column))
        if rule:
            yield Fault(pair.row, column, rule)
    a, b = (same_address(getattr(pair, column)) for column in ADDRESSES)
    if a and a == b:
        yield Fault(pair.row, "address_b", "one_address_for_both")
    yield from _doubled(pair, ((ADDRESSES[0], a),) if a == b else ((ADDRESSES[0], a), (ADDRESSES[1], b)), seen)


def _doubled(pair: PairToInvite, addresses: Sequence[tuple[str, str]], seen: dict[str, int]) -> Iterator[Fault]:
    for column, address in addresses:
        if address and address in seen:
            yield Fault(pair.row, column, "address_doubled", seen[address])
        seen.setdefault(address, pair.row)


def _rule_broken(column: str, cell: str) -> str | None:
    """Why a cell cannot be taken; None where it can."""
    if not cell:
        return "cell_empty"
    if not cell.isprintable():
        return "text_unfit"
    if column in ADDRESSES:
        try:
            check_address(cell)
        except Invalid:
            return "not_an_address"
        return None
    return "name_too_long" if len(cell) > LONGEST_NAME else None
