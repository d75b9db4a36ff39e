"""One person's totals of a measure over time as SVG: their own mark, the measure's whole range, nobody beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.output.marks import BLUE, COPPER, EDGE, LINE, MUTE, Words, diamonds, dots, svg, text

WIDTH, HEIGHT, FONT, MARK = 340.0, 150.0, 12.0, 4.2
LEFT, RIGHT, HEAD, FOOT = 34.0, 326.0, 12.0, 118.0
MOST_DATES = 4  # that find room under the line


@dataclass(frozen=True, slots=True)
class Dot:
    """One total, and the day under it as it is printed; None leaves a gap."""

    day: str
    total: float | None


def course(words: Words, found: Sequence[Dot], low: float, high: float, cut: float | None, *, is_b: bool) -> Markup:
    """The totals from left to right, the oldest first, between the least and the most that the measure can give.

    `cut` draws the published range's edge as a dashed line.
    """
    places = [(_x(n, len(found)), _y(dot.total, low, high)) for n, dot in enumerate(found) if dot.total is not None]
    look = f'class="c-b-line" stroke="{COPPER}"' if is_b else f'class="c-a-line" stroke="{BLUE}"'
    path = "".join(f"{'L' if n else 'M'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(places))
    return svg(
        words,
        WIDTH,
        HEIGHT,
        FONT,
        [
            _frame(low, high),
            _cut(cut, low, high),
            f'<path {look} fill="none" stroke-width="2" d="{path}"/>' if len(places) > 1 else "",
            diamonds([(place, MARK * 1.2) for place in places], MARK * 0.44) if is_b else dots(places, MARK),
            _dates(found),
        ],
    )


def _x(place: int, count: int) -> float:
    inset = 10.0
    return LEFT + inset + (RIGHT - LEFT - 2 * inset) * (place / (count - 1) if count > 1 else 0.5)


def _y(total: float, low: float, high: float) -> float:
    return FOOT - (FOOT - HEAD) * (total - low) / (high - low)


def _frame(low: float, high: float) -> str:
    ends = "".join(text(LEFT - 6, _y(value, low, high) + FONT * 0.35, f"{value:g}") for value in (low, high))
    return (
        f'<path class="c-grid" fill="none" stroke="{LINE}" stroke-width="0.8" d="M{LEFT} {HEAD}H{RIGHT}"/>'
        f'<path class="c-axis" fill="none" stroke="{EDGE}" stroke-width="1.2" d="M{LEFT} {FOOT}H{RIGHT}"/>'
        f'<g class="c-text" fill="{MUTE}" text-anchor="end">{ends}</g>'
    )


def _cut(cut: float | None, low: float, high: float) -> str:
    if cut is None:
        return ""
    y = _y(cut, low, high)
    look = f'class="c-axis" fill="none" stroke="{EDGE}" stroke-width="1" stroke-dasharray="4 4"'
    return f'<path {look} d="M{LEFT} {y:.1f}H{RIGHT}"/>'


def _dates(found: Sequence[Dot]) -> str:
    step = max(1, -(-len(found) // MOST_DATES))
    last = len(found) - 1
    days = "".join(
        text(_x(n, len(found)), FOOT + FONT * 1.4, dot.day) for n, dot in enumerate(found) if (last - n) % step == 0
    )
    return f'<g class="c-text" fill="{MUTE}" text-anchor="middle">{days}</g>'
