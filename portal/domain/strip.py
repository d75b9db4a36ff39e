"""What stands before the door: in full on the coach's screen, and on paper where a practice chose that for its own."""

from dataclasses import dataclass
from datetime import date

from portal.domain.openers import SayLine
from portal.domain.people import Label


@dataclass(frozen=True, slots=True)
class StripFlag:
    """A flag as the screen says it; where its author must not be contacted no way to them is named."""

    label: Label
    name: str
    raised_on: date
    safe_way: str | None
    must_not_contact: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """Section 2 on the screen, in full; "nothing flagged" says what was answered, and never "safe".

    `from_one` names whom all of it comes from and the other, where both sit in the room and one alone wrote it.
    """

    flags: tuple[StripFlag, ...]
    soft_flags: tuple[tuple[str, int], ...]
    asked_for_a_word: tuple[str, ...]
    holds: bool
    before_the_door: tuple[SayLine, ...]
    from_one: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A strip that may be printed: a type of its own, so that one which was not chosen for paper has no way there.

    `is_less` says that more of it stands on the screen.
    """

    strip: Strip
    is_less: bool = False
