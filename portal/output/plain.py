"""A page's text without its layout: what is printed when the page itself cannot be."""

from html import escape
from html.parser import HTMLParser

HEADINGS = ("h1", "h2", "h3")
BREAKS = ("p", "li", "tr", "td", "th", "figcaption", "section", "div", "article")
SILENT = ("title", "style", "desc", "svg", "template")
NOTICE = "plain-notice"


class _Reader(HTMLParser):
    """Collects (heading or p, text) in reading order; drawings are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, str]] = []
        self.meta: dict[str, str] = {}
        self.title = ""
        self.lang = "en"
        self._tag, self._text, self._silent, self._in_title = "p", "", 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = values.get("lang") or "en"
        elif tag == "meta" and "name" in values:
            self.meta[values["name"]] = values.get("content", "")
        elif tag == "title" and not self._silent:
            self._in_title = True
        if tag in SILENT:
            self._silent += 1
        elif tag in HEADINGS or tag in BREAKS:
            self._close(tag if tag in HEADINGS else "p")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(self._silent - 1, 0)
            self._in_title = False
        elif tag in HEADINGS or tag in BREAKS:
            self._close("p")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._silent:
            self._text += data

    def _close(self, following: str) -> None:
        if text := " ".join(self._text.split()):
            self.blocks.append((self._tag, text))
        self._tag, self._text = following, ""


def plain(html: str) -> str:
    """The same words as headings and paragraphs, the notice of the page (`<meta name="plain-notice">`) first."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    title = escape(reader.title or "…")
    dates = "".join(
        f'<meta name="{name}" content="{escape(value)}">'
        for name, value in reader.meta.items()
        if name.startswith("dcterms.")
    )
    start = [("h1", reader.title or "…"), ("p", reader.meta.get(NOTICE, ""))]
    body = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in _ordered(start, reader.blocks) if text)
    return (
        f'<!doctype html><html lang="{escape(reader.lang)}"><head><meta charset="utf-8"><title>{title}</title>{dates}'
        f'</head><body class="plain">{body}</body></html>'
    )


def _ordered(start: list[tuple[str, str]], blocks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One h1 only, and no level skipped: what was the first heading steps down to the second level."""
    out, seen = list(start), "h1"
    for tag, text in blocks:
        level = "h2" if tag == "h1" or (tag == "h3" and seen == "h1") else tag
        if level != "p":
            seen = level
        out.append((level, text))
    return out
