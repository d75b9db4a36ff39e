"""Reads the definition of a published measure as `content/instruments.yaml` has it, and refuses whatever is unclear."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.domain.errors import Invalid
from portal.domain.imported import MOST_ITEMS
from portal.domain.measures import (
    TOTAL,
    Band,
    Better,
    Critical,
    CutOff,
    Measure,
    Method,
    Missing,
    Range,
    Scale,
)

MOST_DECIMALS = 2
_KNOWN = {"better", "n", "min", "max", "min_at", "max_at", "decimals", "scales", "method", "raw_reverse", "missing"}
_KNOWN_TOO = {"cut", "bands", "rci", "critical"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_SPAN = re.compile(r"([1-9][0-9]{0,2})-([1-9][0-9]{0,2})")


def measures_from_document(document: Mapping[str, Any]) -> dict[str, Measure]:
    """All definitions of the file `content/instruments.yaml`, by name; raises Invalid as `from_document` does."""
    return {name: from_document(name, entry) for name, entry in document["instruments"].items()}


def from_document(name: str, document: Mapping[str, Any]) -> Measure:
    """Read one definition. Raises Invalid with the rule that is broken, `measure`, and `place` (as `scales.total`).

    Nothing is guessed: an unknown field, a cut-off that looks the wrong way or that no score can reach, an item in no
    scale, a missing rule that leaves open what is done with the hole: each is refused.
    """
    reader = _Reader(name, document)
    measure = Measure(
        name=reader.name(),
        better=Better(reader.one_of("better", tuple(Better))),
        ranges=reader.ranges(),
        scales=tuple(reader.scales()),
        decimals=reader.decimals(),
        method=Method(reader.one_of("method", tuple(Method), Method.SUM)),
        missing=reader.missing(),
        raw_reverse=reader.raw_reverse(),
        cut=reader.cut(),
        bands=tuple(reader.bands()),
        rci=reader.number("rci", document["rci"]) if "rci" in document else None,
        critical=reader.critical(),
    )
    _check(measure)
    return measure


class _Reader:
    """Takes a document apart, and names the place of whatever is not as it must be."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self._name = name
        self._document = document
        if not isinstance(document, Mapping):
            raise self.fault("unreadable", "")
        for field in document:
            if field not in _KNOWN | _KNOWN_TOO:
                raise self.fault("unknown_field", str(field))

    def fault(self, rule: str, place: str) -> Invalid:
        return Invalid(f"measure_{rule}", measure=self._name, place=place)

    def name(self) -> str:
        if not isinstance(self._name, str) or not _NAME.fullmatch(self._name):
            raise self.fault("unreadable", "name")
        return self._name

    def number(self, place: str, value: object) -> Decimal:
        """A finite number that is written as one."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = Decimal(str(value))
            if number.is_finite() and abs(number) < 10_000:
                return number
        raise self.fault("no_number", place)

    def whole(self, place: str, value: object, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            raise self.fault("no_whole_number", place)
        return value

    def one_of(self, field: str, kinds: Sequence[str], otherwise: str | None = None) -> str:
        value = self._document.get(field, otherwise)
        if value not in kinds:
            raise self.fault("unknown_choice", field)
        return str(value)

    def map(self, field: str) -> Mapping[Any, Any]:
        value = self._document.get(field, {})
        if not isinstance(value, Mapping):
            raise self.fault("unreadable", field)
        return value

    def count(self) -> int:
        return self.whole("n", self._document.get("n"), 1, MOST_ITEMS)

    def item(self, place: str, value: object) -> int:
        """The number of an item, from 1."""
        if type(value) is not int or not 1 <= value <= self.count():
            raise self.fault("unknown_item", place)
        return value

    def decimals(self) -> int:
        return self.whole("decimals", self._document.get("decimals", 0), 0, MOST_DECIMALS)

    def ranges(self) -> tuple[Range, ...]:
        lows, highs = (self._ends("min"), self._ends("max"))
        for item, (low, high) in enumerate(zip(lows, highs, strict=True), start=1):
            if low >= high:
                raise self.fault("range_reversed", f"item {item}")
        return tuple(Range(low, high) for low, high in zip(lows, highs, strict=True))

    def _ends(self, field: str) -> list[Decimal]:
        ends = [self.number(field, self._document.get(field))] * self.count()
        for item, value in self.map(f"{field}_at").items():
            place = f"{field}_at.{item}"
            number = int(item) if isinstance(item, str) and _NUMBER.fullmatch(item) else item  # as JSON names fields
            ends[self.item(place, number) - 1] = self.number(place, value)
        return ends

    def scales(self) -> Iterator[Scale]:
        for name, listed in self.map("scales").items():
            place = f"scales.{name}"
            if not _NAME.fullmatch(str(name)):
                raise self.fault("unreadable", place)
            items = self._items(place, listed)
            if not items or len(set(items)) != len(items):
                raise self.fault("scale_empty_or_doubled", place)
            yield Scale(str(name), items)

    def _items(self, place: str, listed: object) -> tuple[int, ...]:
        """Numbers, and spans such as 1-4, in the order they are written in."""
        if not isinstance(listed, list):
            raise self.fault("unreadable", place)
        found: list[int] = []
        for entry in listed:
            span = _SPAN.fullmatch(entry) if isinstance(entry, str) else None
            numbers = range(int(span[1]), int(span[2]) + 1) if span else (entry,)
            if not numbers:
                raise self.fault("unknown_item", place)
            found += [self.item(place, number) for number in numbers]
        return tuple(found)

    def raw_reverse(self) -> frozenset[int] | None:
        if "raw_reverse" not in self._document:
            return None
        return frozenset(self._items("raw_reverse", self._document["raw_reverse"]))

    def missing(self) -> Missing | None:
        if self._document.get("missing", "none") == "none":
            return None
        rule = self.map("missing")
        if not set(rule) <= {"max_missing", "prorate"} or rule.get("prorate", "person_mean") != "person_mean":
            raise self.fault("missing_rule_unclear", "missing")
        most = self.whole("missing.max_missing", rule.get("max_missing"), 1, self.count() - 1)
        return Missing(most, "prorate" in rule)

    def cut(self) -> CutOff | None:
        """`[operator, value]`, or with the words of its source in third place."""
        if "cut" not in self._document:
            return None
        entry = self._document["cut"]
        if not isinstance(entry, list) or len(entry) not in (2, 3) or entry[0] not in ("<", "<=", ">", ">="):
            raise self.fault("cut_unclear", "cut")
        source = entry[2] if len(entry) == 3 else None
        if source is not None and (not isinstance(source, str) or not source.strip()):
            raise self.fault("cut_unclear", "cut")
        return CutOff(entry[0], self.number("cut", entry[1]), source)

    def bands(self) -> Iterator[Band]:
        for name, least in self.map("bands").items():
            if not _NAME.fullmatch(str(name)):
                raise self.fault("unreadable", f"bands.{name}")
            yield Band(str(name), self.number(f"bands.{name}", least))

    def critical(self) -> Critical | None:
        if "critical" not in self._document:
            return None
        rule = self.map("critical")
        if set(rule) != {"item", "at_least", "if_missing"} or rule["if_missing"] != "ask":
            raise self.fault("critical_unclear", "critical")
        item, least = self.item("critical.item", rule["item"]), self.number("critical.at_least", rule["at_least"])
        return Critical(item, least)


def _check(measure: Measure) -> None:
    """Hold the parts of a definition against each other."""
    scaled = {item for scale in measure.scales for item in scale.items}
    total = measure.scale(TOTAL)
    critical = measure.critical
    broken = {
        ("item_in_no_scale", "scales"): scaled != set(range(1, len(measure.ranges) + 1)),
        ("missing_rule_unclear", "missing"): _missing_unclear(measure),
        ("critical_unreachable", "critical"): critical is not None
        and not measure.ranges[critical.item - 1].low < critical.at_least <= measure.ranges[critical.item - 1].high,
        ("without_total", "scales"): total is None and bool(measure.cut or measure.bands or measure.rci is not None),
        ("rci_not_positive", "rci"): measure.rci is not None and measure.rci <= 0,
        **({} if total is None else _faults_of_total(measure, measure.possible(total))),
    }
    for (rule, place), is_broken in broken.items():
        if is_broken:
            raise Invalid(f"measure_{rule}", measure=measure.name, place=place)


def _missing_unclear(measure: Measure) -> bool:
    """A hole in a sum or a mean is filled, and one in a count is not; and something of each scale is there."""
    if measure.missing is None:
        return False
    counted = measure.method is Method.COUNT
    return counted is measure.missing.prorate or measure.missing.most >= min(
        (len(s.items) for s in measure.scales), default=0
    )


def _faults_of_total(measure: Measure, possible: Range) -> dict[tuple[str, str], bool]:
    cut, starts = measure.cut, [band.at_least for band in measure.bands]
    return {
        ("cut_looks_the_wrong_way", "cut"): cut is not None
        and cut.operator.startswith("<") is not (measure.better is Better.HIGH),
        ("cut_unreachable", "cut"): cut is not None and not possible.holds(cut.value),
        ("bands_unclear", "bands"): bool(starts)
        and (starts != sorted(set(starts)) or starts[0] != possible.low or starts[-1] > possible.high),
    }
