"""Names at the door and pass phrases: when two names are one, how long failures wait, which phrases are too easy."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.domain.errors import Invalid

SHORTEST = 12
LONGEST = 200
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)+")
_USER_NAME = re.compile(r"[\w][\w.-]{1,38}[\w]")
_EASY = ("password", "passphrase", "123456", "qwerty", "letmein", "iloveyou", "admin", "welcome", "portal")
FREE_FAILURES = 3
NO_PASSPHRASE = "-"  # noqa: S105 - what stands where a hash would: no pass phrase has it
LONGEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT_FOR_CODE = timedelta(minutes=15)  # a code has a million values: at a hundred a day it is not found
FORGOTTEN_AFTER = timedelta(hours=1)


def same_address(address: str) -> str:
    """The form in which two spellings of one address, or of one user name, are equal."""
    return address.strip().casefold()


def check_address(address: str) -> str:
    """The address as typed, trimmed; raises Invalid when no mail could reach it."""
    trimmed = address.strip()
    if len(trimmed) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(trimmed):
        raise Invalid("not_an_address")
    return trimmed


def check_user_name(name: str) -> str:
    """The user name as typed, trimmed: 3 to 40 letters, digits, dots, hyphens: never an address. Raises Invalid."""
    trimmed = name.strip()
    if not _USER_NAME.fullmatch(trimmed):
        raise Invalid("not_a_user_name")
    return trimmed


def waiting_time(failures: int, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long a name waits after its last failure: not at all for the first three, then 1, 2, 4 ... at most 30 s."""
    if failures <= FREE_FAILURES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES - 1, 10)), longest)


def still_waiting(failures: int, last_at: datetime, now: datetime, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """What is left of the waiting time; nothing where there is none, or where the failures are forgotten.

    `last_at` may be a moment after `now`, when somebody read the clock later and came first: nobody waits for that.
    """
    whole = waiting_time(failures, longest)
    if not whole or now - last_at >= FORGOTTEN_AFTER:
        return timedelta()
    return max(last_at + whole - now, timedelta())


def stays_sealed(reset_at: datetime | None, vouched_at: datetime | None) -> bool:
    """Whether what somebody sent stays closed to them: a mail reset the pass phrase, and the coach has not vouched."""
    return reset_at is not None and (vouched_at is None or vouched_at < reset_at)


def check_passphrase(passphrase: str, names: Iterable[str] = (), easy: Iterable[str] = ()) -> None:
    """Raise Invalid for a pass phrase that is too short, too long, or made of little but easy words and names.

    `easy` are words and patterns in lower case that everybody tries first.
    """
    if len(passphrase) < SHORTEST:
        raise Invalid("passphrase_short", shortest=SHORTEST)
    if len(passphrase) > LONGEST:
        raise Invalid("passphrase_long", longest=LONGEST)
    if _is_easy(passphrase, names, easy):
        raise Invalid("passphrase_easy")


def _is_easy(passphrase: str, names: Iterable[str], easy: Iterable[str]) -> bool:
    rest = passphrase.casefold()
    for word in (*sorted({*_EASY, *easy}, key=len, reverse=True), *_words_of(names)):
        rest = rest.replace(word, "")
    letters = re.sub(r"[\W\d_]+", "", rest)
    return len(set(rest)) < 5 or len(letters) + len(set(rest)) < 8


def _words_of(names: Iterable[str]) -> list[str]:
    """The names and each word of them, the longest first; a single letter would take too much away."""
    words = {word.casefold() for name in names for word in (name, *name.split()) if len(word) > 1}
    return sorted(words, key=len, reverse=True)
