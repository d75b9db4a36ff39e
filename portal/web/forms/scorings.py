"""A scoring that a coach types, as a definition like the shipped ones: its lines read, and nothing guessed."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from portal.domain.errors import Invalid
from portal.domain.imported import ImportedItem, ImportedType
from portal.domain.measure_forms import scored_items
from portal.services.measure_import import OWN
from portal.services.measures import MeasureShown
from portal.web.forms.fields import whole_number_or_none

_NUMBER = re.compile(r"-?[0-9]{1,4}(?:[.,][0-9]{1,2})?")
_CUT = re.compile(r"(<=|>=|<|>)\s*(-?[0-9]{1,4}(?:[.,][0-9]{1,2})?)")
_CRITICAL = re.compile(r"([0-9]{1,3})\s*>=\s*(-?[0-9]{1,4}(?:[.,][0-9]{1,2})?)")
_LINE = re.compile(r"([a-z][a-z0-9_]{0,39})\s*:\s*(.+)")


def typed_scoring(typed: Mapping[str, Any], found: MeasureShown) -> dict[str, Any]:
    """The definition; `found` gives the ranges of its items where it asks them. Raises Invalid with `field`."""
    if not _has(typed, "scales"):
        raise Invalid("scoring_scales_missing", field="scales")
    document: dict[str, Any] = {
        "better": typed["better"],
        "method": typed["method"],
        "scales": {name: _items(text) for name, text in _lines("scales", typed["scales"])},
        **_ranges(typed, found),
    }
    if _has(typed, "missing"):
        prorated = {} if typed["method"] == "count" else {"prorate": "person_mean"}
        document["missing"] = {"max_missing": _whole("missing", typed["missing"]), **prorated}
    if _has(typed, "cut"):
        document["cut"] = _pair("cut", _CUT, typed["cut"])
    if _has(typed, "bands"):
        document["bands"] = {name: _number("bands", text) for name, text in _lines("bands", typed["bands"])}
    if _has(typed, "rci"):
        document["rci"] = _number("rci", typed["rci"])
    if _has(typed, "critical"):
        item, least = _pair("critical", _CRITICAL, typed["critical"])
        document["critical"] = {"item": int(item), "at_least": least, "if_missing": "ask"}
    return document


def told_scoring(found: MeasureShown) -> dict[str, Any]:
    """What is chosen now, as the fields of the form say it; what was typed reads back as the same definition."""
    document = found.scoring or {}
    told: dict[str, Any] = {"scoring": found.scoring_name, "concern": found.line.concern.value}
    if len(document.get("cut", ())) > 2:
        told["source"] = document["cut"][2]
    if found.scoring_name == OWN:
        told |= _told(document, has_items=found.questionnaire is not None)
    return told


def _told(document: Mapping[str, Any], *, has_items: bool) -> dict[str, Any]:
    told = {name: document[name] for name in ("better", "method")}
    told["scales"] = "\n".join(f"{name}: {', '.join(map(str, items))}" for name, items in document["scales"].items())
    told["bands"] = "\n".join(f"{name}: {least}" for name, least in document.get("bands", {}).items())
    told["cut"] = " ".join(map(str, document.get("cut", ())[:2]))
    told["rci"] = str(document.get("rci", ""))
    told["missing"] = str(document.get("missing", {}).get("max_missing", ""))
    critical = document.get("critical")
    told["critical"] = f"{critical['item']} >= {critical['at_least']}" if critical else ""
    if not has_items:
        told |= {"items": str(document["n"]), "low": str(document["min"]), "high": str(document["max"])}
    return told


def _has(typed: Mapping[str, Any], field: str) -> bool:
    return bool((typed[field] or "").strip())


def _lines(field: str, text: str | None) -> Iterator[tuple[str, str]]:
    """Lines of a name and what it stands for; none twice."""
    seen: set[str] = set()
    for line in (text or "").splitlines():
        if line.strip():
            read = _LINE.fullmatch(line.strip())
            if read is None or read[1] in seen:
                raise Invalid("scoring_line_unclear", field=field, line=line.strip()[:60])
            seen.add(read[1])
            yield read[1], read[2].strip()


def _items(text: str) -> list[int | str]:
    parts = [part.strip() for part in text.split(",")]
    numbers = [whole_number_or_none(part, most_digits=3) for part in parts]
    return [part if number is None else number for part, number in zip(parts, numbers, strict=True)]


def _plain(text: str) -> float | int:
    value = float(text.replace(",", "."))
    return int(value) if value.is_integer() else value


def _number(field: str, text: str) -> float | int:
    if not _NUMBER.fullmatch(text.strip()):
        raise Invalid("scoring_no_number", field=field)
    return _plain(text.strip())


def _whole(field: str, text: str) -> int:
    value = _number(field, text)
    if not isinstance(value, int):
        raise Invalid("scoring_no_number", field=field)
    return value


def _pair(field: str, pattern: re.Pattern[str], text: str) -> list[Any]:
    read = pattern.fullmatch(text.strip())
    if read is None:
        raise Invalid("scoring_line_unclear", field=field, line=text.strip()[:60])
    return [read[1], _plain(read[2])]


def _ranges(typed: Mapping[str, Any], found: MeasureShown) -> dict[str, Any]:
    """The number of items and the points of each: from the answers of the form, or as typed."""
    items = scored_items(found.questionnaire) if found.questionnaire else ()
    ends = [_ends(item, found) for item in items]
    if not items or None in ends:
        low, high = _number("low", typed["low"] or ""), _number("high", typed["high"] or "")
        return {"n": len(items) or _whole("items", typed["items"] or ""), "min": low, "max": high}
    lows, highs = ([_as_number(pair[place]) for pair in ends if pair] for place in (0, 1))
    return {
        "n": len(items),
        "min": lows[0],
        "max": highs[0],
        "min_at": {n: low for n, low in enumerate(lows, start=1) if low != lows[0]},
        "max_at": {n: high for n, high in enumerate(highs, start=1) if high != highs[0]},
        "decimals": 0,
    }


def _ends(item: ImportedItem, found: MeasureShown) -> tuple[Decimal, Decimal] | None:
    """The least and the most points of an item; None where its answers do not say."""
    points = [option.weight for option in item.options if option.weight is not None]
    if item.type is ImportedType.BOOLEAN and found.yes_no is not None:
        points = [Decimal(text) for text in found.yes_no]
    return (min(points), max(points)) if points else None


def _as_number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)
