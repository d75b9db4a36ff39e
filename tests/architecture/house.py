"""The house as syntax trees: every module with its imports and functions, for the tests that hold its rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "portal"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One name that is brought in: `portal.services.scope` for a module, `portal.extensions.db` for a name of one."""

    name: str
    line: int
    is_relative: bool
    is_inside_function: bool

    @property
    def root(self) -> str:
        return self.name.split(".")[0]

    @property
    def layer(self) -> str:
        """The part of the house it is from; empty for anything foreign."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "portal" and len(parts) > 1 else "portal" if parts[0] == "portal" else ""


@dataclass(frozen=True)
class Module:
    path: Path
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def layer(self) -> str:
        """`domain`, `web` ...; the file's own name for what lies at the top (`clock`), `portal` for create_app."""
        parts = self.path.relative_to(HOUSE).with_suffix("").parts
        return "portal" if parts == ("__init__",) else parts[0]

    @property
    def part(self) -> str:
        """`web.coach` where a layer has rooms of its own."""
        parts = self.path.relative_to(HOUSE).with_suffix("").parts
        return ".".join(parts[:2]) if len(parts) > 2 else parts[0]

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(imports_of(self.tree))


def imports_of(tree: ast.Module) -> Iterator[Import]:
    """Every import of a module, wherever it stands."""
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, Function | ast.Lambda) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, False, id(node) in inside)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = f"{node.module}.{alias.name}" if node.module else alias.name
                yield Import(name, node.lineno, node.level > 0, id(node) in inside)


@lru_cache
def modules() -> tuple[Module, ...]:
    """Every module of the house."""
    return tuple(Module(path, path.read_text(encoding="utf-8")) for path in sorted(HOUSE.rglob("*.py")))


def module_of(source: str, path: str) -> Module:
    """An invented module, to see that a rule finds fault."""
    return Module(HOUSE / path, source)


def calls(node: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a function or method of that name, anywhere below `node`."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) == name
    ]
