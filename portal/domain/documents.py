"""The documents that versions of questionnaires are stored as, made from the shipped programme."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.errors import Invalid
from portal.domain.items import SCALE, ItemType

Document = dict[str, Any]

OWN_FIELDS_UNFOLDED = 3  # an exercise's form shows three fields of its own at most, the rest folded
_KEPT = ("id", "type", "disclosure", "may_not_come_up", "reverse", "dimension", "step", "when", "show_if", "folded")
_KEPT_TOO = ("opens", "suggest", "only_for", "hidden_under_policy", "ends")
_WEIGHT = re.compile(r"(\d+) \* ([a-z]+)")


def exercise_document(exercise: Mapping[str, Any], step: str, common: Mapping[str, Any]) -> Document:
    """One exercise of `step` with the questions that every exercise's form carries: JSON, complete in itself.

    `exercise` is an entry of a file of `content/exercises/`, `common` the file of common fields.
    """
    shared = {field["id"]: field for field in common["fields"]}
    kept = set(common["not_this_time_shows_only"])

    def common_items(ids: Sequence[str]) -> list[Document]:
        wanted = (shared[item_id] for item_id in ids)
        fitting = (f for f in wanted if exercise["frequency"] in f.get("only_for", (exercise["frequency"],)))
        return [_item(field) | {"stays_when_not_done": field["id"] in kept} for field in fitting]

    own = [_item(field) for field in exercise["fields"]]
    for item in own[OWN_FIELDS_UNFOLDED:]:
        item["folded"] = True
    return {
        "kind": "exercise",
        "step": step,
        **{name: exercise[name] for name in ("slug", "title", "purpose", "audience", "minutes", "frequency")},
        "instructions": list(exercise["instructions"]),
        "safety_note": exercise.get("safety_note"),
        "items": common_items(common["before_the_fields"]) + own + common_items(common["after_the_fields"]),
        "screens": [],
        "scoring": None,
    }


def check_in_document(content: Mapping[str, Any]) -> Document:
    """The weekly check-in, from the file `content/check_in.yaml`: JSON, complete in itself."""
    check_in = content["checkin"]
    ends = list(check_in["scale"]["ends"])
    return {
        "kind": "check_in",
        "slug": check_in["id"],
        "step": None,
        "title": "Weekly check-in",
        "purpose": f"A look back at {check_in['look_back']}, in about three minutes.",
        "audience": "alone",
        "minutes": 3,
        "frequency": "weekly",
        "instructions": [f"Think of {check_in['look_back']}.", "Leave out whatever you like."],
        "safety_note": None,
        "items": [_item(field, ends) for field in check_in["items"]],
        "screens": [dict(screen) for screen in check_in["screens"]],
        "scoring": _scoring(check_in["scoring"]),
    }


def passage_document(passage: Mapping[str, Any]) -> Document:
    """A form with which the work begins or ends, from an entry of `content/passages.yaml`: JSON, complete in itself."""
    return {
        "kind": "passage",
        "step": None,
        **{name: passage[name] for name in ("slug", "title", "purpose", "minutes")},
        "audience": "alone",
        "frequency": "once",
        "instructions": list(passage["instructions"]),
        "safety_note": None,
        "items": items_of(passage["fields"]),
        "screens": [dict(screen) for screen in passage["screens"]],
        "scoring": None,
    }


def items_of(fields: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Questions as shipped files have them, as documents have them."""
    return [_item(field) for field in fields]


def _item(field: Mapping[str, Any], scale_ends: list[str] | None = None) -> Document:
    item = {name: field[name] for name in (*_KEPT, *_KEPT_TOO) if name in field}
    item["label"] = field.get("label") or field.get("text")
    if field["type"] == ItemType.SCALE:
        item |= {"minimum": SCALE[0], "maximum": SCALE[1], "ends": field.get("ends") or scale_ends}
    if field["type"] == ItemType.NUMBER:
        item |= {"minimum": field.get("min"), "maximum": field.get("max")}
    if "options" in field:
        # a list, since some databases keep no order of names
        item["options"] = [{"value": value, "label": label} for value, label in field["options"].items()]
    if "raises" in field:
        item["raises"] = _raises(field["raises"])
    return item


def _raises(raises: Mapping[str, str] | str) -> list[list[str]]:
    """A ticked box that asks for a safety review is a flag like any other."""
    if raises == "safety_review":
        return [["true", "flag"]]
    if isinstance(raises, str):
        raise Invalid("item_unknown_signal", value=raises)
    return [[value, kind] for value, kind in raises.items()]


def _scoring(scoring: Mapping[str, Any]) -> Document:
    return {
        "subscales": [{"name": name, **subscale} for name, subscale in scoring["subscales"].items()],
        "total": [[name, int(weight)] for weight, name in _WEIGHT.findall(scoring["emotional_safety_score"])],
    }
