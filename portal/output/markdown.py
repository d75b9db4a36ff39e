"""Notes in Markdown (CommonMark) as HTML for a page: headings, lists, emphasis and quotes, and nothing that fetches."""

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

FIRST_HEADING = 3  # a page has its own first two
LAST_HEADING = 6
TAGS = {"p", "br", "hr", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "h5", "h6"}


def as_html(text: str) -> Markup:
    """The text as HTML. What is written as HTML stands there as it was typed; links and pictures are their words."""
    cleaned = nh3.clean(_reader().render(text), tags=TAGS, attributes={}, link_rel=None)
    return Markup(cleaned)  # noqa: S704 - escaped by the reader, and cleaned besides


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.disable(["link", "image", "autolink", "reference"])
    reader.core.ruler.push("lower_headings", _lower)
    return reader


def _lower(state: object) -> None:
    """Let the headings of a note follow those of its page."""
    for token in state.tokens:  # type: ignore[attr-defined]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + FIRST_HEADING - 1, LAST_HEADING)}"
