"""Perception pairs: what one partner says they did beside what the other noticed of it, for the coach alone.

Two experiences of one week, and neither is the true one. The rules are those of `pairs` and `change`: the same weeks
belong together, and the same ups and downs, floors and fewest pairs decide from when on something may be said. The
check-in asks for both in every fourth form alone, so that what is four times as far apart still counts as one run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import fmean

from portal.domain import pairs
from portal.domain.change import LONGEST_GAP, WIDEST, Series, own_noise
from portal.domain.pairs import ENDS, FEWEST_PAIRS, Convergence, Gap, Pair
from portal.domain.people import Label
from portal.domain.scoring import PER_SCALE_POINT
from portal.domain.session_facts import Both

NOTICED = "n1"  # the check-in's question; what was done is its steps score
EVERY_FOURTH = 4  # how often both are asked
COUNTED: Mapping[str, tuple[str, str]] = {  # exercises by slug: the question what one did, and what one noticed
    "small-care-menu": ("acts_done", "acts_noticed"),
    "repair-log": ("mine", "theirs_noticed"),
}


class Landing(StrEnum):
    """How what one did and what the other noticed have lain of late, by the mean of the last three pairs."""

    TOO_EARLY = "too_early"
    VARIES_TOO_MUCH = "varies_too_much"
    ALIKE = "alike"
    MORE_DONE = "more_done"  # than noticed: it is not landing yet
    MORE_NOTICED = "more_noticed"  # than its doer would claim


@dataclass(frozen=True, slots=True)
class Perception:
    """What `doer` did (the a of each pair) beside what the other noticed (its b), in points of 0 to 100.

    `weeks` are the pairs in the order of days, `latest` the last one's gap (did minus noticed). Below six pairs
    `landing` is too early, and `over_time`, whether the two come closer, is None: then the weeks stand for themselves.
    """

    doer: Label
    weeks: tuple[Pair, ...] = ()
    latest: Gap | None = None
    landing: Landing = Landing.TOO_EARLY
    over_time: Convergence | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one says to have done something in an exercise, and how often the other noticed it; never judged."""

    title: str
    on: date
    did: int
    noticed: int


def points(answers: Iterable[tuple[date, int | None]]) -> Series:
    """The answers to one scale of 0 to 10, by day, as points; what was skipped or did not come up stays None."""
    return [(day, None if value is None else float(PER_SCALE_POINT * value)) for day, value in answers]


def perceptions(did: Both[Series], noticed: Both[Series]) -> Both[Perception]:
    """Both directions, each under who did it: Ana's doing beside Ben's noticing, and the other way round.

    Give only answers that the coach may read. Never raises.
    """
    return Both(_perception(Label.A, did.a, noticed.b), _perception(Label.B, did.b, noticed.a))


def _perception(doer: Label, did: Series, noticed: Series) -> Perception:
    weeks = pairs.pairs(did, noticed)
    if not weeks:
        return Perception(doer)
    latest = pairs.gap(weeks[-1], *(own_noise(series, EVERY_FOURTH * LONGEST_GAP) for series in (did, noticed)))
    return Perception(doer, weeks, latest, _landing(weeks, latest.notable_from), pairs.convergence(weeks))


def _landing(weeks: Sequence[Pair], notable_from: float | None) -> Landing:
    """A mean of three wobbles less than the single pair that `notable_from` is for: what passes it passes with room."""
    if len(weeks) < FEWEST_PAIRS or notable_from is None:
        return Landing.TOO_EARLY
    if notable_from > WIDEST:
        return Landing.VARIES_TOO_MUCH
    gap = fmean(pair.gap for pair in weeks[-ENDS:])
    if abs(gap) < notable_from:
        return Landing.ALIKE
    return Landing.MORE_DONE if gap > 0 else Landing.MORE_NOTICED
