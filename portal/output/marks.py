"""The marks of A and B, and what every chart is wrapped in: colours of the paper, letters, titles."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

INK, MUTE, LINE, EDGE, PAPER = "#2a2623", "#5c534b", "#dbd0c2", "#81766a", "#ffffff"
BLUE, BLUE_TINT, COPPER = "#3a5c94", "#c3d0e6", "#94481f"
LONGEST_NAME = 12

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in `<title>` and `<desc>`; `uid` is unique within the page.

    A chart that stands many times on a page is described once, beside them all, and not in each.
    """

    uid: str
    title: str
    description: str = ""


def svg(words: Words, width: float, height: float, font: float, parts: Iterable[str], *, kind: str = "chart") -> Markup:
    """The chart around its parts, named and described for who cannot see it."""
    uid = escape(words.uid)
    described = f'<desc id="{uid}-d">{escape(words.description)}</desc>' if words.description else ""
    named_by = f"{uid}-t {uid}-d" if described else f"{uid}-t"
    body = "".join(parts)
    return Markup(  # noqa: S704 - every text in the parts went through `escape`
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="{named_by}" '
        f'font-family="Portal Sans, Source Sans 3, sans-serif" font-size="{font:g}">'
        f'<title id="{uid}-t">{escape(words.title)}</title>{described}'
        f"{body}</svg>"
    )


def text(x: float, y: float, words: object, look: str = "") -> str:
    """A text at a place; `look` holds attributes of ours, `words` are escaped."""
    return f'<text{" " + look if look else ""} x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def dots(points: Iterable[Point], radius: float) -> str:
    """A's mark at each point: filled circles as one path."""
    path = "".join(f"M{x:.1f} {y:.1f}h.01" for x, y in points)
    if not path:
        return ""
    look = f'class="c-a" fill="none" stroke="{BLUE}" stroke-linecap="round"'
    return f'<path {look} stroke-width="{2 * radius:.1f}" d="{path}"/>'


def diamonds(marks: Iterable[tuple[Point, float]], stroke: float) -> str:
    """B's mark, (place, radius) each: hollow diamonds as one path."""
    path = "".join(
        f"M{x:.1f} {y - r:.1f}L{x + r:.1f} {y:.1f}L{x:.1f} {y + r:.1f}L{x - r:.1f} {y:.1f}Z" for (x, y), r in marks
    )
    if not path:
        return ""
    look = f'class="c-b" fill="{PAPER}" stroke="{COPPER}" stroke-linejoin="round"'
    return f'<path {look} stroke-width="{stroke:.2f}" d="{path}"/>'


def number(value: float | None) -> str:
    """A whole number, or a dash where nothing was answered."""
    return "–" if value is None else f"{value:.0f}"


def short(name: str) -> str:
    """A name that fits at the end of a line."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
