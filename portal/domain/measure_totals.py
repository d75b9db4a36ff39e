"""What answers to a measure came to, as a brief says it: a number on its scale, and no word about anybody."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from portal.domain.measure_scores import Score
from portal.domain.measures import TOTAL, Better, Measure


@dataclass(frozen=True, slots=True)
class MeasureTotal:
    """One form's total between the least and the most that the measure can give; None where it cannot be scored.

    Numbers are as they are printed. Whether a change is reliable is told with all scores, those from paper too, on the
    page of the measures and not here. `is_partial`: a mean of one's own stands for what was left out.
    """

    name: str
    on: date
    total: str | None
    low: str
    high: str
    higher_is_better: bool
    is_partial: bool = False
    source: UUID | None = None  # the form


def total_of(name: str, measure: Measure, score: Score, on: date, source: UUID) -> MeasureTotal | None:
    """The total of one form; None for a measure that has none. Critical items and published ranges play no part."""
    scale = measure.scale(TOTAL)
    if scale is None:
        return None
    possible, total = measure.possible(scale), score.totals.get(TOTAL)
    return MeasureTotal(
        name,
        on,
        None if total is None else _plain(total),
        _plain(possible.low),
        _plain(possible.high),
        measure.better is Better.HIGH,
        TOTAL in score.prorated,
        source,
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
