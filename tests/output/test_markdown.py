"""Notes in Markdown: what they hold is read and nothing of it runs, fetches or leads anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.output.markdown import as_html


def test_headings_follow_those_of_the_page_and_lists_and_stress_are_read() -> None:
    html = as_html("# Plan\n\n- one\n- **two**\n\nA line\nand another")
    listed = "<ul>\n<li>one</li>\n<li><strong>two</strong></li>\n</ul>"
    assert html.strip() == f"<h3>Plan</h3>\n{listed}\n<p>A line<br>\nand another</p>"


def test_the_deepest_headings_stay_headings() -> None:
    assert as_html("###### Deep").strip() == "<h6>Deep</h6>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[here](javascript:alert(1))",
        "![picture](http://elsewhere.example/x.png)",
        "<http://elsewhere.example>",
        "[a]: http://elsewhere.example\n\n[a]",
        "`<b>`",
    ],
)
def test_nothing_runs_fetches_or_leads_anywhere(text: str) -> None:
    html = as_html(text)
    for tag in ("<script", "<img", "<a ", "<a>", "<b>", "href", "src="):
        assert tag not in html.replace("&lt;img src=", "")


def test_braces_are_words() -> None:
    assert as_html("{{7*7}}").strip() == "<p>{{7*7}}</p>"


@given(st.text(max_size=300))
def test_every_text_is_read(text: str) -> None:
    assert "<script" not in as_html(text).lower()
