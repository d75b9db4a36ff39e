"""A FHIR file as a tree: bounded in size and depth, plain in its texts, and each fault of it with its place."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from portal.domain.errors import Invalid
from portal.domain.imported import MOST_BYTES

MOST_DEPTH = 64  # of the tree: a group within a group takes two
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_CODE = re.compile(r"\S+(\s\S+)*")


def refuse(rule: str, place: str, **params: object) -> NoReturn:
    """Raise Invalid(`fhir_<rule>`) with the place in the file, as `item[0].answerOption[2]`."""
    raise Invalid(f"fhir_{rule}", place=place, **params)


def tree(data: bytes) -> Mapping[str, Any]:
    """The file as plain mappings and lists, decimals exact.

    Refused: more than 1 MB, no UTF-8, no JSON, a name given twice, too deep, texts with control characters, and
    every modifierExtension, since whoever does not know it may not read past it.
    """
    if len(data) > MOST_BYTES:
        refuse("too_large", "", most=MOST_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse("not_utf8", "")
    try:
        root = json.loads(text, object_pairs_hook=_names_once, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as fault:
        refuse("not_json", f"line {fault.lineno}, column {fault.colno}")
    except RecursionError:
        refuse("too_deep", "", most=MOST_DEPTH)
    except (ValueError, InvalidOperation):
        # a number of thousands of digits
        refuse("number_unclear", "")
    if not isinstance(root, dict):
        refuse("unreadable", "")
    _check_leaves(root)
    return root


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            refuse("name_doubled", name)
        found[name] = value
    return found


def _no_number(constant: str) -> NoReturn:
    refuse("number_unclear", constant)


def _check_leaves(root: Mapping[str, Any]) -> None:
    """Without recursion, so that no depth can hurt."""
    waiting: list[tuple[str, Any, int]] = [("", root, 1)]
    while waiting:
        place, value, depth = waiting.pop()
        if depth > MOST_DEPTH:
            refuse("too_deep", place, most=MOST_DEPTH)
        if isinstance(value, str) and _UNFIT.search(value):
            refuse("text_unfit", place)
        waiting += [(where, below, depth + 1) for where, below in _below(place, value)]


def _below(place: str, value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, below in value.items():
            where = f"{place}.{name}" if place else name
            if name == "modifierExtension":
                refuse("modifier_extension", where)
            yield where, below
    elif isinstance(value, list):
        yield from ((f"{place}[{n}]", below) for n, below in enumerate(value))


class Node:
    """One object of the tree with its place; what is taken out of it is checked, and what is not is named."""

    def __init__(self, place: str, fields: object, known: Collection[str]) -> None:
        if not isinstance(fields, Mapping):
            refuse("unreadable", place)
        self.place = place
        self._fields = fields
        self._left = [name for name in fields if fields[name] not in (None, [], {})]
        for name in fields:
            if name.removeprefix("_") not in known:
                refuse("unknown_field", self.at(name))
            if fields[name] is None:
                refuse("unreadable", self.at(name))

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def has(self, name: str) -> bool:
        return name in self._fields

    def take(self, name: str) -> Any:
        """What stands there, None where nothing does; it no longer counts as left over."""
        if name in self._left:
            self._left.remove(name)
        return self._fields.get(name)

    def text(self, name: str) -> str | None:
        """A text that is not empty; None where there is none."""
        value = self.take(name)
        if value is None and name not in self._fields:
            return None
        if not isinstance(value, str) or not value.strip():
            refuse("text_empty", self.at(name))
        return value

    def needed(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            refuse("field_missing", self.at(name))
        return value

    def code(self, name: str) -> str:
        """A needed text as codes are written: no blank at its ends, and none beside another."""
        value = self.needed(name)
        if not _CODE.fullmatch(value):
            refuse("code_unfit", self.at(name))
        return value

    def boolean(self, name: str) -> bool:
        """False where nothing stands."""
        value = self.take(name)
        if value is not None and type(value) is not bool:
            refuse("no_boolean", self.at(name))
        return bool(value)

    def listed(self, name: str) -> list[tuple[str, Any]]:
        """The entries of a list with their places."""
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            refuse("unreadable", self.at(name))
        return [(f"{self.at(name)}[{n}]", entry) for n, entry in enumerate(value)]

    def left(self) -> list[str]:
        """The places of what nobody took."""
        return [self.at(name) for name in self._left]
