"""The four static cuts of the packaged fonts that the paper needs, and which characters they can print.

Setting type from a variable font instantiates it anew in every file (70 ms each), so the cuts are made once and kept in
`static/fonts`: `python -m portal.output.fonts`. The licence of the fonts (OFL 1.1) asks for another name: "Portal".
"""

import io
from pathlib import Path

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).parent.parent / "static" / "fonts"
CHARACTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # Latin
    *range(0x218, 0x21C),
    *range(0x300, 0x370),  # combining marks
    *range(0x370, 0x530),  # Greek, Cyrillic
    *range(0x1E00, 0x2000),  # Latin and Greek with further marks
    *range(0x2000, 0x2070),  # spaces and punctuation
    0x20AC,
    0x2122,
    0x2212,
)
FEATURES = ("kern", "liga", "mark", "mkmk", "ccmp", "locl", "calt", "tnum", "lnum")
CUTS: tuple[tuple[str, str, dict[str, float]], ...] = (
    ("source-sans-3", "Portal Sans", {}),
    ("source-serif-4", "Portal Serif", {"opsz": 12}),
)
WEIGHTS = (400, 600)


def make_cuts(folder: Path) -> None:
    """Write the four files and `covered.txt`, the ranges of code points that every one of them can print."""
    covered: set[int] | None = None
    for slug, name, place in CUTS:
        latin = _latin(fontpkg.path(slug))
        for weight in WEIGHTS:
            font = instantiateVariableFont(TTFont(io.BytesIO(latin), recalcTimestamp=False), {"wght": weight, **place})
            _rename(font, name, weight)
            font.save(folder / f"{name.lower().replace(' ', '-')}-{weight}.ttf")
            has = set(font.getBestCmap())
            covered = has if covered is None else covered & has
    (folder / "covered.txt").write_text("\n".join(_ranges(covered or set())) + "\n", encoding="ascii")


def _latin(source: Path) -> bytes:
    font = TTFont(source, lazy=True, recalcTimestamp=False)
    options = subset.Options(layout_features=list(FEATURES), hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=CHARACTERS)
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _rename(font: TTFont, family: str, weight: int) -> None:
    style = "Regular" if weight == WEIGHTS[0] else "SemiBold"
    full = f"{family} {style}"
    words = {1: family, 2: style, 3: full, 4: full, 6: f"{family}-{style}".replace(" ", "")}
    for record in list(font["name"].names):
        if record.nameID in words:
            record.string = words[record.nameID]
        elif record.nameID not in (0, 5, 13, 14):  # owner, version and licence stay
            font["name"].names.remove(record)


def _ranges(points: set[int]) -> list[str]:
    ordered = sorted(points)
    starts = [p for p in ordered if p - 1 not in points]
    ends = [p for p in ordered if p + 1 not in points]
    return [f"{start:04X}-{end:04X}" for start, end in zip(starts, ends, strict=True)]


if __name__ == "__main__":
    make_cuts(FOLDER)
