"""What the validator cannot see: a brief is read aloud in the order in which it is seen, its colours can be read."""

import io
import re
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader

from portal.output.render import Renderer
from portal.output.templates import Voice, render_brief
from tests.golden import KEPT

ENGLISH = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
CSS = Path(__file__).parent.parent.parent / "portal" / "static" / "report.css"
READ = ("full-coach", "full-joint", "one-sided-coach", "one-sided-joint", "thirty-tasks-coach", "thirty-tasks-joint")
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>([^<]*)</word>')
MARGIN = 110  # points from the left, in which the names of sections stand
WHITE, LEAST = "#ffffff", 4.5


@dataclass(frozen=True)
class Element:
    """One element of the structure tree, in reading order: its kind, how deep it stands, and the words in it."""

    kind: str
    depth: int
    words: str


@dataclass(frozen=True)
class Read:
    html: str
    pdf: PdfReader
    elements: tuple[Element, ...]
    margin: tuple[str, ...]

    def of(self, *kinds: str) -> list[Element]:
        return [element for element in self.elements if element.kind in kinds]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    renderer, folder, made = Renderer(children=1), tmp_path_factory.mktemp("read"), {}
    for name in READ:
        html, path = render_brief(KEPT[name], ENGLISH, site_name="Portal"), folder / f"{name}.pdf"
        path.write_bytes(renderer.render(html).content)
        seen = tuple(_told(["pdftotext", "-bbox", path, "-"]).split("<page ")[1:])
        pdf = PdfReader(io.BytesIO(path.read_bytes()))
        made[name] = Read(html, pdf, _elements(_told(["pdfinfo", "-struct-text", path])), tuple(map(_margin, seen)))
    renderer.close()
    return made


def _told(command: list[str | Path]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _elements(tree: str) -> tuple[Element, ...]:
    """The elements of a structure tree, each with all words below it."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in tree.splitlines() if line.strip()]
    found = []
    for place, (depth, line) in enumerate(lines):
        if not line.startswith('"'):
            below = lines[place + 1 :]
            end = next((i for i, (other, _) in enumerate(below) if other <= depth), len(below))
            words = " ".join(text[1:-1] for _, text in below[:end] if text.startswith('"'))
            found.append(Element(line.split()[0], depth, _plain(words)))
    return tuple(found)


def _margin(page: str) -> str:
    """The words at the left of a page, from top to bottom."""
    words = [(float(y), float(x), text) for x, y, text in WORD.findall(page) if float(x) < MARGIN]
    return _plain(" ".join(text for _, _, text in sorted(words)))


def _plain(text: str) -> str:
    return " ".join(text.replace("\u200b", "").replace("&amp;", "&").split())


@pytest.mark.parametrize("name", READ)
def test_sections_are_read_in_the_order_in_which_they_stand(read: dict[str, Read], name: str) -> None:
    seen, at = " ".join(read[name].margin), 0
    sections = read[name].of("H2")
    assert len(sections) >= 4
    for section in sections:
        at = seen.index(section.words, at) + len(section.words)  # raises where it stands further up


@pytest.mark.parametrize("name", READ)
def test_all_that_is_read_is_what_was_written_in_its_order(read: dict[str, Read], name: str) -> None:
    body = re.sub(r"<svg.*?</svg>|<template.*?</template>", " ", read[name].html.split("<body>")[1], flags=re.S)
    blocks = re.findall(r"<(h[1-3]|td|figcaption)[^>]*>(.*?)</\1>", body, flags=re.S)
    written = [_letters(re.sub("<[^>]+>|&[a-z]+;", "", text)) for _, text in blocks]
    told, at = _letters(" ".join(e.words for e in read[name].elements[:1])), 0
    for text in written:
        found = told.find(text[:25], at)
        assert found >= 0, text
        at = found


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.replace("\u2019", "").lower())


@pytest.mark.parametrize("name", READ)
def test_headings_begin_with_one_of_the_first_level_and_skip_none(read: dict[str, Read], name: str) -> None:
    levels = [int(element.kind[1]) for element in read[name].of("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", READ)
def test_bookmarks_are_the_headings_in_their_order(read: dict[str, Read], name: str) -> None:
    def flat(outline: list) -> list[str]:  # type: ignore[type-arg]
        return [title for one in outline for title in (flat(one) if isinstance(one, list) else [_plain(one.title)])]

    headings = [_letters(element.words) for element in read[name].of("H1", "H2", "H3")]
    marks = [_letters(title) for title in flat(read[name].pdf.outline)]
    assert len(marks) >= 5
    assert [mark for mark in marks if mark not in headings] == []
    assert marks == [heading for heading in headings if heading in marks]


@pytest.mark.parametrize("name", READ)
def test_tables_mark_the_heads_of_their_columns_and_rows(read: dict[str, Read], name: str) -> None:
    work = next(element for element in read[name].of("Table"))
    assert work.words.startswith("Task, and why it was set")
    heads = [element.words for element in read[name].of("TH")]
    assert heads[0] == "Task, and why it was set"
    assert sum(head.startswith(("One holds the floor", "Thanks with a why")) for head in heads) == 2
    assert '<th scope="row">' in read[name].html
    assert 'scope="col"' in read[name].html
    assert not re.search(r"<th(?![^>]*scope)", read[name].html.replace("<thead", ""))


@pytest.mark.parametrize("name", READ)
def test_the_document_says_its_language_and_that_it_is_tagged(read: dict[str, Read], name: str) -> None:
    root = read[name].pdf.root_object
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "full-coach",
            "Emotional safety score. Ana: first 43, last 59. Up, twice in a row. 2 weeks not answered. "
            "Ben: first 69, last 63. Within the usual. 3 weeks not answered.",
        ),
        (
            "full-joint",
            "Communication, closeness, teamwork. Ana: first 43, last 67. Up, this once. 3 weeks not answered. "
            "Ben: first 70, last 63. Within the usual. 3 weeks not answered.",
        ),
    ],
)
def test_a_chart_tells_its_first_and_last_value_where_it_goes_and_its_gaps(
    read: dict[str, Read], name: str, told: str
) -> None:
    assert told in _alternatives(read[name].pdf)


def test_the_rows_of_dots_tell_their_values(read: dict[str, Read]) -> None:
    told = next(text for text in _alternatives(read["full-coach"].pdf) if text.startswith("Where the two differ"))
    assert "Avoiding topics: Ana 5, Ben 7" in told


def _alternatives(pdf: PdfReader) -> list[str]:
    found, seen = [], set()

    def walk(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict) and id(node) not in seen:
            seen.add(id(node))
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            walk(node.get("/K", []))

    walk(pdf.root_object["/StructTreeRoot"])
    return found


def _light(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(colour: str, ground: str) -> float:
    """How far apart two colours are, from 1 to 21, as WCAG 2.2 reckons it."""
    lighter, darker = sorted((_light(colour), _light(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_text_of_the_paper_can_be_told_from_its_ground() -> None:
    rules = re.findall(r"\{([^{}]*)\}", CSS.read_text())
    found = {}
    for rule in rules:
        colour = re.search(r"(?<![-\w])color:\s*(#[0-9a-f]{6})", rule)
        ground = re.search(r"background(?:-color)?:\s*(#[0-9a-f]{6})", rule)
        if colour:
            pair = colour.group(1), ground.group(1) if ground else WHITE
            found[pair] = contrast(*pair)
    assert len(found) >= 4
    assert {pair: ratio for pair, ratio in found.items() if ratio < LEAST} == {}
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#81766a", WHITE) > 3  # lines of drawings; text is never set in it
