"""The check-in's scores: subscales of 0 to 100 and the emotional safety score, and how they are shown.

An own practice measure of this portal, without norms: a person is compared with their own earlier weeks alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from portal.domain.errors import Invalid
from portal.domain.items import Value
from portal.domain.questionnaires import Questionnaire

PER_SCALE_POINT = 10  # a scale point of 0 to 10 is ten points of 0 to 100


@dataclass(frozen=True, slots=True)
class Scores:
    """Unrounded points of 0 to 100, a higher one is easier; None where too little was answered.

    `signs` are the four signs turned round; `steps` are practice and stay out of `total`, so that homework cannot
    raise it. `benefits` may be opened in a session; the others are for their author and the coach alone.
    """

    signs: float | None = None
    benefits: float | None = None
    steps: float | None = None
    total: float | None = None


def score(questionnaire: Questionnaire, answers: Mapping[str, Value]) -> Scores:
    """The scores of one form by the questionnaire's scoring document; what was skipped or did not come up is None.

    Give only the answers that the reader of the scores may see. A definition without scoring gives no scores.
    Raises Invalid("out_of_range", item, minimum, maximum) for an answer off its scale: nothing is moved into range.
    """
    scoring: Mapping[str, Any] = questionnaire.scoring or {}
    exact = {part["name"]: _subscale(questionnaire, part, answers) for part in scoring.get("subscales", ())}
    exact["total"] = _weighted(exact, scoring.get("total", ()))
    points = {name: None if value is None else float(value) for name, value in exact.items()}
    return Scores(points.get("signs"), points.get("benefits"), points.get("steps"), points["total"])


def show(value: float) -> str:
    """One decimal, a tie away from zero: 43.25 is 43.3."""
    return str(_rounded(value, "0.1"))


def whole(value: float) -> int:
    """A whole number, a tie away from zero: 42.5 is 43."""
    return int(_rounded(value, "1"))


def _subscale(questionnaire: Questionnaire, part: Mapping[str, Any], answers: Mapping[str, Value]) -> Fraction | None:
    """Ten times the mean of the answered items; fractions, so that a tie is one when it comes to rounding."""
    points = [_points(questionnaire, item_id, answers.get(item_id)) for item_id in part["items"]]
    answered = [point for point in points if point is not None]
    if not answered or len(answered) < part["min_answered"]:
        return None
    return Fraction(PER_SCALE_POINT * sum(answered), len(answered))


def _points(questionnaire: Questionnaire, item_id: str, value: Value) -> int | None:
    if value is None:
        return None
    item = questionnaire.item(item_id)
    low, high = item.bounds
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid("out_of_range", item=item_id, minimum=low, maximum=high)
    return low + high - value if item.reverse else value


def _weighted(scores: Mapping[str, Fraction | None], weights: list[tuple[str, int]]) -> Fraction | None:
    weighted = Fraction(0)
    for name, weight in weights:
        part = scores[name]
        if part is None:
            return None
        weighted += weight * part
    return weighted / sum(weight for _name, weight in weights) if weights else None


def _rounded(value: float, unit: str) -> Decimal:
    # nine places first: arithmetic on floats leaves 43.349999999999994 where 43.35 is meant
    near = Decimal(repr(round(value, 9))).quantize(Decimal(unit), ROUND_HALF_UP)
    return near if near else abs(near)
