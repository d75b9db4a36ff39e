"""The shipped programme: steps and exercises, the check-in, beginning and end, measures and openers, as documents."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]

_HERE = Path(__file__).parent
_COMMON = "exercises/0_common.yaml"


def steps() -> tuple[Document, ...]:
    """The five steps in the programme's order, each with `step`, `title` and its `exercises`."""
    files = sorted(f"exercises/{path.name}" for path in (_HERE / "exercises").glob("*.yaml"))
    return tuple(_document(name) for name in files if name != _COMMON)


def common_fields() -> Document:
    """The questions that every exercise's form carries, and which of them stay after "Not this time"."""
    return _document(_COMMON)


def check_in() -> Document:
    """The weekly check-in with its screens, its scoring and its worked examples."""
    return _document("check_in.yaml")


def passages() -> Document:
    """The forms with which the work with two people begins and ends, by name."""
    return _document("passages.yaml")


def openers() -> Document:
    """What a coach may say first: `openers`, and the rules they are chosen by."""
    return _document("openers.yaml")


def instruments() -> Document:
    """Scoring of published measures, numbers alone: a practice brings its own licensed copy of the words."""
    return _document("instruments.yaml")


def texts() -> Document:
    """The texts that a practice begins with, by kind: what partners read about safety, and what they agree to."""
    return _document("texts.yaml")


def demo() -> Document:
    """The invented people of the demo, and what they did in the last weeks."""
    return _document("demo.yaml")


@cache
def words() -> tuple[str, ...]:
    """Words that pass phrases are offered from."""
    return tuple((_HERE / "words.txt").read_text(encoding="utf-8").split())


@cache
def easy_words() -> tuple[str, ...]:
    """Words and patterns that everybody tries first: a pass phrase made of little else is refused."""
    return tuple((_HERE / "easy.txt").read_text(encoding="utf-8").split())


def _document(name: str) -> Document:
    """A copy, so that nobody can change what the next reader gets."""
    return deepcopy(_parsed(name))


@cache
def _parsed(name: str) -> Document:
    loaded: Document = yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
    return loaded
