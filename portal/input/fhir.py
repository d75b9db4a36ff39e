"""Reads a FHIR R4 Questionnaire (JSON): all or nothing, and what nothing here has room for is named.

Nothing of the file is run and nothing is fetched. What R5 calls `coding` is read as a choice.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

from portal.domain.imported import (
    MOST_ITEMS,
    MOST_OF_AN_ITEM,
    AnswerKind,
    ImportedCondition,
    ImportedItem,
    ImportedOption,
    ImportedQuestionnaire,
    ImportedType,
    fault_of,
    walk,
)
from portal.input.fhir_json import Node, refuse, tree
from portal.input.fhir_parts import Dropped, codes, conditions, expressions, is_computed, options, value_sets

_OF_ROOT = """
resourceType id meta implicitRules language text contained extension url identifier version name title derivedFrom
status experimental subjectType date publisher contact description useContext jurisdiction purpose copyright
approvalDate lastReviewDate effectivePeriod code item versionAlgorithmString versionAlgorithmCoding copyrightLabel
"""
_OF_ITEM = """
id extension linkId definition code prefix text type enableWhen enableBehavior required repeats readOnly maxLength
answerValueSet answerOption initial item disabledDisplay answerConstraint
"""
_ROOT, _ITEM = frozenset(_OF_ROOT.split()), frozenset(_OF_ITEM.split())
_STATUSES = ("draft", "active", "retired", "unknown")
_NOT_ORDERED = (AnswerKind.BOOLEAN, AnswerKind.CODING, AnswerKind.STRING)
_TYPES = {"coding": ImportedType.CHOICE, **{kind.value: kind for kind in ImportedType}}

Sets: TypeAlias = Mapping[str, tuple[ImportedOption, ...]]


def questionnaire(data: bytes) -> ImportedQuestionnaire:
    """The questionnaire of the file.

    Raises Invalid("fhir_...") with `place`: for a file that is too large, too deep, no JSON or no Questionnaire, over
    300 items, a link id given twice, a modifierExtension, a reference to something outside the file, a type that is
    not supported, a field that R4 does not have, and whatever else is unclear.
    """
    root = Node("", tree(data), _ROOT)
    if root.take("resourceType") != "Questionnaire":
        refuse("no_questionnaire", "resourceType")
    if root.has("implicitRules"):
        refuse("external_reference", "implicitRules")
    dropped: Dropped = []
    sets = value_sets(root.listed("contained"), dropped)
    items = _items(root, sets, dropped)
    _check_form(items)
    return ImportedQuestionnaire(
        items=items,
        url=root.text("url"),
        version=root.text("version"),
        title=root.text("title"),
        copyright=root.text("copyright"),
        status=_one_of(root, "status", _STATUSES),
        expressions=expressions(root, dropped),
        dropped=(*root.left(), *dropped),
    )


def _one_of(node: Node, name: str, known: tuple[str, ...]) -> str:
    value = node.needed(name)
    if value not in known:
        refuse("unknown_word", node.at(name))
    return value


def _items(parent: Node, sets: Sets, dropped: Dropped) -> tuple[ImportedItem, ...]:
    found = []
    for place, entry in parent.listed("item"):
        node = Node(place, entry, _ITEM)
        if _is_foreign_and_unasked(node):
            dropped.append(place)
        else:
            found.append(_item(node, sets, dropped))
    return tuple(found)


def _is_foreign_and_unasked(node: Node) -> bool:
    """A total that a file works out by itself is often a quantity: nobody is asked for it, so it is left out."""
    kind = node.needed("type")
    return kind not in _TYPES and (node.boolean("readOnly") or is_computed(expressions(node, [])))


def _item(node: Node, sets: Sets, dropped: Dropped) -> ImportedItem:
    behaviour = node.text("enableBehavior")
    item = ImportedItem(
        link_id=node.needed("linkId"),
        type=_type(node),
        text=node.text("text"),
        prefix=node.text("prefix"),
        codes=codes(node, dropped),
        required=node.boolean("required"),
        options=_options(node, sets, dropped),
        conditions=conditions(node, dropped),
        any_condition=behaviour == "any",
        expressions=expressions(node, dropped),
        items=_items(node, sets, dropped),
    )
    if behaviour not in (None, "all", "any"):
        refuse("unknown_word", node.at("enableBehavior"))
    if len(item.conditions) > 1 and behaviour is None:
        refuse("condition_all_or_any", node.at("enableWhen"))
    _check_item(item, node)
    if node.boolean("repeats"):
        refuse("answers_repeat", node.at("repeats"), item=item.link_id)
    dropped += node.left()
    return item


def _type(node: Node) -> ImportedType:
    kind = _TYPES.get(node.needed("type"))
    if kind is None:
        refuse("type_not_supported", node.at("type"))
    if node.has("answerConstraint") and node.take("answerConstraint") != "optionsOnly":
        refuse("type_not_supported", node.at("answerConstraint"))
    return kind


def _options(node: Node, sets: Sets, dropped: Dropped) -> tuple[ImportedOption, ...]:
    named, listed = node.text("answerValueSet"), options(node, dropped)
    if named is None:
        return listed
    place = node.at("answerValueSet")
    if listed:
        refuse("options_twice", place)
    if not named.startswith("#"):
        refuse("external_reference", place)
    if named[1:] not in sets:
        refuse("value_set_missing", place)
    return sets[named[1:]]


def _check_item(item: ImportedItem, node: Node) -> None:
    """Hold an item against itself, as the specification's own invariants do, and a little closer."""
    if max(len(item.options), len(item.conditions)) > MOST_OF_AN_ITEM:
        refuse("item_too_large", node.place, item=item.link_id, most=MOST_OF_AN_ITEM)
    choice, group, display = (
        item.type is kind for kind in (ImportedType.CHOICE, ImportedType.GROUP, ImportedType.DISPLAY)
    )
    kinds = {option.kind for option in item.options}
    fitting = {
        ImportedType.CHOICE: {AnswerKind.CODING, AnswerKind.INTEGER, AnswerKind.STRING},
        ImportedType.INTEGER: {AnswerKind.INTEGER},
        ImportedType.STRING: {AnswerKind.STRING},
    }
    broken = {
        "options_missing": choice and not item.options,
        "options_unfit": not kinds <= fitting.get(item.type, set()),
        "option_doubled": len({option.code for option in item.options}) != len(item.options),
        "group_empty": group and not item.items,
        "display_with_more": display and bool(item.items or item.codes or item.required),
        "text_missing": not group and not (item.text or any(code.display for code in item.codes)),
    }
    for rule, is_broken in broken.items():
        if is_broken:
            refuse(rule, node.place, item=item.link_id)


def _check_form(items: tuple[ImportedItem, ...]) -> None:
    """Hold the items against each other; faults are placed by link id."""
    every = list(walk(items))
    if not every:
        refuse("field_missing", "item")
    if len(every) > MOST_ITEMS:
        refuse("too_many_items", "item", most=MOST_ITEMS)
    for link_id, n in Counter(item.link_id for item in every).items():
        if n > 1:
            refuse("link_id_doubled", f"item {link_id}", item=link_id)
    known = {item.link_id: item for item in every}
    for item in every:
        for condition in item.conditions:
            _check_condition(item, condition, known)
    _check_loops(known)


def _check_condition(item: ImportedItem, condition: ImportedCondition, known: Mapping[str, ImportedItem]) -> None:
    asked, answer, place = known.get(condition.question), condition.answer, f"item {item.link_id} enableWhen"
    if asked is None:
        refuse("condition_names_no_item", place, item=item.link_id)
    if condition.operator == "exists":
        if answer.kind is not AnswerKind.BOOLEAN:
            refuse("condition_unclear", place, item=item.link_id)
        return
    if fault_of(asked, answer) or (condition.operator not in ("=", "!=") and answer.kind in _NOT_ORDERED):
        refuse("condition_unclear", place, item=item.link_id)


def _check_loops(known: Mapping[str, ImportedItem]) -> None:
    """No item may hang on itself, by whatever way; without recursion, for chains are as long as forms."""
    parents = {below.link_id: item.link_id for item in known.values() for below in item.items}
    hangs_on = {
        link_id: {c.question for c in item.conditions} | ({parents[link_id]} if link_id in parents else set())
        for link_id, item in known.items()
    }
    while free := [link_id for link_id, others in hangs_on.items() if not others]:
        for link_id in free:
            del hangs_on[link_id]
        for others in hangs_on.values():
            others.difference_update(free)
    if hangs_on:
        first = next(iter(hangs_on))
        refuse("condition_loop", f"item {first} enableWhen", item=first)
