"""A trend as a file of its own: an SVG with its title, its words and a ground of paper, which asks for nothing else."""

from collections.abc import Sequence
from textwrap import wrap

from markupsafe import Markup, escape

from portal.output.marks import INK, MUTE, PAPER, Words, text
from portal.output.plot import Size

EDGE_OF_PAPER = 20.0
LETTERS = 96  # in a line below the drawing
LINE_HEIGHT = 1.5


def trend_file(words: Words, drawing: Markup, notes: Sequence[str], size: Size) -> bytes:
    """The drawing, as `charts.trend` made it in that size, under its title and above what there is to say of it."""
    font = size.font
    lines = [line for note in notes for line in wrap(note, LETTERS)]
    head = EDGE_OF_PAPER + font * 2.4
    below = head + size.height + font * 2
    width = size.width + 2 * EDGE_OF_PAPER
    height = below + len(lines) * font * LINE_HEIGHT + EDGE_OF_PAPER
    uid = escape(words.uid)
    said = "".join(text(EDGE_OF_PAPER, below + place * font * LINE_HEIGHT, line) for place, line in enumerate(lines))
    # where a wider font stands in, letters reach beyond the drawing's own edge
    drawn = str(drawing).replace("<svg ", '<svg overflow="visible" ', 1)
    title = text(EDGE_OF_PAPER, EDGE_OF_PAPER + font, words.title, f'fill="{INK}" font-weight="600"')
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="{uid}-t {uid}-d" '
        f'font-family="Source Sans 3, Helvetica, Arial, sans-serif" font-size="{font:g}">'
        f'<title id="{uid}-t">{escape(words.title)}</title><desc id="{uid}-d">{escape(words.description)}</desc>'
        f'<rect fill="{PAPER}" width="{width:g}" height="{height:g}"/>{title}'
        f'<g transform="translate({EDGE_OF_PAPER:g} {head:g})">{drawn}</g><g fill="{MUTE}">{said}</g></svg>\n'
    ).encode()
