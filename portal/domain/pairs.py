"""Two partners' weeks side by side, as different experiences of a week: the gap, whether it shrinks, who is noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt
from statistics import fmean

from portal.domain.change import Series, Z
from portal.domain.scoring import PER_SCALE_POINT

FURTHEST_DAYS = 3  # 72 hours
GAP_FLOOR = 20.0
FEWEST_PAIRS = 6
ENDS = 3  # pairs at each end that are compared
CLOSER = 10.0
A_MOVE = 5.0  # points from which a line counts as rising or falling; a stated convention, half the floor of a change


@dataclass(frozen=True, slots=True)
class Pair:
    """Scores (0 to 100) of both partners about the same week; `on` is the later day of the two."""

    on: date
    a: float
    b: float

    @property
    def gap(self) -> float:
        """A minus B in points."""
        return self.a - self.b


@dataclass(frozen=True, slots=True)
class Gap:
    """A pair's gap (A minus B); `notable_from` is None, and `notable` false, while either noise is unknown."""

    on: date
    points: float
    notable_from: float | None
    notable: bool


class ConvergenceState(StrEnum):
    """What the distance does."""

    CONVERGING = "converging"
    DIVERGING = "diverging"
    STEADY = "steady"


class ConvergenceKind(StrEnum):
    """What the two lines do; `closer_and_lower` must never be shown as a success."""

    CLOSER_AND_HIGHER = "closer_and_higher"
    CLOSER_AND_LOWER = "closer_and_lower"
    ONE_RISING = "one_rising"
    ONE_FALLING = "one_falling"
    APART = "apart"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Convergence:
    """The last three pairs against the first three: mean distances, and how each line moved, all in points."""

    state: ConvergenceState
    kind: ConvergenceKind
    first_gap: float
    last_gap: float
    change_a: float
    change_b: float
    n_pairs: int


def pairs(a: Series, b: Series) -> tuple[Pair, ...]:
    """Scores of A and B of the same ISO week, or at most 72 hours apart, in the order of days; each is used once.

    Only where both inputs exist; the same week goes before a neighbouring one, and near days before far ones.
    """
    scored_a = [(day, score) for day, score in a if score is not None]
    scored_b = [(day, score) for day, score in b if score is not None]
    candidates = sorted(
        (_week(day_a) != _week(day_b), abs((day_a - day_b).days), max(day_a, day_b), min(day_a, day_b), i, j)
        for i, (day_a, _score) in enumerate(scored_a)
        for j, (day_b, _score) in enumerate(scored_b)
        if _belong(day_a, day_b)
    )
    used_a: set[int] = set()
    used_b: set[int] = set()
    found = []
    for _other_week, _days, later, _sooner, i, j in candidates:
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            found.append(Pair(later, scored_a[i][1], scored_b[j][1]))
    return tuple(sorted(found, key=lambda pair: pair.on))


def gap_threshold(sd_a: float, sd_b: float) -> float:
    """From how many points on a gap is notable: 1.96 sqrt(sd_a² + sd_b²), and 20 at least."""
    return max(GAP_FLOOR, Z * sqrt(sd_a**2 + sd_b**2))


def is_close(pair: Pair) -> bool:
    """Whether two scores lie less than about one scale point an item apart; a stated convention, as the floor is."""
    return abs(pair.gap) < CLOSER


def gap(pair: Pair, sd_a: float | None, sd_b: float | None) -> Gap:
    """The gap of one pair, judged by both partners' own noise (`change.own_noise`)."""
    threshold = None if sd_a is None or sd_b is None else gap_threshold(sd_a, sd_b)
    return Gap(pair.on, pair.gap, threshold, threshold is not None and abs(pair.gap) >= threshold)


def convergence(found: Sequence[Pair]) -> Convergence | None:
    """Whether the two come closer over time, and how; None with fewer than six pairs (given in the order of days)."""
    if len(found) < FEWEST_PAIRS:
        return None
    first, last = found[:ENDS], found[-ENDS:]
    first_gap, last_gap = (fmean(abs(pair.gap) for pair in end) for end in (first, last))
    change_a = fmean(pair.a for pair in last) - fmean(pair.a for pair in first)
    change_b = fmean(pair.b for pair in last) - fmean(pair.b for pair in first)
    state = _state(last_gap - first_gap)
    return Convergence(state, _kind(state, change_a, change_b), first_gap, last_gap, change_a, change_b, len(found))


def attunement(own_steps: float | None, partner_n1: int | None) -> float | None:
    """Own effort at the steps (the steps score) minus what the partner noticed of it (n1, 0 to 10), in points.

    Large and positive: effort that is not yet landing. None where either is missing.
    """
    if own_steps is None or partner_n1 is None:
        return None
    return own_steps - PER_SCALE_POINT * partner_n1


def _state(widened: float) -> ConvergenceState:
    if widened <= -CLOSER:
        return ConvergenceState.CONVERGING
    return ConvergenceState.DIVERGING if widened >= CLOSER else ConvergenceState.STEADY


def _kind(state: ConvergenceState, change_a: float, change_b: float) -> ConvergenceKind:
    if state is ConvergenceState.STEADY:
        return ConvergenceKind.STEADY
    if state is ConvergenceState.DIVERGING:
        return ConvergenceKind.APART
    low, high = sorted((change_a, change_b))
    if low >= A_MOVE:
        return ConvergenceKind.CLOSER_AND_HIGHER
    if high <= -A_MOVE:
        return ConvergenceKind.CLOSER_AND_LOWER
    if high >= A_MOVE and high > -low:
        return ConvergenceKind.ONE_RISING
    # where one rises as much as the other falls, the careful word
    return ConvergenceKind.ONE_FALLING if low <= -A_MOVE else ConvergenceKind.STEADY


def _belong(one: date, other: date) -> bool:
    return _week(one) == _week(other) or abs((one - other).days) <= FURTHEST_DAYS


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]
