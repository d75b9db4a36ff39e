"""A practice's own texts: their kinds, how one is read in paragraphs, and what differs between two versions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from portal.domain.errors import Invalid

LONGEST_TEXT = 20_000
LONGEST_LINE = 600
PLACES = ("coach", "hours", "practice")
_BRACES = re.compile(r"\{([a-z_]{1,30})\}")


class TextKind(StrEnum):
    """What a text is for; the word stands in addresses, and in the table."""

    CONSENT = "consent"
    HELP_NOW = "help-now"
    WHO_READS_WHEN = "who-reads-when"
    PRIVATE_QUESTIONS = "private-questions"
    AFTER_SENDING = "after-sending"
    LEAVE = "leave"
    PRIVACY = "privacy"
    IMPRINT = "imprint"
    TERMS = "terms"

    @property
    def is_notice(self) -> bool:
        """Has a page of its own, and is there only where the practice wrote it."""
        return self in NOTICES

    @property
    def longest(self) -> int:
        """How many characters it may have: what stands on other pages is a few sentences."""
        return LONGEST_TEXT if self.is_notice or self is TextKind.CONSENT else LONGEST_LINE


NOTICES = (TextKind.PRIVACY, TextKind.IMPRINT, TextKind.TERMS)


def in_addresses(kinds: Iterable[TextKind]) -> str:
    """The place of a kind in an address, where it can be one of these alone."""
    return f"<any({', '.join(repr(kind.value) for kind in kinds)}):kind>"


class BlockKind(StrEnum):
    """What one piece of a text is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    POINT = "point"


_MARKS = {"# ": BlockKind.HEADING, "- ": BlockKind.POINT}


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a text; `is_new` where it is compared with an earlier version that lacks it."""

    kind: BlockKind
    words: str
    is_new: bool = False


def tidy(typed: str) -> str:
    """A text as it is kept: one kind of line end, no spaces at ends of lines, one blank line between paragraphs."""
    lines = [line.rstrip() for line in typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def check_body(kind: TextKind, body: str) -> None:
    """Raise Invalid for a text that cannot be published; a notice may be empty, which takes it off every page."""
    if not body.strip() and not kind.is_notice:
        raise Invalid("text_missing")
    if len(body) > kind.longest:
        raise Invalid("too_long", maximum=kind.longest)


def fill(body: str, places: Mapping[str, str]) -> str:
    """The text with `{coach}`, `{hours}` and `{practice}` filled in; nothing else in it is interpreted."""
    parts = body.split("{")
    return parts[0] + "".join(_filled(part, places) for part in parts[1:])


def unfilled(kind: TextKind, body: str) -> tuple[str, ...]:
    """Words in braces that no page fills in, such as a misspelt place; in a notice nothing is filled in."""
    places = () if kind.is_notice else PLACES
    return tuple(dict.fromkeys(found[0] for found in _BRACES.finditer(body) if found[1] not in places))


def _filled(part: str, places: Mapping[str, str]) -> str:
    """What follows a brace: a place and the rest, or just a brace; what is filled in is never looked at again."""
    name, closed, rest = part.partition("}")
    return places[name] + rest if closed and name in PLACES and name in places else "{" + part


@lru_cache(maxsize=256)  # the few texts that a practice has stand on every page of its people
def blocks(body: str) -> tuple[Block, ...]:
    """A text as headings, points and paragraphs; lines that follow each other are one paragraph."""
    found: list[Block] = []
    goes_on = False
    for line in body.split("\n"):
        kind = _MARKS.get(line[:2])
        if kind is not None:
            found.append(Block(kind, line[2:].strip()))
        elif line.strip() and goes_on:
            found[-1] = Block(BlockKind.PARAGRAPH, f"{found[-1].words} {line.strip()}")
        elif line.strip():
            found.append(Block(BlockKind.PARAGRAPH, line.strip()))
        goes_on = bool(line.strip()) and kind is None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Changes:
    """A text beside an earlier one: its pieces, the new ones marked, and the earlier pieces that no longer stand."""

    blocks: tuple[Block, ...]
    gone: tuple[Block, ...]

    @property
    def are_none(self) -> bool:
        return not self.gone and not any(block.is_new for block in self.blocks)


def compare(earlier: Iterable[Block], now: Iterable[Block]) -> Changes:
    """Mark what is new and tell what went; a piece that only moved counts as neither."""
    before, after = tuple(earlier), tuple(now)
    known, kept = {block.words for block in before}, {block.words for block in after}
    return Changes(
        tuple(Block(block.kind, block.words, block.words not in known) for block in after),
        tuple(block for block in before if block.words not in kept),
    )
