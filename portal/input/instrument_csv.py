"""Reads a measure from a table: CSV in UTF-8, one row for each option, all of it or nothing.

Columns: instrument_id, version, link_id, position, item_text, option_code, option_label, points, subscale, reverse,
loinc. Rows of one item stand together. A printed form may show its options in mixed directions: who brings the table
has to say whether `points` are as printed on the form or position numbers, and only the latter are turned round.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NoReturn, TypeAlias

from portal.domain.errors import Invalid
from portal.domain.imported import (
    LARGEST,
    MOST_BYTES,
    MOST_ITEMS,
    MOST_OF_AN_ITEM,
    Code,
    ImportedItem,
    ImportedOption,
    ImportedQuestionnaire,
    ImportedType,
)
from portal.domain.measure_scores import Coding

COLUMNS = (
    "instrument_id", "version", "link_id", "position", "item_text", "option_code", "option_label", "points",
    "subscale", "reverse", "loinc",
)  # fmt: skip
LOINC = "http://loinc.org"
_MAY_BE_EMPTY = ("version", "subscale", "reverse", "loinc")
_OF_ITEM = ("position", "item_text", "subscale", "reverse", "loinc")  # the same in each row of an item
_OF_ALL = ("instrument_id", "version")
_UNFIT = re.compile(r"[\x00-\x1f\x7f]")
_POINTS = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,6})?")
_POSITION = re.compile(r"[1-9][0-9]{0,2}")
_LOINC = re.compile(r"[A-Z0-9]{1,8}-[0-9]")
_YES_OR_NO = {"": False, "0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}

Row: TypeAlias = dict[str, str]
Numbered: TypeAlias = tuple[int, Row]  # the line of the file that the row ends on, from 1


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """The questionnaire with the points that count, and the link ids of each named subscale in the form's order."""

    instrument_id: str
    questionnaire: ImportedQuestionnaire
    subscales: dict[str, tuple[str, ...]]
    turned: tuple[str, ...] = ()  # the link ids whose position numbers were turned round


def table(data: bytes, coding: Coding) -> ImportedTable:
    """The measure of the table; items in the order of their positions.

    Raises Invalid("csv_...") with `row` (the line in the file, from 1) and `column`: too large, no UTF-8, other
    columns, an empty or unfit cell, a position or an option given twice, an item whose rows differ, and `reverse` of
    an item whose points are as printed: they are never turned round a second time.
    """
    rows = _rows(data)
    _check_same(rows, _OF_ALL)
    found = sorted((_item(group, coding) for group in _groups(rows)), key=lambda entry: entry[0])
    if len(found) > MOST_ITEMS:
        _refuse("too_many_items", rows[-1][0], "link_id", most=MOST_ITEMS)
    subscales: dict[str, tuple[str, ...]] = {}
    for _position, subscale, item in found:
        if subscale:
            subscales[subscale] = (*subscales.get(subscale, ()), item.link_id)
    first = rows[0][1]
    items = tuple(item for _position, _subscale, item in found)
    reverse = {row["link_id"] for _line, row in rows if _YES_OR_NO[row["reverse"].lower()]}
    return ImportedTable(
        first["instrument_id"],
        ImportedQuestionnaire(items, version=first["version"] or None),
        subscales,
        tuple(item.link_id for item in items if item.link_id in reverse),
    )


def _refuse(rule: str, row: int, column: str, **params: object) -> NoReturn:
    raise Invalid(f"csv_{rule}", row=row, column=column, **params)


def _rows(data: bytes) -> list[Numbered]:
    if len(data) > MOST_BYTES:
        _refuse("too_large", 1, "", most=MOST_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        _refuse("not_utf8", data.count(b"\n", 0, fault.start) + 1, "")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error:
        _refuse("unreadable", reader.line_num, "")
    if not rows or tuple(cell.strip() for cell in rows[0][1]) != COLUMNS:
        _refuse("other_columns", 1, "", wanted=",".join(COLUMNS))
    if len(rows) == 1:
        _refuse("empty", 1, "")
    return [(line, _row(line, cells)) for line, cells in rows[1:]]


def _row(line: int, cells: Sequence[str]) -> Row:
    if len(cells) != len(COLUMNS):
        _refuse("number_of_cells", line, COLUMNS[min(len(cells), len(COLUMNS) - 1)])
    row = {column: cell.strip() for column, cell in zip(COLUMNS, cells, strict=True)}
    for column, cell in row.items():
        if _UNFIT.search(cell):
            _refuse("text_unfit", line, column)
        if not cell and column not in _MAY_BE_EMPTY:
            _refuse("cell_empty", line, column)
    return row


def _groups(rows: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """The rows of each item; no link id and no position comes twice."""
    seen: set[tuple[str, str]] = set()
    for link_id, group in groupby(rows, key=lambda numbered: numbered[1]["link_id"]):
        of_item = list(group)
        line, first = of_item[0]
        for column in ("link_id", "position"):
            value = (column, link_id if column == "link_id" else first["position"])
            if value in seen:
                _refuse("doubled", line, column)
            seen.add(value)
        yield of_item


def _check_same(rows: Sequence[Numbered], columns: Sequence[str]) -> None:
    _line, first = rows[0]
    for line, row in rows[1:]:
        for column in columns:
            if row[column] != first[column]:
                _refuse("rows_differ", line, column)


def _item(rows: Sequence[Numbered], coding: Coding) -> tuple[int, str, ImportedItem]:
    """Its position, the name of its subscale or nothing, and the item itself."""
    _check_same(rows, _OF_ITEM)
    line, first = rows[0]
    reverse = _YES_OR_NO.get(first["reverse"].lower())
    if reverse is None:
        _refuse("no_yes_or_no", line, "reverse")
    if reverse and coding is Coding.POINTS:
        _refuse("reverse_of_points", line, "reverse")
    if not _POSITION.fullmatch(first["position"]):
        _refuse("no_position", line, "position")
    if first["loinc"] and not _LOINC.fullmatch(first["loinc"]):
        _refuse("no_loinc", line, "loinc")
    item = ImportedItem(
        link_id=first["link_id"],
        type=ImportedType.CHOICE,
        text=first["item_text"],
        codes=(Code(first["loinc"], system=LOINC),) if first["loinc"] else (),
        options=_options(rows, reverse),
    )
    return int(first["position"]), first["subscale"], item


def _options(rows: Sequence[Numbered], reverse: bool) -> tuple[ImportedOption, ...]:
    """With the points that count: where they are turned round, by the least and the greatest of the item."""
    if len(rows) == 1:
        _refuse("one_option", rows[0][0], "option_code")
    if len(rows) > MOST_OF_AN_ITEM:
        _refuse("too_many_options", rows[-1][0], "option_code", most=MOST_OF_AN_ITEM)
    points = [_points(line, row) for line, row in rows]
    ends = min(points) + max(points)
    codes = [row["option_code"] for _line, row in rows]
    for n, (line, row) in enumerate(rows):
        if row["option_code"] in codes[:n]:
            _refuse("doubled", line, "option_code")
    return tuple(
        ImportedOption(row["option_code"], row["option_label"], weight=ends - value if reverse else value)
        for (_line, row), value in zip(rows, points, strict=True)
    )


def _points(line: int, row: Row) -> Decimal:
    if not _POINTS.fullmatch(row["points"]) or abs(Decimal(row["points"])) > LARGEST:
        _refuse("no_points", line, "points")
    return Decimal(row["points"])
