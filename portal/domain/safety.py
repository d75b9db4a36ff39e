"""Safety signals: what a private answer raises, on the coach's side alone."""

from enum import StrEnum

from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType


class SignalKind(StrEnum):
    """A flag, a soft flag ("I would rather not say"), or the wish for a word alone, which is a queue of its own."""

    FLAG = "flag"
    SOFT_FLAG = "soft_flag"
    WORD = "asked_for_a_word"


def is_told_privately(item: Item, answer: Answer) -> bool:
    """Whether a locked answer says something; a run of "No" is never shown as reassurance."""
    says_something = item.signal(answer.value) is not None or _is_in_own_words(item, answer)
    return answer.disclosure is Disclosure.LOCKED and says_something


def _is_in_own_words(item: Item, answer: Answer) -> bool:
    """Such as the safe way and time that its author gave; one word is enough."""
    return item.type is ItemType.TEXT and bool(answer.value)
