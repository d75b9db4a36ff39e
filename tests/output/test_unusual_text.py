"""Both copies of a brief, of whatever somebody may write: set as usual on two pages, valid, nothing fetched or run.

How long each takes is the child's own limit here; `./portal.sh bench` and the eye measure the rest.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from portal.domain.brief import Brief, JointBrief
from portal.domain.joint_prep import build_joint
from portal.domain.session_prep import build_coach
from portal.output.render import Renderer
from portal.output.templates import Voice, render_brief
from tests import briefs
from tests.validator import validate

ENGLISH = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
SECONDS = 5.0  # for which a child may work on one of them
LONGEST = 5_000  # characters, as a field takes them
TEXTS = {
    "unbroken": "W" * LONGEST,
    "unbroken-small": "i" * LONGEST,
    "hebrew-and-latin": "אבגדה" * 2 + "abcde " + "אבגדהabcde" * (LONGEST // 10),
    "hebrew-sentence": "בפעם הבאה I would like to talk about השבת, and not about the list. " * 60,
    "arabic": "أود أن نتحدث عن المساء وعن أطفالنا. " * 130,
    "cjk": "次回は夜のことを話したいです。我想谈谈孩子们。" * 200,
    "emoji": "👩‍👧‍👦💬🎉 I was glad 1️⃣🇮🇪 of it 🫶🏽 " * 200,
    "combining-marks": "a\u0300lgo Z" + "\u0351\u0352\u0353" * 40 + " " + "e\u0301\u0302\u0303\u0304\u0305 " * 800,
    "brackets": "[" * 60 + "the walk" + "]" * 60 + " " + "(" * 60 + "<" * 60 + "{" * 60 + " " + "[[" * 1_000,
    "html": "<script>alert(1)</script><b>bold</b></p></section><h1>Mine</h1>&amp;&#0;<!-- <style>*{display:none} " * 40,
    "template": "{{7*7}} {% raw %}{{ brief }}{% endraw %} {# no #} ${7*7} #{7*7} %(name)s {0} " * 60,
    "addresses": "file:///etc/passwd http://evil.example/x.png url(https://evil.example/) javascript:alert(1) " * 50,
    "lines": "\r\n\t\x00\x0b\x0c\u2028 one\n\n\ntwo \ud800 \ufffe" * 250,
}
COPIES: dict[str, Callable[[str], Brief | JointBrief]] = {
    "coach": lambda text: build_coach(replace(briefs.hostile(text), frame=briefs.frame())),
    "joint": lambda text: build_joint(replace(briefs.hostile_joint(text), frame=briefs.frame())),
}
SECTIONS = {
    "coach": ("Last time", "What each wants today", "To say"),
    "joint": ("What we agreed", "We might begin with"),
}
HTML = {
    f"{name}-{copy}": render_brief(build(text), ENGLISH, site_name="Portal")
    for name, text in TEXTS.items()
    for copy, build in COPIES.items()
}
PRINTABLE = ("unbroken", "unbroken-small", "brackets", "html", "template", "addresses")
FOREIGN = ("hebrew-and-latin", "hebrew-sentence", "arabic", "cjk", "emoji")  # no font that is shipped has these


@dataclass(frozen=True)
class Printed:
    path: Path
    text: str
    pages: int
    fallback: bool


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Printed]]:
    renderer, folder, made = Renderer(children=1, seconds=SECONDS), tmp_path_factory.mktemp("unusual"), {}
    for name, html in HTML.items():
        rendered = renderer.render(html)
        path = folder / f"{name}.pdf"
        path.write_bytes(rendered.content)
        pdf = PdfReader(io.BytesIO(rendered.content))
        text = "\n".join(page.extract_text() for page in pdf.pages)
        made[name] = Printed(path, re.sub(r"\s+", " ", text.replace("\u200b", "")), len(pdf.pages), rendered.fallback)
    yield made
    renderer.close()


def test_each_is_set_as_usual_and_within_its_time(printed: dict[str, Printed]) -> None:
    assert [name for name, one in printed.items() if one.fallback] == []


def test_each_is_on_two_pages_at_most(printed: dict[str, Printed]) -> None:
    assert {name: one.pages for name, one in printed.items() if one.pages > 2} == {}


@pytest.mark.parametrize("standard", ["ua1", "3a"])
def test_each_meets_both_standards(printed: dict[str, Printed], standard: str) -> None:
    assert validate([one.path for one in printed.values()], standard) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("name", HTML)
def test_every_section_of_the_brief_is_still_there(printed: dict[str, Printed], name: str) -> None:
    for heading in (*SECTIONS[name.rpartition("-")[2]], "Homework", "Glad of"):
        assert heading in printed[name].text, heading
    assert "This is a practice measure" in printed[name].text


@pytest.mark.parametrize("name", HTML)
def test_signs_that_no_font_has_are_counted_at_the_foot_and_others_are_not(
    printed: dict[str, Printed], name: str
) -> None:
    counted = re.search(r"(\d+) signs that could not be printed stand as \[\?\]", printed[name].text)
    shown = printed[name].text.count("[?]") - bool(counted)
    if name.rpartition("-")[0] in PRINTABLE:
        assert (counted, shown) == (None, 0)
    if name.rpartition("-")[0] in FOREIGN:
        assert counted
        assert 0 < shown <= int(counted.group(1))  # several in a row stand as one


@pytest.mark.parametrize("copy", COPIES)
def test_what_somebody_wrote_is_no_template_and_no_markup(printed: dict[str, Printed], copy: str) -> None:
    assert "{{7*7}}" in printed[f"template-{copy}"].text
    assert "49" not in re.sub(r"\d+/\d+|\d+ (?:now|at first)", "", printed[f"template-{copy}"].text)
    html = HTML[f"html-{copy}"]
    assert "<script" not in html
    assert "<h1>Mine" not in html
    assert html.count("<h1>") == 1
    assert "alert(1)" in printed[f"html-{copy}"].text


@pytest.mark.parametrize("copy", COPIES)
def test_an_address_that_somebody_wrote_is_text_and_nothing_else(printed: dict[str, Printed], copy: str) -> None:
    """Whatever is fetched ends in the fallback (`test_render.py`), and none of these did."""
    tags = re.findall(r"<[a-z][^>]*>", HTML[f"addresses-{copy}"])
    assert [tag for tag in tags if re.search("evil|passwd|javascript:|(?:src|href)=", tag)] == []
    assert "file:///etc/passwd" in printed[f"addresses-{copy}"].text.replace(" ", "")
    for page in PdfReader(printed[f"addresses-{copy}"].path).pages:
        assert "/Annots" not in page


@pytest.mark.parametrize("copy", COPIES)
def test_what_has_a_font_is_printed_as_it_was_written_beside_what_has_none(
    printed: dict[str, Printed], copy: str
) -> None:
    for name in ("hebrew-sentence", "emoji"):
        assert re.search("I (?:would like to talk about|was glad)", printed[f"{name}-{copy}"].text), name
    assert "lgo" in printed[f"combining-marks-{copy}"].text
    assert "[" * 20 in printed[f"brackets-{copy}"].text.replace(" ", "")
