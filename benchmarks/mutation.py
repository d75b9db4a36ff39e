"""Changes the rules of a brief in one small place after another, and counts how many changes its own tests notice.

`python -m benchmarks.mutation [MODULE ...] [--every N]`: all of `MODULES`, or some; each place, or every N-th of them.
It prints what was not noticed, and the share that was. Nothing is written: each change lives in a process of its own.
"""

import argparse
import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
import yaml  # noqa: F401  # read in before the first change, as pytest is: a process each would load them anew

ROOT = Path(__file__).parent.parent
DOMAIN = "portal.domain"
MODULES = (
    "session_prep", "joint_prep", "brief_parts", "session_strip", "session_opening", "brief_space", "brief_choices",
    "openers",
)  # fmt: skip
TESTS = ("golden", "session_prep", "openers", "brief_choices")
TARGET = 0.9
SECONDS = 90  # after which a change that never ends counts as noticed
COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
RECKONED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Mod: ast.Mult}


@dataclass(frozen=True)
class Change:
    """One place of a module, changed: where, into what, and the whole of it."""

    line: int
    words: str
    tree: ast.Module


def changes(source: str) -> Iterator[Change]:
    """Every small change of a module, one at a time, in the order in which its places stand."""
    whole = ast.parse(source)
    said = {id(part) for node in ast.walk(whole) if isinstance(node, ast.ClassDef) for part in _decorators(node)}
    places = [i for i, node in enumerate(ast.walk(whole)) if _ways(node) and id(node) not in said]
    for place in places:
        for way in range(len(_ways(_at(ast.parse(source), place)))):
            tree = ast.parse(source)
            node = _at(tree, place)
            before = ast.unparse(node)
            _ways(node)[way]()
            yield Change(getattr(node, "lineno", 0), f"{before[:70]}  ->  {ast.unparse(node)[:70]}", tree)


def _decorators(node: ast.ClassDef) -> Iterator[ast.AST]:
    """What says how a class is made, and changes nothing of what it does."""
    return (part for decorator in node.decorator_list for part in ast.walk(decorator))


def _at(tree: ast.Module, place: int) -> ast.AST:
    return list(ast.walk(tree))[place]


def _ways(node: ast.AST) -> list:  # type: ignore[type-arg]
    """What can be changed about a node, as calls that do it."""
    match node:
        case ast.Compare(ops=[only]) if type(only) in COMPARED:
            return [lambda: setattr(node, "ops", [COMPARED[type(only)]()])]
        case ast.BoolOp(op=op):
            return [lambda: setattr(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())]
        case ast.BinOp(op=op) if type(op) in RECKONED:
            return [lambda: setattr(node, "op", RECKONED[type(op)]())]
        case ast.UnaryOp(op=ast.Not()):
            return [lambda: setattr(node, "op", ast.UAdd())]
        case ast.IfExp() | ast.If():
            return [lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))]
        case ast.Constant(value=bool(value)):
            return [lambda: setattr(node, "value", not value)]
        case ast.Constant(value=int(value)) | ast.Constant(value=float(value)):
            return [lambda: setattr(node, "value", value + 1)]
        case ast.Return(value=ast.Constant(value=None)):
            return []
        case ast.Return(value=ast.expr()) | ast.Call(func=ast.Name(id="sorted")) as found:
            return [lambda: _emptied(found)]
    return []


def _emptied(node: ast.Return | ast.Call) -> None:
    """Give nothing back; leave a list in the order in which it came."""
    if isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    else:
        node.func, node.keywords = ast.Name("list", ast.Load()), []


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module as it was changed."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, name: str, *_rest: object) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(ast.fix_missing_locations(self.tree), self.name, "exec"), module.__dict__)  # noqa: S102  # our own


class _Options:
    """What the tests' own set-up gives them, without the application that it starts."""

    @staticmethod
    def pytest_addoption(parser: pytest.Parser) -> None:
        parser.addoption("--renew-golden", action="store_true")


def is_noticed(module: str, tree: ast.Module) -> bool:
    """Whether a test fails once a module is changed so."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
        sys.meta_path.insert(0, _Changed(f"{DOMAIN}.{module}", tree))
        tests = [f"tests/domain/test_{name}.py" for name in TESTS]
        os._exit(min(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--noconftest", *tests], [_Options()])), 9))
    return os.waitpid(child, 0)[1] != 0


def measure(modules: Sequence[str], every: int) -> dict[str, float]:
    """By module, the share of changes that was noticed; prints each that was not."""
    shares = {}
    for module in modules:
        found = list(changes((ROOT / "portal" / "domain" / f"{module}.py").read_text()))[::every]
        missed = [change for change in found if not is_noticed(module, change.tree)]
        for change in missed:
            print(f"    {module}.py:{change.line}: {change.words}", flush=True)
        shares[module] = 1 - len(missed) / max(len(found), 1)
        print(f"{module}: {len(found) - len(missed)} of {len(found)}, {shares[module]:.0%}", flush=True)
    return shares


def main() -> int:
    """Run it; 1 where a module falls short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    hypothesis.settings.register_profile("changed", deadline=None, max_examples=20, derandomize=True, database=None)
    hypothesis.settings.load_profile("changed")
    if not all(is_noticed(module, ast.parse("raise SystemExit(1)")) for module in asked.modules):
        sys.exit("A module that breaks at once is not noticed: the tests do not import it.")
    with contextlib.suppress(KeyboardInterrupt):
        return int(min(measure(asked.modules, asked.every).values()) < TARGET)
    return 1


if __name__ == "__main__":
    sys.exit(main())
