"""The square picture that a phone's camera reads (a QR code, ISO/IEC 18004), as a drawing in the page."""

import segno


def square(text: str) -> str:
    """`text` as an SVG element: dark modules on white paper, at night too, for cameras need it so."""
    return segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff")
