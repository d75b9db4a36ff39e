"""What somebody's answers to a published measure come to, and whether two scores differ by more than noise.

A range or a band is told as a published fact about a number; it is never a diagnosis. Nothing is moved into range:
an answer that cannot be is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isfinite, sqrt
from typing import Literal, TypeAlias

from portal.domain.errors import Invalid
from portal.domain.measures import TOTAL, Better, Measure, Method, Scale

Number: TypeAlias = int | float | Decimal
Answers: TypeAlias = Iterable[tuple[int, Number | None]]  # (item from 1, its number); None is missing, as is no entry

ASK: Literal["ask"] = "ask"
Z = 1.96


class Coding(StrEnum):
    """What the numbers of the answers are: points as printed on the form, or positions of the chosen options."""

    POINTS = "points"
    RAW = "raw"


class Reliable(StrEnum):
    """Whether two totals differ by the reliable change index or more, and which way."""

    BETTER = "better"
    WORSE = "worse"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Score:
    """Totals by scale, None where too much is missing; whole numbers for prorated sums, else one decimal at most.

    `in_range`, `band` speak of the total as it is shown; None where there is none, or none is published. `critical`
    is None where the measure has no such item, and `ask` where it was not answered. `prorated` names the scales in
    which a person's own mean stands for what is missing.
    """

    totals: Mapping[str, Decimal | None] = field(hash=False)
    in_range: bool | None = None
    band: str | None = None
    critical: bool | Literal["ask"] | None = None
    prorated: frozenset[str] = frozenset()


def score(measure: Measure, answers: Answers, coding: Coding = Coding.POINTS) -> Score:
    """Score one form; the order of the answers does not matter.

    Raises Invalid with `item` for an answer out of its range, finer than the measure's decimals or no number at all,
    for an item that the measure does not have, or one answered twice; Invalid("measure_positions_unknown") for
    position numbers where the definition does not say how they go with the points.
    """
    points = _points(measure, answers, coding)
    scored = {scale.name: _scale_score(measure, scale, points) for scale in measure.scales}
    total = scored.get(TOTAL, (None, False))[0]
    return Score(
        totals={name: value for name, (value, _prorated) in scored.items()},
        in_range=None if measure.cut is None or total is None else measure.cut.holds(total),
        band=None if total is None else measure.band(total),
        critical=_critical(measure, points),
        prorated=frozenset(name for name, (_value, prorated) in scored.items() if prorated),
    )


def reliable_change(measure: Measure, first: Number, last: Number) -> Reliable | None:
    """Whether the last total differs reliably from the first; None where no index is published for the measure.

    Raises Invalid("measure_score_out_of_range", score) for a total that the measure cannot have.
    """
    before, after = _total(measure, first), _total(measure, last)
    if measure.rci is None:
        return None
    if abs(after - before) < measure.rci:
        return Reliable.NO
    return Reliable.BETTER if (after > before) is (measure.better is Better.HIGH) else Reliable.WORSE


def clinically_significant(measure: Measure, first: Number, last: Number) -> bool | None:
    """Whether the change is reliable and also crosses the cut-off (either way); None where one is not published.

    Jacobson & Truax 1991, Journal of Consulting and Clinical Psychology 59, 12-19. Raises as `reliable_change` does.
    """
    reliable = reliable_change(measure, first, last)
    if reliable is None or measure.cut is None:
        return None
    crosses = measure.cut.holds(_total(measure, first)) is not measure.cut.holds(_total(measure, last))
    return reliable is not Reliable.NO and crosses


def rci(sd: float, r: float) -> float:
    """The reliable change index in points, 1.96 SD sqrt(2) sqrt(1 - r), from a sample's SD and reliability r.

    Raises Invalid("rci_unclear") for an SD that is not above 0 or an r outside 0 to 1.
    """
    if not (isfinite(sd) and isfinite(r) and sd > 0 and 0 <= r <= 1):
        raise Invalid("rci_unclear", sd=sd, r=r)
    return Z * sd * sqrt(2) * sqrt(1 - r)


def _points(measure: Measure, answers: Answers, coding: Coding) -> dict[int, Decimal]:
    if coding is Coding.RAW and measure.raw_reverse is None:
        raise Invalid("measure_positions_unknown", measure=measure.name)
    seen: dict[int, Decimal | None] = {}
    for item, value in answers:
        if type(item) is not int or not 1 <= item <= len(measure.ranges):
            raise Invalid("measure_item_unknown", item=item)
        if item in seen:
            raise Invalid("measure_item_doubled", item=item)
        seen[item] = None if value is None else _answer(measure, item, value)
    return {item: _turned(measure, item, value, coding) for item, value in seen.items() if value is not None}


def _answer(measure: Measure, item: int, value: Number) -> Decimal:
    number, possible = _decimal(value), measure.ranges[item - 1]
    if number is None:
        raise Invalid("measure_answer_no_number", item=item)
    if not possible.holds(number):
        raise Invalid("measure_answer_out_of_range", item=item, minimum=possible.low, maximum=possible.high)
    if number != round(number, measure.decimals):
        raise Invalid("measure_answer_too_fine", item=item, decimals=measure.decimals)
    return number


def _turned(measure: Measure, item: int, value: Decimal, coding: Coding) -> Decimal:
    """The points of a position number; what is points already is never turned round a second time."""
    if coding is Coding.RAW and measure.raw_reverse and item in measure.raw_reverse:
        return measure.ranges[item - 1].low + measure.ranges[item - 1].high - value
    return value


def _scale_score(measure: Measure, scale: Scale, points: Mapping[int, Decimal]) -> tuple[Decimal | None, bool]:
    """The score as it is shown, and whether it was prorated."""
    answered = [item for item in scale.items if item in points]
    n_missing = len(scale.items) - len(answered)
    if n_missing > (measure.missing.most if measure.missing else 0):
        return None, False
    if measure.method is Method.COUNT:
        return Decimal(sum(points[item] > measure.ranges[item - 1].low for item in answered)), False
    # fractions, so that a tie is one when it comes to rounding
    mean = sum((Fraction(points[item]) for item in answered), Fraction(0)) / len(answered)
    if measure.method is Method.MEAN:
        return _rounded(mean, "0.1"), n_missing > 0
    return _rounded(mean * len(scale.items), "1" if n_missing else "0.1"), n_missing > 0


def _rounded(value: Fraction, unit: str) -> Decimal:
    """To that unit, a tie away from zero; a whole number without decimals."""
    steps = value / Fraction(unit)
    doubled = abs(steps) * 2
    nearest = (doubled.numerator // doubled.denominator + 1) // 2
    rounded = Decimal(nearest if steps > 0 else -nearest) * Decimal(unit)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def _critical(measure: Measure, points: Mapping[int, Decimal]) -> bool | Literal["ask"] | None:
    """Whatever the total is, and also where there is none."""
    if measure.critical is None:
        return None
    value = points.get(measure.critical.item)
    return ASK if value is None else value >= measure.critical.at_least


def _total(measure: Measure, value: Number) -> Decimal:
    number, scale = _decimal(value), measure.scale(TOTAL)
    if number is None or scale is None or not measure.possible(scale).holds(number):
        raise Invalid("measure_score_out_of_range", score=value)
    return number


def _decimal(value: object) -> Decimal | None:
    """The number as it is written: 6.3 is six and three tenths; None for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None
