"""Safety signals: what a private answer raises, on the coach's side alone."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType


class SignalKind(StrEnum):
    """A flag, a soft flag ("I would rather not say"), or the wish for a word alone, which is a queue of its own."""

    FLAG = "flag"
    SOFT_FLAG = "soft_flag"
    WORD = "asked_for_a_word"


class ProtocolStep(IntEnum):
    """What is done about a flag, in this order; each is noted by whoever did it, and the portal decides nothing."""

    READ = 1
    CONTACT = 2
    KEEP_IT_APART = 3
    ASK_ABOUT_DANGER = 4
    HOLD_JOINT_WORK = 5
    REFER = 6
    CONSULT_AND_REVIEW = 7


def not_noted(noted: Iterable[ProtocolStep]) -> tuple[ProtocolStep, ...]:
    """The steps of which nobody has noted anything, in their order."""
    done = set(noted)
    return tuple(step for step in ProtocolStep if step not in done)


def asks_for_a_word(item: Item) -> bool:
    """Whether this is the question of whether its author shall be contacted alone."""
    return SignalKind.WORD in dict(item.raises).values()


def declines_contact(item: Item, answer: Answer) -> bool:
    """Whether its author answered that question with no: nobody contacts them then, whatever else they told."""
    return asks_for_a_word(item) and answer.value is not None and item.signal(answer.value) is None


def is_told_privately(item: Item, answer: Answer) -> bool:
    """Whether a locked answer says something; a run of "No" is never shown as reassurance."""
    says_something = item.signal(answer.value) is not None or _is_in_own_words(item, answer)
    return answer.disclosure is Disclosure.LOCKED and says_something


def _is_in_own_words(item: Item, answer: Answer) -> bool:
    """Such as the safe way and time that its author gave; one word is enough."""
    return item.type is ItemType.TEXT and bool(answer.value)
