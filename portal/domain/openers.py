"""What a coach may say first: which openers fit the facts of a session, and which small step could come next."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.domain.change import Change, ChangeLabel
from portal.domain.errors import Invalid
from portal.domain.pairs import ConvergenceKind

SAID_AT_MOST = 3
ALTERNATIVES = 2
HIGH, LOW = 7, 3  # on a scale of 0 to 10
UNNOTICED = 30.0  # points
SILENT_PERIODS = 2
SOFT_FLAGS = 3
OTHERWISE = "o20"
BEFORE_THE_DOOR, SAY = "before_the_door", "say"


@dataclass(frozen=True, slots=True)
class SayLine:
    """A line of `openers.yaml`, by its id, in the practice's wording."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Opener:
    """A line of the library; `copy` says whether it may stand on the joint copy too, `when` documents its condition."""

    id: str
    text: str
    copy: str  # coach | joint
    kind: str  # say | before_the_door
    strength: bool = False
    when: str = ""


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """One partner's side of the facts; whatever is not known stays None (or False).

    `ease` (the signs turned round), `total` and `benefits` are judged changes; s2, s3, s4, p5 (0 to 10) are of the
    latest check-in; `attunement` is the own steps score minus the partner's n1, in points. `homework` is done,
    partly, not_this_time, or open where nothing has come in; None where none was set.
    """

    wants: bool = False  # t2
    appreciation: bool = False  # t1
    ease: Change | None = None
    total: Change | None = None
    benefits: Change | None = None
    s2: int | None = None
    s3: int | None = None
    s4: int | None = None
    p5: int | None = None
    attunement: float | None = None
    homework: str | None = None
    periods_without_check_in: int = 0

    @property
    def is_down(self) -> bool:
        """Signs or total fell by more than the usual ups and downs, twice in a row."""
        changes = [change for change in (self.ease, self.total) if change is not None]
        return any(change.label is ChangeLabel.DOWN and change.confirmed for change in changes)

    @property
    def tried(self) -> bool:
        """Did the homework, in part at least."""
        return self.homework in ("done", "partly")


@dataclass(frozen=True, slots=True)
class OpenerFacts:
    """What openers are chosen by. For the joint copy every field comes from what both may read."""

    a: PartnerFacts
    b: PartnerFacts
    open_flag: bool = False
    soft_flag_count: int = 0
    shared_gap_notable: bool = False
    convergence: ConvergenceKind | None = None

    @property
    def both(self) -> tuple[PartnerFacts, PartnerFacts]:
        return self.a, self.b


@dataclass(frozen=True, slots=True)
class Chosen:
    """Openers to say, three at most; and the lines for the coach's screen before the door."""

    say: tuple[Opener, ...]
    before_the_door: tuple[Opener, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryExercise:
    """An exercise that could be proposed."""

    slug: str
    step: str
    title: str
    minutes: int
    audience: str


class StepReason(StrEnum):
    """Why this step: both put it lowest, or it is the one the couple is at."""

    BOTH_LOWEST = "both_lowest"
    CURRENT_STEP = "current_step"


@dataclass(frozen=True, slots=True)
class NextStep:
    """One small step and up to two others; `exercise` is None where nothing of the library is left to propose."""

    exercise: LibraryExercise | None
    alternatives: tuple[LibraryExercise, ...]
    reason: StepReason


def _homework_set_for_both(facts: OpenerFacts) -> bool:
    return all(partner.homework is not None for partner in facts.both)


def _down(facts: OpenerFacts) -> int:
    return sum(partner.is_down for partner in facts.both)


def _tried(facts: OpenerFacts) -> int:
    return sum(partner.tried for partner in facts.both)


def _high(value: int | None) -> bool:
    return value is not None and value >= HIGH


def _benefits_up(partner: PartnerFacts) -> bool:
    return partner.benefits is not None and partner.benefits.label is ChangeLabel.UP


def _unnoticed(partner: PartnerFacts) -> bool:
    return partner.attunement is not None and partner.attunement >= UNNOTICED


CONDITIONS: Mapping[str, Callable[[OpenerFacts], bool]] = {
    "o01": lambda facts: facts.open_flag,
    "o02": lambda facts: facts.soft_flag_count >= SOFT_FLAGS,
    "o03": lambda facts: not facts.a.wants and not facts.b.wants,
    "o04": lambda facts: facts.a.wants and facts.b.wants,
    "o05": lambda facts: _down(facts) == 1,
    "o06": lambda facts: _down(facts) == 2,
    "o07": lambda facts: any(_benefits_up(partner) for partner in facts.both),
    "o08": lambda facts: facts.shared_gap_notable,
    "o09": lambda facts: any(_unnoticed(partner) for partner in facts.both),
    "o10": lambda facts: any(_high(partner.s3) for partner in facts.both),
    "o11": lambda facts: any(_high(partner.s4) for partner in facts.both),
    "o12": lambda facts: all(_high(partner.s2) for partner in facts.both),
    "o13": lambda facts: all(partner.p5 is not None and partner.p5 <= LOW for partner in facts.both),
    "o14": lambda facts: _homework_set_for_both(facts) and _tried(facts) == 0,
    "o15": lambda facts: _homework_set_for_both(facts) and _tried(facts) == 1,
    "o16": lambda facts: _tried(facts) == 2,
    "o17": lambda facts: all(partner.appreciation for partner in facts.both),
    "o18": lambda facts: any(partner.periods_without_check_in >= SILENT_PERIODS for partner in facts.both),
    "o19": lambda facts: facts.convergence is ConvergenceKind.CLOSER_AND_HIGHER,
    OTHERWISE: lambda _facts: False,  # stands in where nothing else is to be said
}


def openers_from_document(document: Mapping[str, Any]) -> tuple[Opener, ...]:
    """Read the library of openers, in its order. Raises Invalid, with the id, where one has no condition here."""
    openers = tuple(
        Opener(
            id=entry["id"],
            text=entry["text"],
            copy=entry["copy"],
            kind=entry["kind"],
            strength=bool(entry.get("strength")),
            when=entry.get("when", ""),
        )
        for entry in document["openers"]
    )
    for opener in openers:
        if opener.id not in CONDITIONS:
            raise Invalid("opener_unknown", opener=opener.id)
        if opener.copy not in ("coach", "joint") or opener.kind not in (SAY, BEFORE_THE_DOOR):
            raise Invalid("opener_misplaced", opener=opener.id)
    return openers


def choose(openers: Sequence[Opener], facts: OpenerFacts, copy: str = "coach") -> Chosen:
    """The first three that fit, in the library's order; the last gives way to a strength if none of them is one.

    `copy` "joint" looks at the joint openers alone and has nothing before the door.
    """
    sayable = fitting(openers, facts, copy)
    say = [opener for opener in sayable if opener.id != OTHERWISE] or list(sayable)
    said = say[:SAID_AT_MOST]
    if not any(opener.strength for opener in said):
        said[SAID_AT_MOST - 1 :] = [opener for opener in say if opener.strength][:1] or said[SAID_AT_MOST - 1 :]
    door = (opener for opener in openers if copy == "coach" and opener.kind == BEFORE_THE_DOOR)
    return Chosen(tuple(said), tuple(opener for opener in door if CONDITIONS[opener.id](facts)))


def fitting(openers: Sequence[Opener], facts: OpenerFacts, copy: str = "coach") -> tuple[Opener, ...]:
    """Every opener that fits and may be said, in the library's order; the one for all weeks stands at the end."""
    library = [opener for opener in openers if opener.kind == SAY and (copy == "coach" or opener.copy == "joint")]
    fits = (opener for opener in library if CONDITIONS[opener.id](facts))
    return (*fits, *(opener for opener in library if opener.id == OTHERWISE))


def next_step(
    own_steps_a: Mapping[str, int | None],
    own_steps_b: Mapping[str, int | None],
    current_step: str,
    library: Sequence[LibraryExercise],
    done_slugs: Collection[str],
) -> NextStep:
    """The shortest exercise not yet done of the step that both put lowest, or else of the step the couple is at.

    `own_steps_*` are each one's p-answers (0 to 10) by step; None did not come up and is ignored. `library` is in the
    programme's order, without joint exercises under a hold. Alternatives are the next shortest, of that step first.
    For the coach copy alone: on the joint one, its absence would tell of a hold.
    """
    lowest = _lowest(own_steps_a)
    both_lowest = lowest if lowest is not None and lowest == _lowest(own_steps_b) else None
    step = both_lowest or current_step
    undone = [exercise for exercise in library if exercise.slug not in done_slugs]
    rank = {exercise.slug: place for place, exercise in enumerate(library)}
    of_step = sorted((e for e in undone if e.step == step), key=lambda e: (e.minutes, rank[e.slug]))
    others = [exercise for exercise in undone if exercise.step != step]
    # with nothing left of the step, the programme goes on where it has something left
    proposed = (*of_step, *others)[: 1 + ALTERNATIVES]
    reason = StepReason.BOTH_LOWEST if both_lowest else StepReason.CURRENT_STEP
    return NextStep(proposed[0] if proposed else None, proposed[1:], reason)


def _lowest(own_steps: Mapping[str, int | None]) -> str | None:
    """The one step with the lowest answer; None in a tie, or where fewer than two came up: one is not a comparison."""
    came_up = {step: value for step, value in own_steps.items() if value is not None}
    lowest = [step for step, value in came_up.items() if value == min(came_up.values())]
    return lowest[0] if len(lowest) == 1 < len(came_up) else None
