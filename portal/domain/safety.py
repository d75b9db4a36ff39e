"""Safety signals: what a private answer raises, on the coach's side alone."""

from enum import StrEnum


class SignalKind(StrEnum):
    """A flag, a soft flag ("I would rather not say"), or the wish for a word alone, which is a queue of its own."""

    FLAG = "flag"
    SOFT_FLAG = "soft_flag"
    WORD = "asked_for_a_word"
