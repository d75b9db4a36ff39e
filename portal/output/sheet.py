"""A table as CSV: rows in, bytes out, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def sheet(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as UTF-8 in the manner of RFC 4180."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
    return written.getvalue().encode()


def defused(cell: str) -> str:
    """The cell as text: behind an apostrophe where a spreadsheet would work out what it says."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell
