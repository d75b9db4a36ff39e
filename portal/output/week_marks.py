"""What stands in a trend beside its lines: sessions as fine lines from top to bottom, and a hint for each week."""

from collections.abc import Iterable, Sequence

from markupsafe import escape

from portal.output.marks import EDGE
from portal.output.plot import Plot


def sessions_of(plot: Plot, weeks: Iterable[int]) -> str:
    """A fine line with a small square on top in each of these weeks: it reads in grey, and hides no value."""
    places = [plot.x(week) for week in weeks]
    if not places:
        return ""
    side = min(plot.size.font * 0.5, plot.step * 0.8)
    lines = "".join(f"M{x:.1f} {plot.head:.1f}V{plot.foot:.1f}" for x in places)
    squares = "".join(f"M{x - side / 2:.1f} {plot.head - side:.1f}h{side:.1f}v{side:.1f}h{-side:.1f}Z" for x in places)
    return (
        f'<path class="c-axis" fill="none" stroke="{EDGE}" stroke-width="0.8" d="{lines}"/>'
        f'<path class="c-fill-axis" fill="{EDGE}" d="{squares}"/>'
    )


def hints_of(plot: Plot, hints: Sequence[str]) -> str:
    """A field over each week that says its hint to who points at it; it draws nothing."""
    width = plot.step
    fields = "".join(
        f'<rect x="{plot.x(week) - width / 2:.1f}" y="{plot.head:.1f}" width="{width:.1f}" '
        f'height="{plot.foot - plot.head:.1f}"><title>{escape(hint)}</title></rect>'
        for week, hint in enumerate(hints)
    )
    return f'<g class="c-hints" fill="none" pointer-events="all">{fields}</g>' if fields else ""
