"""What people wrote, made fit for a page: no text may break the layout, hide its direction, or print as nothing."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

COVERED = Path(__file__).parent.parent / "static" / "fonts" / "covered.txt"
LONGEST_RUN = 20
MARKS_IN_A_ROW = 3
BREAK = "\u200b"
UNPRINTABLE = "[?]"

# controls, directional marks and overrides, joiners, tags, selectors: nothing that is read
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_LONG_RUN = re.compile(rf"\S{{{LONGEST_RUN}}}(?=\S)")

Value = TypeVar("Value")


def tidy(text: str) -> str:
    """Composed, without invisible signs, marks piled at most three high, long runs given places to break."""
    return _with_breaks(_seen(text))


def _seen(text: str) -> str:
    return _pile(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def _with_breaks(text: str) -> str:
    return _LONG_RUN.sub(lambda run: run.group() + BREAK, text)


def _pile(text: str) -> str:
    out, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= MARKS_IN_A_ROW:
            out.append(letter)
    return "".join(out)


class Printer:
    """Tidies texts for the fonts of the paper: what they have no glyph for becomes [?], and is counted."""

    def __init__(self) -> None:
        self.unprintable = 0

    def __call__(self, text: str) -> str:
        return _with_breaks(_uncovered().sub(self._replace, _seen(text)))

    def _replace(self, run: "re.Match[str]") -> str:
        self.unprintable += len(run.group())
        return UNPRINTABLE


@cache
def _uncovered() -> "re.Pattern[str]":
    """Runs of code points that none of the paper's fonts can print, by the list that was made with the fonts."""
    ranges = (line.split("-") for line in COVERED.read_text(encoding="ascii").split())
    return re.compile("[^" + "".join(f"\\U{int(a, 16):08x}-\\U{int(b, 16):08x}" for a, b in ranges) + "\n]+")


def each_text(value: Value, change: Callable[[str], str]) -> Value:
    """The same tree of frozen dataclasses and tuples with every text changed; codes, numbers and dates stay."""
    changed: Any = value
    if isinstance(value, Enum | date):
        return value
    if isinstance(value, str):
        changed = change(value)
    elif isinstance(value, tuple):
        changed = tuple(each_text(part, change) for part in value)
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: each_text(getattr(value, field.name), change) for field in fields(value)}
        changed = replace(value, **parts)
    return changed  # type: ignore[no-any-return]  # what goes in comes out
