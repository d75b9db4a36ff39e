"""Charts as SVG text for page and paper alike: A is a filled circle, B a hollow diamond, so that both read in grey.

Presentation attributes carry the colours of the paper, classes `c-*` let the page recolour them. Circles are one path
of points with round caps: round at every size, and the quickest way through the renderer. Words come in ready; names
and titles are escaped here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from portal.output.marks import (
    BLUE,
    BLUE_TINT,
    COPPER,
    EDGE,
    INK,
    LINE,
    MUTE,
    PAPER,
    Point,
    Words,
    diamonds,
    dots,
    number,
    short,
    svg,
    text,
)
from portal.output.plot import DESK, DESK_ROWS, Plot, Size
from portal.output.week_marks import hints_of, sessions_of


@dataclass(frozen=True, slots=True)
class Series:
    """One partner's line, 0 to 100, None where there is no answer; `usual` is the range (low, high), if known."""

    name: str
    values: Sequence[float | None]
    usual: tuple[float, float] | None = None


def trend(
    words: Words,
    a: Series,
    b: Series,
    weeks: Sequence[str],
    *,
    ticks: Iterable[tuple[int, object]] = (),
    sessions: Iterable[int] = (),
    hints: Sequence[str] = (),
    most: int = 100,
    size: Size = DESK,
) -> Markup:
    """Two lines over the same weeks, gaps left as gaps, usual ranges as bars at the right.

    `weeks` are the printed dates, one for each value; `ticks` are (index of a week, number of what began in it),
    `sessions` the indexes of weeks with one, `hints` what is said of each week to who points at it. Any values may be
    missing, all of them too. `most` is what the axis calls 100: values are of 0 to 100, whatever it says.
    """
    font = size.font
    name = max(len(short(a.name)), len(short(b.name)))
    right = size.width - (font * 2.3 + size.mark * 3 + name * font * 0.58)
    plot = Plot(size, font * 2.2, right, font * 0.8, size.height - font * 3.6, len(weeks))
    pa, pb = plot.points(a.values), plot.points(b.values)
    parts = [
        _range(plot, a, 0, f'class="c-a-range" fill="{BLUE_TINT}" stroke="{BLUE}"'),
        _range(plot, b, 1, f'class="c-b-range" fill="{PAPER}" stroke="{COPPER}"'),
        _frame(plot, weeks, most),
        sessions_of(plot, sessions),
        *(_tick(plot, week, place) for week, place in ticks),
        _lines(pa, pb, size.mark * 0.52),
        _marks(pa, pb, size.mark),
        _ends(plot, (a.name, b.name), pa, pb),
        hints_of(plot, hints),
    ]
    return svg(words, size.width, size.height, font, parts)


def _range(plot: Plot, series: Series, place: int, look: str) -> str:
    if series.usual is None:
        return ""
    low, high = plot.y(series.usual[0]), plot.y(series.usual[1])
    width = plot.size.font * 0.42
    x = plot.right + plot.size.font * 0.45 + place * width * 1.7
    return f'<rect {look} stroke-width="1.2" x="{x:.1f}" y="{high:.1f}" width="{width:.1f}" height="{low - high:.1f}"/>'


def _frame(plot: Plot, weeks: Sequence[str], most: int) -> str:
    font = plot.size.font
    grid = "".join(f"M{plot.left:.1f} {plot.y(v):.1f}H{plot.right:.1f}" for v in (25, 50, 75, 100))
    values = "".join(text(plot.left - font * 0.5, plot.y(v) + font * 0.35, v * most // 100) for v in (0, 50, 100))
    last = len(weeks) - 1
    dates = "".join(
        text(plot.x(i), plot.foot + font * 1.35, week)
        for i, week in enumerate(weeks)
        if (last - i) % plot.size.every == 0
    )
    return (
        f'<path class="c-grid" fill="none" stroke="{LINE}" stroke-width="0.8" d="{grid}"/>'
        f'<path class="c-axis" fill="none" stroke="{EDGE}" stroke-width="1.2" '
        f'd="M{plot.left:.1f} {plot.foot:.1f}H{plot.right:.1f}"/>'
        f'<g class="c-text" fill="{MUTE}" text-anchor="end">{values}</g>'
        f'<g class="c-text" fill="{MUTE}" text-anchor="middle">{dates}</g>'
    )


def _tick(plot: Plot, week: int, place: object) -> str:
    font = plot.size.font
    x, y = plot.x(week), plot.foot + font * 1.75
    return (
        f'<path class="c-fill-axis" fill="{EDGE}" d="M{x:.1f} {y:.1f}l{font * 0.36:.1f} {font * 0.62:.1f}'
        f'h{-font * 0.72:.1f}Z"/><text class="c-strong" fill="{INK}" text-anchor="middle" font-weight="600" '
        f'font-size="{font * 0.92:.1f}" x="{x:.1f}" y="{y + font * 1.55:.1f}">{escape(place)}</text>'
    )


def _lines(pa: Sequence[Point | None], pb: Sequence[Point | None], stroke: float) -> str:
    def line(look: str, points: Sequence[Point | None], width: float) -> str:
        return f'<path {look} fill="none" stroke-width="{width:.1f}" stroke-linejoin="round" d="{_path(points)}"/>'

    halo = f'class="c-halo" stroke="{PAPER}"'
    return (
        line(halo, pa, stroke + 2)
        + line(halo, pb, stroke + 2)
        + line(f'class="c-b-line" stroke="{COPPER}"', pb, stroke)
        + line(f'class="c-a-line" stroke="{BLUE}"', pa, stroke)
    )


def _path(points: Sequence[Point | None]) -> str:
    out, pen_down = [], False
    for point in points:
        if point is not None:
            out.append(f"{'L' if pen_down else 'M'}{point[0]:.1f} {point[1]:.1f}")
        pen_down = point is not None
    return "".join(out)


def _marks(pa: Sequence[Point | None], pb: Sequence[Point | None], mark: float) -> str:
    """The marks; where the two would cover each other, a small circle stands inside a larger diamond."""
    pairs = list(zip(pa, pb, strict=True))
    close = [p is not None and q is not None and abs(p[1] - q[1]) < mark * 0.6 for p, q in pairs]
    hollow = [(q, mark * (1.7 if near else 1.22)) for q, near in zip(pb, close, strict=True) if q]
    return (
        diamonds(hollow, mark * 0.44)
        + dots([p for p, near in zip(pa, close, strict=True) if p and not near], mark)
        + dots([p for p, near in zip(pa, close, strict=True) if p and near], mark * 0.68)
    )


def _ends(plot: Plot, names: tuple[str, str], pa: Sequence[Point | None], pb: Sequence[Point | None]) -> str:
    """Mark and name at the height where each line ends, moved apart when they are close."""
    font, mark = plot.size.font, plot.size.mark
    middle = plot.y(50)
    ya = next((p[1] for p in reversed(pa) if p), middle)
    yb = next((p[1] for p in reversed(pb) if p), middle)
    room = font * 1.25
    if abs(ya - yb) < room:
        centre, up = (ya + yb) / 2, -1 if ya <= yb else 1
        centre = min(max(centre, plot.head + room / 2), plot.foot - room / 2)
        ya, yb = centre + up * room / 2, centre - up * room / 2
    x = plot.right + font * 1.95
    bold = 'font-weight="600"'
    return (
        dots([(x + mark, ya)], mark)
        + text(x + mark * 3, ya + font * 0.35, short(names[0]), f'class="c-a-text" fill="{BLUE}" {bold}')
        + diamonds([((x + mark, yb), mark * 1.22)], mark * 0.44)
        + text(x + mark * 3, yb + font * 0.35, short(names[1]), f'class="c-b-text" fill="{COPPER}" {bold}')
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of dots: its label and both values, 0 to 10, None where there is none."""

    label: str
    a: float | None
    b: float | None


def dumbbells(words: Words, rows: Sequence[Row], *, label_width: float, size: Size = DESK_ROWS) -> Markup:
    """A row for each dimension: A's dot, B's dot, a bar between, and both numbers at the right for a grey print."""
    font, mark = size.font, size.mark
    head = font * 1.9
    height = head + size.height * len(rows) + font * 0.3
    left, right = label_width + mark, size.width - font * 4 - mark * 2

    def x(value: float) -> float:
        return left + (right - left) * min(max(value, 0), 10) / 10

    middles = [head + size.height * (i + 0.5) for i in range(len(rows))]
    columns = (size.width - font * 2.88, size.width - font * 0.72)
    parts = [
        _scale(font, [(x(v), v) for v in (0, 5, 10)]),
        dots([(columns[0], font * 0.68)], mark * 0.85) + diamonds([((columns[1], font * 0.68), mark)], mark * 0.42),
        _row_grid(middles, left, right, [x(v) for v in (0, 5, 10)], head, height - font * 0.3),
        _row_marks([(y, _place(x, row.a), _place(x, row.b)) for y, row in zip(middles, rows, strict=True)], mark),
        *(_row_texts(row, y + font * 0.35, columns) for y, row in zip(middles, rows, strict=True)),
    ]
    return svg(words, size.width, round(height), font, parts)


def _place(x: Callable[[float], float], value: float | None) -> float | None:
    return None if value is None else x(value)


def _scale(font: float, places: Sequence[tuple[float, int]]) -> str:
    texts = "".join(text(x, font, value) for x, value in places)
    return f'<g class="c-text" fill="{MUTE}" text-anchor="middle">{texts}</g>'


def _row_grid(
    middles: Sequence[float], left: float, right: float, verticals: Sequence[float], head: float, foot: float
) -> str:
    path = "".join(f"M{left:.1f} {y:.1f}H{right:.1f}" for y in middles)
    path += "".join(f"M{x:.1f} {head:.1f}V{foot:.1f}" for x in verticals)
    return f'<path class="c-grid" fill="none" stroke="{LINE}" stroke-width="0.8" d="{path}"/>'


def _row_marks(rows: Sequence[tuple[float, float | None, float | None]], mark: float) -> str:
    pairs = [(y, a, b) for y, a, b in rows if a is not None and b is not None and a != b]
    gaps = "".join(f"M{a:.1f} {y:.1f}H{b:.1f}" for y, a, b in pairs)
    same = [(a, y) for y, a, b in rows if a is not None and a == b]
    return (
        f'<path class="c-gap" fill="none" stroke="{EDGE}" stroke-width="{mark * 0.7:.1f}" d="{gaps}"/>'
        + diamonds([((b, y), mark * (1.75 if a == b else 1.2)) for y, a, b in rows if b is not None], mark * 0.42)
        + dots([(a, y) for y, a, b in rows if a is not None and a != b], mark)
        + dots(same, mark * 0.7)
    )


def _row_texts(row: Row, y: float, columns: tuple[float, float]) -> str:
    middle = f'class="c-strong" fill="{INK}" text-anchor="middle"'
    return (
        text(0, y, row.label, f'class="c-strong" fill="{INK}"')
        + text(columns[0], y, number(row.a), middle)
        + text(columns[1], y, number(row.b), middle)
    )


def weeks_strip(words: Words, a: Sequence[bool], b: Sequence[bool]) -> Markup:
    """Which check-ins came in, oldest first, A's row above B's: presence only, never a score.

    The last week is still running: nothing is missing from it yet.
    """
    step = 16.8
    width = 16 + step * max(len(a) - 1, len(b) - 1, 0)
    return svg(words, width, 30, 12, _weeks(tuple(a), tuple(b), step), kind="weeks")


@lru_cache(maxsize=1024)  # eight weeks of two come in a few patterns, and a list shows many
def _weeks(a: tuple[bool, ...], b: tuple[bool, ...], step: float) -> list[str]:
    rows = ((8.0, a), (23.0, b))
    missing = "".join(f"M{5 + i * step:.1f} {y}h6" for y, row in rows for i, came in enumerate(row[:-1]) if not came)
    return [
        f'<path class="c-axis" fill="none" stroke="{EDGE}" stroke-width="1.4" d="{missing}"/>',
        dots([(8 + i * step, 8) for i, came in enumerate(a) if came], 4.2),
        diamonds([((8 + i * step, 23), 4.6) for i, came in enumerate(b) if came], 1.8),
    ]
