"""Addresses and pass phrases: when two addresses are one, and which pass phrases are too easy."""

import re
from collections.abc import Iterable
from datetime import datetime

from portal.domain.errors import Invalid

SHORTEST = 12
LONGEST = 200
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)+")
_EASY = ("password", "passphrase", "123456", "qwerty", "letmein", "iloveyou", "admin", "welcome", "portal")


def same_address(address: str) -> str:
    """The form in which two spellings of one address are equal."""
    return address.strip().casefold()


def check_address(address: str) -> str:
    """The address as typed, trimmed; raises Invalid when no mail could reach it."""
    trimmed = address.strip()
    if len(trimmed) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(trimmed):
        raise Invalid("not_an_address")
    return trimmed


def stays_sealed(reset_at: datetime | None, vouched_at: datetime | None) -> bool:
    """Whether what somebody sent stays closed to them: a mail reset the pass phrase, and the coach has not vouched."""
    return reset_at is not None and (vouched_at is None or vouched_at < reset_at)


def check_passphrase(passphrase: str, names: Iterable[str] = ()) -> None:
    """Raise Invalid for a pass phrase that is too short, too long, or made of little but an easy word or a name."""
    if len(passphrase) < SHORTEST:
        raise Invalid("passphrase_short", shortest=SHORTEST)
    if len(passphrase) > LONGEST:
        raise Invalid("passphrase_long", longest=LONGEST)
    if _is_easy(passphrase, names):
        raise Invalid("passphrase_easy")


def _is_easy(passphrase: str, names: Iterable[str]) -> bool:
    rest = passphrase.casefold()
    for easy in (*_EASY, *_words_of(names)):
        rest = rest.replace(easy, "")
    letters = re.sub(r"[\W\d_]+", "", rest)
    return len(set(rest)) < 5 or len(letters) + len(set(rest)) < 8


def _words_of(names: Iterable[str]) -> list[str]:
    """The names and each word of them, the longest first; a single letter would take too much away."""
    words = {word.casefold() for name in names for word in (name, *name.split()) if len(word) > 1}
    return sorted(words, key=len, reverse=True)
