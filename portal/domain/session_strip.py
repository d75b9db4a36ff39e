"""Before the door: what stands on the coach's screen alone, beside the brief and in none of its copies."""

from dataclasses import dataclass, replace
from datetime import date

from portal.domain import openers, session_opening
from portal.domain.brief import SayLine
from portal.domain.brief_parts import say, sides_of
from portal.domain.people import Label
from portal.domain.session_facts import CoachFacts, StripFacts


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
    """Section 2 on the screen, in full; "nothing flagged" says what was answered, and never "safe"."""

    flags: tuple[StripFlag, ...]
    soft_flags: tuple[tuple[str, int], ...]
    asked_for_a_word: tuple[str, ...]
    holds: bool
    before_the_door: tuple[SayLine, ...]


def build_strip(facts: StripFacts, coach_facts: CoachFacts) -> Strip:
    """What stands before the door, for the coach's screen alone."""
    frame = coach_facts.frame
    opening = replace(
        session_opening.coach_facts(coach_facts),
        open_flag=bool(facts.flags),
        soft_flag_count=facts.soft_flags.a + facts.soft_flags.b,
    )
    sides = sides_of(frame)
    return Strip(
        flags=tuple(
            StripFlag(flag.label, frame.names.of(flag.label), flag.raised_on, flag.safe_way, flag.declines_contact)
            for flag in facts.flags
        ),
        soft_flags=tuple((side.name, count) for side in sides if (count := facts.soft_flags.of(side.label))),
        asked_for_a_word=tuple(side.name for side in sides if facts.asked_for_a_word.of(side.label)),
        holds=facts.holds,
        before_the_door=say(openers.choose(coach_facts.openers, opening, "coach").before_the_door),
    )
