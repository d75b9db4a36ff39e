"""Whether somebody's latest score differs from their own earlier ones by more than their usual ups and downs.

The form of the rule is the reliable change index (Jacobson & Truax 1991, Journal of Consulting and Clinical
Psychology 59, 12-19). That it stands here on the person's own week-to-week variance, instead of a sample's, is ours;
so is the floor of ten points. One comparison in about twenty passes by chance, and more over many weeks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from statistics import fmean
from typing import TypeAlias

Series: TypeAlias = Sequence[tuple[date, float | None]]  # day and score of 0 to 100; None for a form without a score
Run: TypeAlias = Sequence[tuple[date, float]]

LONGEST_GAP = timedelta(days=14)  # scores further apart are not consecutive
FEWEST_SCORES = 5
FEWEST_COUPLE_DIFFERENCES = 6
BASELINE = 3
FLOOR = 10.0  # points: about one scale point an item; a stated convention, not evidence
WIDEST = 35.0
Z = 1.96


class ChangeLabel(StrEnum):
    """What may be said of the latest score."""

    UP = "up"
    DOWN = "down"
    NO_NOTABLE_CHANGE = "no_notable_change"
    TOO_EARLY = "too_early"
    VARIES_TOO_MUCH = "varies_too_much"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From how many points on a difference is notable; `raw` is before the floor of ten."""

    raw: float

    @property
    def points(self) -> float:
        return max(FLOOR, self.raw)

    @property
    def too_wide(self) -> bool:
        """Answers vary too much for the rule to say anything."""
        return self.points > WIDEST


@dataclass(frozen=True, slots=True)
class Change:
    """The latest score against the person's own baseline, the mean of their first three; all in points of 0 to 100.

    `difference` is latest minus baseline, shown even where it is too early to tell; `confirmed` says that the score
    before passed in the same direction too. `n_answered` of `n_periods` forms have a score. `couple_estimate` says
    that the threshold was pooled from both partners: such a change is for the coach alone.
    """

    label: ChangeLabel
    confirmed: bool = False
    latest: float | None = None
    latest_on: date | None = None
    baseline: float | None = None
    difference: float | None = None
    threshold: float | None = None
    n_answered: int = 0
    n_periods: int = 0
    couple_estimate: bool = False

    @property
    def usual_range(self) -> tuple[float, float] | None:
        """The band of the usual ups and downs round the baseline, for the chart; within 0 to 100."""
        if self.baseline is None or self.threshold is None or self.label is ChangeLabel.VARIES_TOO_MUCH:
            return None
        return max(0.0, self.baseline - self.threshold), min(100.0, self.baseline + self.threshold)


def noise(scores: Sequence[float]) -> float | None:
    """The week-to-week wobble of one person in points, sd_w; None below five consecutive scores.

    sqrt(sum of squared successive differences / (2 (n - 1))): successive, so that a slow trend does not inflate it.
    It is an estimate, and too small if weeks resemble each other.
    """
    if len(scores) < FEWEST_SCORES:
        return None
    return sqrt(_squares(scores) / (2 * (len(scores) - 1)))


def couple_noise(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The wobble pooled from both partners' consecutive scores; None below six differences together."""
    differences = max(0, len(one) - 1) + max(0, len(other) - 1)
    if differences < FEWEST_COUPLE_DIFFERENCES:
        return None
    return sqrt((_squares(one) + _squares(other)) / (2 * differences))


def baseline_threshold(sd_w: float, k: int = BASELINE) -> Threshold:
    """For the latest score against the mean of the first k."""
    return Threshold(Z * sd_w * sqrt(1 + 1 / k))


def single_threshold(sd_w: float) -> Threshold:
    """For one single score against another."""
    return Threshold(Z * sqrt(2) * sd_w)


def own_noise(series: Series, longest_gap: timedelta = LONGEST_GAP) -> float | None:
    """sd_w over the latest run of at least five scores, none of them longer after the one before: 14 days.

    Give another `longest_gap` for what is not asked every week.
    """
    runs = _runs_backwards(_valid(series), longest_gap)
    return next((noise(_points(run)) for run in runs if len(run) >= FEWEST_SCORES), None)


def judge(series: Series, partner: Series = ()) -> Change:
    """Judge the latest score of `series` (any order of days) by the person's own noise, estimated without it.

    Where there are too few own scores, `partner` (the other one's series, for the coach alone) lends the couple
    estimate. Never raises; without any score the change is `too_early` with nothing in it.
    """
    scored = _valid(series)
    change = _judge_last(scored, _valid(partner), n_periods=len(series))
    if change.label not in (ChangeLabel.UP, ChangeLabel.DOWN):
        return change
    latest, before = scored[-1][0], scored[-2][0]
    earlier = _judge_last(scored[:-1], _valid(partner), n_periods=len(series))
    confirmed = earlier.label is change.label and latest - before <= LONGEST_GAP
    return replace(change, confirmed=confirmed)


def _judge_last(scored: Run, partner: Run, *, n_periods: int) -> Change:
    counts = Change(ChangeLabel.TOO_EARLY, n_answered=len(scored), n_periods=n_periods)
    if not scored:
        return counts
    (latest_on, latest), earlier = scored[-1], scored[:-1]
    known = replace(counts, latest=latest, latest_on=latest_on)
    if not earlier:
        return known
    baseline = fmean(_points(earlier[:BASELINE]))
    known = replace(known, baseline=baseline, difference=latest - baseline)
    sd_w, pooled = _noise_before(earlier, [(day, points) for day, points in partner if day <= latest_on])
    if sd_w is None or len(earlier) < BASELINE:
        return known
    threshold = baseline_threshold(sd_w)
    return replace(
        known, label=_label(latest - baseline, threshold), threshold=threshold.points, couple_estimate=pooled
    )


def _noise_before(earlier: Run, partner: Run) -> tuple[float | None, bool]:
    own = own_noise(earlier)
    if own is not None:
        return own, False
    runs = [_points(next(_runs_backwards(scores), ())) for scores in (earlier, partner)]
    return couple_noise(*runs), True


def _label(difference: float, threshold: Threshold) -> ChangeLabel:
    if threshold.too_wide:
        return ChangeLabel.VARIES_TOO_MUCH
    if abs(difference) < threshold.points:
        return ChangeLabel.NO_NOTABLE_CHANGE
    return ChangeLabel.UP if difference > 0 else ChangeLabel.DOWN


def _valid(series: Series) -> list[tuple[date, float]]:
    return sorted((day, points) for day, points in series if points is not None)


def _runs_backwards(scored: Run, longest_gap: timedelta = LONGEST_GAP) -> Iterator[Run]:
    """Runs of consecutive scores, the latest first, each in the order of days."""
    end = len(scored)
    for start in range(len(scored) - 1, -1, -1):
        if start == 0 or scored[start][0] - scored[start - 1][0] > longest_gap:
            yield scored[start:end]
            end = start


def _points(run: Run) -> list[float]:
    return [points for _day, points in run]


def _squares(scores: Sequence[float]) -> float:
    return sum((after - before) ** 2 for before, after in pairwise(scores))
