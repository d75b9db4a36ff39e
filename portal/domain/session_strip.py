"""Before the door: what the facts come to for the coach's screen, and what of it a practice's own paper holds."""

from dataclasses import replace

from portal.domain import brief_space, openers, session_opening
from portal.domain.brief_parts import say, sides_of
from portal.domain.people import Label
from portal.domain.session_facts import Both, CoachFacts, StripFacts
from portal.domain.sessions import SessionKind
from portal.domain.strip import OnPaper, Strip, StripFlag


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
        from_one=_from_one(facts, frame.names) if coach_facts.kind is SessionKind.JOINT else None,
    )


def _from_one(facts: StripFacts, names: Both[str]) -> tuple[str, str] | None:
    """Whom every flag comes from, and the other; None where there is none, or both are heard in what stands here."""
    flagged = {flag.label for flag in facts.flags} | {label for label in Label if facts.soft_flags.of(label)}
    heard = flagged | {label for label in Label if facts.asked_for_a_word.of(label)}
    return next(((names.of(label), names.of(label.other)) for label in flagged if len(heard) == 1), None)


def on_paper(strip: Strip) -> OnPaper:
    """The strip as far as it goes on a page: the latest flags, and of a safe way as much as its place allows."""
    latest = sorted(strip.flags, key=lambda flag: flag.raised_on, reverse=True)[: brief_space.FLAGS]
    ways = [brief_space.cut(flag.safe_way, brief_space.SAFE_WAY) for flag in latest]
    flags = tuple(replace(flag, safe_way=way) for flag, (way, _) in zip(latest, ways, strict=True))
    is_less = len(strip.flags) > len(flags) or any(was_cut for _, was_cut in ways)
    return OnPaper(replace(strip, flags=flags), is_less)
