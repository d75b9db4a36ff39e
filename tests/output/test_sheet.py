"""A table as CSV: quoted as it must be, and no cell that a spreadsheet works out."""

import csv
import io

import pytest

from portal.output.sheet import defused, sheet


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_work_out_stands_behind_an_apostrophe(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ines read a form", "1 + 1", "'quoted", "Ana = Ben"])
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert defused(cell) == cell


def test_what_was_put_in_comes_out_again() -> None:
    rows = [["When", "What"], ["2026-11-23", 'Ines, "north"\nof all'], ["", "Übung 💬"]]
    assert list(csv.reader(io.StringIO(sheet(rows).decode(), newline=""))) == rows
