"""Pass phrases that were breached elsewhere: looked for in the operator's sorted file, of which little is ever read."""

import hashlib
from pathlib import Path
from typing import BinaryIO

HEX_DIGITS = 40


def is_breached(passphrase: str, file: Path | None) -> bool:
    """Whether the file holds this pass phrase: SHA-1 in hexadecimal, one a line, sorted; what follows it is let be."""
    if file is None:
        return False
    wanted = hashlib.sha1(passphrase.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        return _holds(lines, wanted, file.stat().st_size)


def _holds(lines: BinaryIO, wanted: bytes, size: int) -> bool:
    """Halve the file until one line is left; the line that begins at or after a place stands for the place."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        found = _line_from(lines, middle)
        if found == wanted:
            return True
        if found and found < wanted:
            low = middle + 1
        else:
            high = middle
    return _line_from(lines, low) == wanted


def _line_from(lines: BinaryIO, place: int) -> bytes:
    """The hash on the first line that begins at `place` or later; nothing at the end."""
    lines.seek(max(place - 1, 0))
    if place:
        lines.readline()
    return lines.readline()[:HEX_DIGITS].upper()
