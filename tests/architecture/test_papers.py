"""The papers on security keep their word: every test that they name exists, and every line has a test or a reason."""

import ast
import re
from functools import cache

import pytest

from tests.architecture.house import ROOT
from tests.architecture.test_readme import NOT_OUR_WORDS, read

PAPERS = ("docs/asvs.md", "docs/threats.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
REASONS = ("no test: ", "not there yet: ", "lint (", "[confidentiality.md]")
REQUIREMENTS = 60


@cache
def known_in(path: str) -> frozenset[str]:
    if not (ROOT / path).is_file():
        return frozenset()
    return frozenset(node.name for node in ast.parse(read(path)).body if isinstance(node, ast.FunctionDef))


def rows(paper: str) -> list[list[str]]:
    """The cells of each line of a paper's tables, heads left out."""
    lines = [
        line for line in paper.splitlines() if line.startswith("| ") and not line.startswith(("| no. |", "| who |"))
    ]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def missing(paper: str) -> list[str]:
    return [f"{path}::{name}" for path, name in NAMED.findall(paper) if name not in known_in(path)]


def bare(paper: str) -> list[list[str]]:
    """Lines that name neither a test nor a reason."""
    told = [(row, " | ".join(row)) for row in rows(paper)]
    return [row for row, text in told if not NAMED.search(text) and not any(reason in text for reason in REASONS)]


@pytest.mark.parametrize("paper", [*PAPERS, "docs/promise.md"])
def test_every_test_that_is_named_exists(paper: str) -> None:
    assert len(NAMED.findall(read(paper))) > 40
    assert missing(read(paper)) == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_line_has_a_test_or_a_reason(paper: str) -> None:
    assert bare(read(paper)) == []


def test_the_requirements_are_many_and_each_stands_in_its_chapter() -> None:
    chapter, seen = "", 0
    for line in read("docs/asvs.md").splitlines():
        if title := re.match(r"## V(\d+) ", line):
            chapter = title[1]
        elif line.startswith("| ") and not line.startswith("| no. |"):
            numbers = re.findall(r"\d+\.\d+\.\d+", line.split(" | ")[0])
            assert numbers, line
            assert numbers[0].startswith(f"{chapter}."), line
            seen += len(numbers)
    assert seen >= REQUIREMENTS


def test_an_invented_test_and_a_bare_line_are_found() -> None:
    invented = "`tests/web/test_routes.py::test_that_nobody_wrote`"
    assert missing(f"| 1.1.1 | x | {invented} |") == [invented.strip("`")]
    assert bare("| 1.1.1 | x | surely |")


@pytest.mark.parametrize("paper", PAPERS)
def test_the_words_are_the_houses_own(paper: str) -> None:
    assert re.findall(NOT_OUR_WORDS, read(paper), flags=re.IGNORECASE) == []
    assert re.findall(r"\w[!](?!\[)", re.sub(r"`[^`]*`", "", read(paper))) == []
