"""The form of a task, built from its definition: groups by who reads them, with what was typed and what is wrong.

The page has a few hundred radios, so they are plain values for a lean macro (`components/questions.html` describes
them) instead of a WTForms field each; cleaning is the domain's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.domain.answers import TEXT_LIMIT
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid
from portal.domain.items import Item, ItemType
from portal.domain.questionnaires import Screen
from portal.services.drafts import Typed
from portal.services.responses import OpenTask
from portal.web.forms.fields import whole_number_or_none
from portal.web.forms.words import words_for

OFFERED = (Disclosure.COACH, Disclosure.SESSION, Disclosure.SHARED, Disclosure.LOCKED)
MOST_TYPED = 20_000  # characters of one field that a draft keeps; what may be sent is less
TICKED, UNTICKED = "yes", "no"
AS_TICKED = {TICKED: "true", UNTICKED: "false"}
NOT_THIS_TIME = "not_this_time"
PARKED = "parked"  # the form was filled with what was typed when a session ran out
CLOSED = "closed"  # the form did not show what was typed before a reset by mail
PRIVATE_SHOWN = "private-shown"  # the private questions stood open on the page that was posted


@dataclass(frozen=True, slots=True)
class Question:
    """One question card."""

    id: str
    name: str
    type: str
    label: str
    value: str
    error: str
    options: tuple[tuple[str, str], ...]
    ends: tuple[str, str] | tuple[()]
    na: bool
    disclosure: str
    private: bool
    folded: bool
    show_if: tuple[str, str, tuple[str, ...]] | None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that the same people read."""

    id: str
    disclosure: str
    at_once: bool
    title: str
    before: str
    skippable: bool
    kept: bool
    one_for_all: str
    one_private: bool
    questions: tuple[Question, ...] = field(default_factory=tuple)


class Form(Protocol):
    """What a form asks, and on which screens: somebody's task, or a preview of one."""

    @property
    def items(self) -> tuple[Item, ...]: ...

    @property
    def screens(self) -> tuple[Screen, ...]: ...


def groups(
    task: Form, typed: Typed, refusals: Mapping[str, Invalid] | None = None, *, kept: bool = False
) -> tuple[Group, ...]:
    """The form of a task. `kept` says that private questions stand in the draft, whether they were answered or not.

    `typed` must not hold private answers of an earlier request: `without_private` takes them out.
    """
    items = {item.id: item for item in task.items}
    made = []
    for place, screen in enumerate(task.screens):
        for bundle in _bundles(items[item_id] for item_id in screen.item_ids):
            first = bundle[0]
            is_locked = first.disclosure is Disclosure.LOCKED
            questions = _unfolded_if_alone(_question(item, typed, refusals or {}, "done" in items) for item in bundle)
            made.append(
                Group(
                    id=f"g{place}-{first.disclosure}{'-now' if first.opens_at_once else ''}",
                    disclosure=first.disclosure.value,
                    at_once=first.opens_at_once,
                    title=screen.title if first.id == screen.item_ids[0] else "",
                    before=screen.before or "",
                    skippable=bool(screen.skip),
                    kept=is_locked and kept,
                    one_for_all=screen.one_choice_for_all or "",
                    one_private=bool(questions) and all(question.private for question in questions),
                    questions=questions,
                )
            )
    return tuple(made)


def questions_again(
    items: Iterable[Item], typed: Typed, refusals: Mapping[str, Invalid] | None = None
) -> tuple[Question, ...]:
    """Questions that stand alone on a page, whatever they hang on in their form."""
    return tuple(_question_again(item, typed, refusals or {}) for item in items)


def _question_again(item: Item, typed: Typed, refusals: Mapping[str, Invalid]) -> Question:
    question = replace(_question(item, typed, refusals, ends_early=False), show_if=None, folded=False)
    if item.type is not ItemType.CHECKBOX or item.disclosure is not Disclosure.LOCKED:
        return question
    # a box that is not shown as it was left cannot say whether it was emptied
    yes_or_no = ((TICKED, str(gettext("Yes"))), (UNTICKED, str(gettext("No"))))
    said = next((word for word, raw in AS_TICKED.items() if raw == typed.raw.get(item.id)), "")
    return replace(question, type=ItemType.CHOICE.value, value=said, options=yes_or_no)


def _bundles(items: Iterable[Item]) -> list[list[Item]]:
    """Items with the same readers together, the coach's first, locked ones last."""
    found: dict[tuple[int, bool], list[Item]] = {}
    for item in items:
        found.setdefault((OFFERED.index(item.disclosure), item.opens_at_once), []).append(item)
    return [found[key] for key in sorted(found)]


def _unfolded_if_alone(questions: Iterable[Question]) -> tuple[Question, ...]:
    """A group in which everything is folded would look empty."""
    listed = tuple(questions)
    return tuple(replace(q, folded=False) for q in listed) if all(q.folded for q in listed) else listed


def without_private(task: OpenTask, typed: Typed) -> Typed:
    """What may stand in a page that is opened again: everything but private answers."""
    return Typed({key: value for key, value in typed.raw.items() if key not in task.locked_ids}, typed.disclosures)


def _question(item: Item, typed: Typed, refusals: Mapping[str, Invalid], ends_early: bool) -> Question:
    raw = typed.raw.get(item.id, "")
    refusal = refusals.get(item.id)
    return Question(
        id=f"f-{item.id}",
        name=item.id,
        type=item.type.value,
        label=item.label,
        value=TICKED if item.type is ItemType.CHECKBOX and raw else raw,
        error=words_for(refusal) if refusal else "",
        options=tuple((option.value, option.label) for option in item.options),
        ends=item.ends or (),
        na=item.may_not_come_up,
        disclosure=item.disclosure.value,
        private=typed.disclosures.get(item.id, item.disclosure) != item.disclosure,
        folded=item.folded,
        show_if=_condition(item, ends_early=ends_early),
        hint=item.suggest or "",
    )


def _condition(item: Item, *, ends_early: bool) -> tuple[str, str, tuple[str, ...]] | None:
    """What the page's script hides a question by; the domain decides again when it is sent."""
    if item.show_if is not None:
        return item.show_if.item_id, "!=" if item.show_if.negated else "in", item.show_if.options
    if ends_early and not item.stays_when_not_done:
        return "done", "unless", (NOT_THIS_TIME,)
    return None


def read(task: OpenTask, posted: MultiDict[str, str]) -> Typed:
    """What was posted, as it was typed. Private questions that were not on the page are left out.

    Of several values for one reader's choice the strictest counts, and none at all means the coach alone.
    """
    raw = {item.id: _typed(item, posted) for item in task.items if _was_on_page(item, posted)}
    return Typed(raw, {item.id: _chosen(item, task, posted) for item in task.items if item.id in raw})


def typed_in(items: Iterable[Item], posted: MultiDict[str, str]) -> dict[str, str]:
    """What was typed in from a sheet with these questions."""
    return {item.id: _typed(item, posted) for item in items}


def _was_on_page(item: Item, posted: MultiDict[str, str]) -> bool:
    return item.disclosure is not Disclosure.LOCKED or PRIVATE_SHOWN in posted


def _typed(item: Item, posted: MultiDict[str, str]) -> str:
    most = TEXT_LIMIT if item.disclosure is Disclosure.LOCKED else MOST_TYPED  # a refusal would tell it was answered
    values = posted.getlist(item.id) or [""]
    if item.link_id is not None and len(set(values)) > 1:  # of a measure: which of the two was meant is not guessed
        return " | ".join(values)[:most]
    value = values[-1][:most]
    return AS_TICKED.get(value, value) if item.type is ItemType.CHECKBOX else value


def _chosen(item: Item, task: OpenTask, posted: MultiDict[str, str]) -> str:
    asked = posted.getlist(f"{item.id}-disclosure") + _for_all(item, task, posted)
    if not asked or Disclosure.COACH in asked or "all_private" in posted:
        return Disclosure.COACH.value
    return asked[0]


def _for_all(item: Item, task: OpenTask, posted: MultiDict[str, str]) -> list[str]:
    for place, screen in enumerate(task.screens):
        if screen.one_choice_for_all and item.id in screen.item_ids:
            return posted.getlist(f"g{place}-{item.disclosure}-disclosure")
    return []


def version_in(posted: MultiDict[str, str]) -> int:
    """The version of the draft that a form was typed on; -1 for what is none."""
    read = whole_number_or_none(posted.get("version", "0"))
    return -1 if read is None else read
