"""The README keeps its word: its commands exist, its map is the tree, its paths and its settings are real."""

import dataclasses
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from portal.cli import migrations
from portal.domain.disclosure import Disclosure
from portal.settings import Settings
from tests.architecture.house import ROOT

PAGES = ("README.md", "CHANGELOG.md", "docs/confidentiality.md")
ROOTS = ("portal", "templates", "tests", "migrations", "benchmarks", "requirements", "docs", ".ci")
OF_THE_SCRIPT_ALONE = {"PORTAL_PORT"}
NOT_A_SETTING_OF_PEOPLE = {"PORTAL_INSTANCE"}
# words that the house does not use for the two people of a couple, and for how they live
NOT_OUR_WORDS = r"\b(?:husbands?|wife|wives|married|marriages?|spouses?|patients?)\b"


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands under a heading of the README, up to the next of its rank."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", read("README.md"), flags=re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title}"
    return found[1]


def in_code(page: str) -> Iterator[str]:
    """What a page sets as code: in the line, and in blocks."""
    text = re.sub(r"^```.*?^```", "", read(page), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", text)


def mapped() -> list[str]:
    block = re.search(r"^```\n(.*?)^```", section("The map of the house"), flags=re.MULTILINE | re.DOTALL)
    assert block
    return [line.split()[0] for line in block[1].splitlines()]


@cache
def kept() -> list[str]:
    """Every file of the house but hidden ones and what running it makes."""
    made = {line.strip("/") for line in read(".gitignore").splitlines()}
    tops = [top for top in ROOT.iterdir() if not is_apart(top.name, made)]
    paths = [path.relative_to(ROOT) for top in tops for path in (top, *top.rglob("*")) if path.is_file()]
    return [str(path) for path in paths if not any(is_apart(part, made) for part in path.parts)]


def is_apart(name: str, made: set[str]) -> bool:
    return name.startswith(".") or name in made or name.endswith(".pyc")


def folders(root: str, deep: int) -> set[str]:
    """Folders below `root` that hold files, at most `deep` steps down."""
    parents = {str(parent) for path in kept() for parent in Path(path).parents}
    return {path for path in parents if path.startswith(f"{root}/") and path.count("/") <= deep}


def test_the_map_is_the_tree() -> None:
    tree = folders("portal", 9) | folders("templates", 1) | folders("tests", 1)
    tree |= {path for path in kept() if re.fullmatch(r"portal/\w+\.py", path)}
    missing = tree - set(mapped()) - {"tests/pdf"}

    assert missing == set()


def test_the_map_names_every_folder_at_the_top() -> None:
    tops = {path.partition("/")[0] for path in kept() if "/" in path}
    named = {place.partition("/")[0] for place in mapped()}

    assert tops - named == set()


def test_the_map_names_nothing_that_is_not_there_and_nothing_twice() -> None:
    places = mapped()

    assert [place for place in places if not (ROOT / place).exists()] == []
    assert len(places) == len(set(places))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_exists(page: str) -> None:
    words = {word for code in in_code(page) for word in code.split() if word.split("/")[0] in ROOTS}
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", read(page)) + re.findall(r'src="([^"]+)"', read(page))
    here = (ROOT / page).parent

    assert words
    assert [word for word in sorted(words) if not (ROOT / word).exists()] == []
    assert [target for target in linked if not (here / target).exists()] == []


def test_every_heading_that_is_linked_exists() -> None:
    headings = re.findall(r"^#+ (.+)$", read("README.md"), flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}

    assert [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", read("README.md")) if anchor not in anchors] == []


def test_every_command_that_is_named_exists_and_every_command_is_named() -> None:
    told = subprocess.run(["./portal.sh", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    exist = set(re.findall(r"^\./portal\.sh ([a-z]+)", told.stdout, flags=re.MULTILINE))

    assert set(re.findall(r"\./portal\.sh ([a-z]+)", read("README.md"))) == exist


def test_every_command_of_the_operator_that_is_named_exists(app: Flask) -> None:
    named = re.findall(r"\./portal\.sh flask ([a-z]+)(?: ([a-z][a-z-]*))?", read("README.md"))
    assert len(named) > 4
    migrations.bind(app)
    for group, verb in named:
        command = app.cli.get_command(None, group)  # type: ignore[arg-type]  # no context is needed for a look-up
        assert command, group
        assert not verb or verb in getattr(command, "commands", {}), f"{group} {verb}"


def test_what_a_check_runs_is_what_people_are_told_to_run() -> None:
    commands = re.findall(r"^\./portal\.sh .*?(?= \|\||$)", read(".ci/run"), flags=re.MULTILINE)
    told = re.findall(r"^    (\./portal\.sh .+)$", section("Work on it"), flags=re.MULTILINE)

    assert commands == told


def test_the_settings_are_those_that_the_portal_reads() -> None:
    named = set(re.findall(r"^\| `(PORTAL_[A-Z_]+)` \|", read("README.md"), flags=re.MULTILINE))
    fields = {f"PORTAL_{field.name.upper()}" for field in dataclasses.fields(Settings)} - NOT_A_SETTING_OF_PEOPLE
    in_the_example = set(re.findall(r"^#?(PORTAL_[A-Z_]+)=", read(".env.example"), flags=re.MULTILINE))
    told = set(re.findall(r"PORTAL_[A-Z_]+\b", read("README.md"))) - fields
    anywhere = {name.removesuffix("_FILE") for name in told}

    assert named == fields == in_the_example
    assert anywhere - fields <= OF_THE_SCRIPT_ALONE | {"PORTAL_"}


def test_a_default_that_is_named_is_the_default() -> None:
    told = dict(re.findall(r"^\| `PORTAL_([A-Z_]+)` \|.*\| `([^`]+)` \|$", read("README.md"), flags=re.MULTILINE))
    defaults = {field.name.upper(): str(field.default) for field in dataclasses.fields(Settings)}

    assert told
    assert {name: defaults[name] for name in told} == told


def test_the_file_that_decides_who_sees_an_answer_is_named_as_such() -> None:
    line = next(line for line in section("Where privacy is decided").splitlines() if "who may read this answer" in line)

    assert f"{Disclosure.__module__.replace('.', '/')}.py" in line


@pytest.mark.parametrize("page", PAGES)
def test_the_words_are_the_houses_own(page: str) -> None:
    assert re.findall(NOT_OUR_WORDS, read(page), flags=re.IGNORECASE) == []
    assert re.findall(r"\w[!](?!\[)", re.sub(r"`[^`]*`", "", read(page))) == []
