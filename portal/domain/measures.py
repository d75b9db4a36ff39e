"""What a published measure is in numbers: its items and their ranges, its scales, cut-off, bands and critical item.

No words of any measure are here: a practice brings its own licensed copy of them.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

TOTAL = "total"  # the scale that a cut-off, bands and a reliable change index speak of


class Better(StrEnum):
    """Which end of the scores is the better one."""

    HIGH = "high"
    LOW = "low"


class Method(StrEnum):
    """How a scale is made of its items; `count` is how many were answered above their least number of points."""

    SUM = "sum"
    MEAN = "mean"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest number, both included."""

    low: Decimal
    high: Decimal

    def holds(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Scale:
    """A score over some items, named by their numbers from 1."""

    name: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """How many items of a scale may be missing; `prorate` puts the person's own mean in their place."""

    most: int
    prorate: bool


@dataclass(frozen=True, slots=True)
class CutOff:
    """The published range of the total, as `operator value`; without a `source` it may not be shown as a fact."""

    operator: str
    value: Decimal
    source: str | None = None

    def holds(self, score: Decimal) -> bool:
        """Whether the score lies in the published range."""
        return {
            "<": score < self.value,
            "<=": score <= self.value,
            ">": score > self.value,
            ">=": score >= self.value,
        }[self.operator]


@dataclass(frozen=True, slots=True)
class Band:
    """A published name for totals from `at_least` on, up to where the next band begins."""

    name: str
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class Critical:
    """An item that somebody has to look at whatever the total is, from `at_least` points on; missing, it is asked."""

    item: int
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """One scoring definition; `ranges[n - 1]` is the range of item n in points.

    `raw_reverse` names the items whose position numbers run against their points; None says that nobody has told
    how positions and points go together, so that position numbers cannot be scored.
    """

    name: str
    better: Better
    ranges: tuple[Range, ...]
    scales: tuple[Scale, ...]
    decimals: int = 0
    method: Method = Method.SUM
    missing: Missing | None = None  # None: a scale with a missing item has no score
    raw_reverse: frozenset[int] | None = None
    cut: CutOff | None = None
    bands: tuple[Band, ...] = ()
    rci: Decimal | None = None
    critical: Critical | None = None

    def scale(self, name: str) -> Scale | None:
        """The scale of that name, if there is one."""
        return next((scale for scale in self.scales if scale.name == name), None)

    def band(self, total: Decimal) -> str | None:
        """The published name for this total, if there is one."""
        reached = [band.name for band in self.bands if band.at_least <= total]
        return reached[-1] if reached else None

    def possible(self, scale: Scale) -> Range:
        """The least and the greatest score that the scale can have."""
        ranges = [self.ranges[item - 1] for item in scale.items]
        if self.method is Method.COUNT:
            return Range(Decimal(0), Decimal(len(ranges)))
        low, high = sum((r.low for r in ranges), Decimal(0)), sum((r.high for r in ranges), Decimal(0))
        return Range(low / len(ranges), high / len(ranges)) if self.method is Method.MEAN else Range(low, high)
