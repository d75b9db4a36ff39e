"""When a question is asked: the small grammar of `show_if`."""

import re
from dataclasses import dataclass

from portal.domain.errors import Invalid

_NAME = r"[a-z][a-z0-9_]*"
_OPTION = r"(?:'[^'(),]+'|[A-Za-z0-9_-]+)"
_COMPARISON = re.compile(rf"\s*({_NAME})\s*(!=|=)\s*({_OPTION})\s*")
_MEMBERSHIP = re.compile(rf"\s*({_NAME})\s+in\s*\(\s*({_OPTION}(?:\s*,\s*{_OPTION})*)\s*\)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """Asked if the answer to `item_id` is one of `options` (or none of them, where `negated`)."""

    item_id: str
    options: tuple[str, ...]
    negated: bool = False

    def holds(self, value: int | str | bool | None) -> bool:
        """False for whatever was skipped, did not come up or was itself not asked."""
        if value is None:
            return False
        return (as_option(value) in self.options) is not self.negated

    def __str__(self) -> str:
        if len(self.options) == 1:
            return f"{self.item_id} {'!=' if self.negated else '='} '{self.options[0]}'"
        quoted = ", ".join(f"'{option}'" for option in self.options)
        return f"{self.item_id} in ({quoted})"


def as_option(value: int | str | bool) -> str:
    """A value as conditions and signals write it: `true` and `false` for a box, digits for a number."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse(text: str) -> Condition:
    """Read `item = option`, `item != option` or `item in (a, b)`; quotes round an option may be left out.

    Raises Invalid("condition_unreadable", condition=text) for anything else.
    """
    if found := _COMPARISON.fullmatch(text):
        return Condition(found[1], (found[3].strip("'"),), negated=found[2] == "!=")
    if found := _MEMBERSHIP.fullmatch(text):
        return Condition(found[1], tuple(option.strip().strip("'") for option in found[2].split(",")))
    raise Invalid("condition_unreadable", condition=text)
