"""Sizes and names that keep the house easy to walk through."""

import ast
from statistics import median

import pytest

from tests.architecture.house import Function, Module, modules

MOST_LINES = 300
MOST_LINES_OF_FUNCTION = 40
MOST_LINES_OF_VIEW = 20
MEDIAN_OF_FUNCTIONS = 10
NO_NAMES = ("utils", "util", "helpers", "helper", "common", "misc")


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_is_short_and_opens_with_a_sentence(module: Module) -> None:
    assert module.source.count("\n") <= MOST_LINES
    assert [f"{f.name}: {length(f)}" for f in module.functions() if length(f) > MOST_LINES_OF_FUNCTION] == []
    opening = ast.get_docstring(module.tree) or ""
    assert opening.splitlines()[:1], module.name
    assert opening.splitlines()[0].rstrip().endswith((".", ":", ",", "?")) or len(opening.splitlines()) > 1
    assert module.path.stem not in NO_NAMES


def test_most_functions_are_a_few_lines() -> None:
    assert median(length(function) for module in modules() for function in module.functions()) <= MEDIAN_OF_FUNCTIONS


def test_views_are_short_enough_to_read_at_a_glance() -> None:
    views = {
        f"{module.name}:{f.name}": length(f)
        for module in modules()
        if module.layer == "web"
        for f in module.functions()
        if {getattr(getattr(d, "func", None), "attr", "") for d in f.decorator_list} & {"get", "post", "route"}
    }
    assert views
    assert {name: lines for name, lines in views.items() if lines > MOST_LINES_OF_VIEW} == {}
