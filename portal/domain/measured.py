"""The form of a measure, answered: its points, its scores, and what somebody has to look at the same day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from portal.domain import imported_documents, measure_documents
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid
from portal.domain.imported import Answer, ImportedItem, ImportedQuestionnaire, ImportedType, points_of, walk
from portal.domain.items import Value
from portal.domain.measure_care import LOINC, Concern
from portal.domain.measure_forms import answer_of, form_parts, item_ids, scored_items
from portal.domain.measure_scores import Score, score
from portal.domain.measures import TOTAL, Measure, Method
from portal.domain.safety import SignalKind

Fields: TypeAlias = dict[str, Any]
YesNo: TypeAlias = tuple[Decimal, Decimal]  # the points of a yes and of a no, where the form asks for them

PUBLISHED = ("cut", "bands", "rci")  # what holds of the words as they were published, and of no others
ALONE_TITLE = "A few questions for you alone"  # of a guarded form: whoever sees the phone learns nothing from it


@dataclass(frozen=True, slots=True)
class MeasureForm:
    """The part of a version's document that makes it a measure.

    `watched` is the scoring as it was before anything was dropped of it: what raises a flag is no published fact about
    a number, and is looked at in other words too.
    """

    name: str
    measure: Measure
    watched: Measure
    concern: Concern
    questionnaire: ImportedQuestionnaire
    yes_no: YesNo | None

    @property
    def scored(self) -> tuple[ImportedItem, ...]:
        return scored_items(self.questionnaire)


def from_section(section: Mapping[str, Any]) -> MeasureForm:
    """Read the part `measure` of a document that `document` made."""
    yes_no = section.get("yes_no")
    return MeasureForm(
        section["name"],
        measure_documents.from_document(section["scoring_name"], section["scoring"]),
        measure_documents.from_document(section["scoring_name"], section["watched"]),
        Concern(section["concern"]),
        imported_documents.from_document(section["imported"]),
        None if yes_no is None else (Decimal(yes_no[0]), Decimal(yes_no[1])),
    )


def document(
    form: MeasureForm, scoring: Fields, watched: Fields, slug: str, title: str, minutes: int, copyright_line: str
) -> Fields:
    """The document of a version: a form like every other, with what was read and how it is scored.

    `scoring` and `watched` are the definitions as the shipped file has them. A guarded form has a title that says
    nothing, and every item of it is locked.
    """
    guarded = form.concern.is_guarded
    shown = ALONE_TITLE if guarded else title
    parts = form_parts(form.questionnaire, shown, Disclosure.LOCKED if guarded else Disclosure.COACH)
    return {
        "kind": "measure",
        "slug": slug,
        "step": None,
        "title": shown,
        "purpose": "",
        "audience": "alone",
        "minutes": minutes,
        "frequency": "once",
        "instructions": [],
        "safety_note": None,
        "items": [_with_signals(entry, form) for entry in parts["items"]],
        "screens": parts["screens"],
        "scoring": None,
        "measure": {
            "name": form.name,
            "scoring_name": form.measure.name,
            "scoring": scoring,
            "watched": watched,
            "concern": form.concern.value,
            "copyright": copyright_line,
            "yes_no": None if form.yes_no is None else [str(points) for points in form.yes_no],
            "imported": imported_documents.to_document(form.questionnaire),
        },
    }


def _with_signals(entry: Fields, form: MeasureForm) -> Fields:
    """The item with the bounds that its points have, and with what it raises where it is the critical one."""
    ids = [item.link_id for item in form.scored]
    if entry["link_id"] not in ids:
        return entry
    number = ids.index(entry["link_id"]) + 1
    possible, critical = form.watched.ranges[number - 1], form.watched.critical
    if entry["type"] == "number":
        entry |= {"minimum": int(possible.low), "maximum": int(possible.high)}
    if critical is None or critical.item != number:
        return entry
    values = _points_by_value(form.scored[number - 1], form, entry)
    return entry | {
        "raises": [[value, SignalKind.FLAG.value] for value, points in values.items() if points >= critical.at_least]
    }


def _points_by_value(item: ImportedItem, form: MeasureForm, entry: Fields) -> dict[str, Decimal]:
    if item.options:
        return {f"o{place}": option.weight or Decimal(0) for place, option in enumerate(item.options, start=1)}
    if item.type is ImportedType.BOOLEAN:
        yes, no = form.yes_no or (Decimal(0), Decimal(0))
        return {"yes": yes, "no": no}
    return {str(value): Decimal(value) for value in range(entry["minimum"], entry["maximum"] + 1)}


def check_fits(form: MeasureForm) -> None:
    """Raise Invalid where the scoring is not one of this questionnaire's.

    `measure_other_number_of_items` (wanted, found); `measure_points_missing` (item) where an answer has no points, and
    `measure_points_out_of_range` (item, points, minimum, maximum) where the scoring does not know them.
    """
    items, ranges = form.scored, form.watched.ranges
    if len(items) != len(ranges):
        raise Invalid("measure_other_number_of_items", wanted=len(ranges), found=len(items))
    for item, possible in zip(items, ranges, strict=True):
        if item.lacks_weights or (item.type is ImportedType.BOOLEAN and form.yes_no is None):
            raise Invalid("measure_points_missing", item=item.link_id)
        offered = [option.weight for option in item.options if option.weight is not None]
        offered += form.yes_no if item.type is ImportedType.BOOLEAN and form.yes_no is not None else ()
        for points in offered:
            if not possible.holds(points) or points != round(points, form.watched.decimals):
                raise Invalid(
                    "measure_points_out_of_range",
                    item=item.link_id,
                    points=points,
                    minimum=possible.low,
                    maximum=possible.high,
                )


def check_turned(form: MeasureForm, turned: Collection[str]) -> None:
    """Raise Invalid("measure_other_items_turned", wanted, found) where position numbers were turned round elsewhere.

    Only what the definition names runs against its points; turned round twice, or not at all, it would score wrongly.
    """
    wanted = form.watched.raw_reverse
    found = frozenset(number for number, item in enumerate(form.scored, start=1) if item.link_id in turned)
    if wanted is not None and found != wanted:
        told = {
            name: ", ".join(map(str, sorted(items))) or "–" for name, items in (("wanted", wanted), ("found", found))
        }
        raise Invalid("measure_other_items_turned", **told)


def without_published(scoring: Fields) -> Fields:
    """The scoring of words that were altered: no cut-off, no bands, no reliable change."""
    return {name: value for name, value in scoring.items() if name not in PUBLISHED}


def without_loinc(questionnaire: ImportedQuestionnaire) -> ImportedQuestionnaire:
    """Altered words are not what a LOINC code stands for."""
    return replace(questionnaire, items=tuple(_without_loinc(item) for item in questionnaire.items))


def _without_loinc(item: ImportedItem) -> ImportedItem:
    return replace(
        item,
        codes=tuple(code for code in item.codes if code.system != LOINC),
        items=tuple(_without_loinc(below) for below in item.items),
    )


def answers_of(form: MeasureForm, values: Mapping[str, Value]) -> list[tuple[str, Answer]]:
    """The answers of our form by link id, as the file knows them; what was skipped is left out.

    Raises Invalid("answer_of_unknown_code", item) for a value that the form cannot give.
    """
    known = {item.link_id: item for item in walk(form.questionnaire.items)}
    found = []
    for link_id, item_id in item_ids(form.questionnaire).items():
        value = values.get(item_id)
        if value is not None:
            try:
                found.append((link_id, answer_of(known[link_id], value)))
            except KeyError:
                raise Invalid("answer_of_unknown_code", item=link_id) from None
    return found


def points(form: MeasureForm, values: Mapping[str, Value]) -> list[tuple[int, Decimal]]:
    """The points of what was answered, by the number of the item; raises Invalid with `item`."""
    answers = answers_of(form, values)
    by_link_id = points_of(form.questionnaire, answers)
    if form.yes_no is not None:
        yes_or_no = {link_id: a.value for link_id, a in answers if isinstance(a.value, bool)}
        by_link_id |= {link_id: form.yes_no[0 if is_yes else 1] for link_id, is_yes in yes_or_no.items()}
    numbers = {item.link_id: number for number, item in enumerate(form.scored, start=1)}
    return [(numbers[link_id], value) for link_id, value in by_link_id.items() if link_id in numbers]


def scored(form: MeasureForm, values: Mapping[str, Value]) -> Score:
    """The scores of one form; raises Invalid with `item` as `points` and `score` do."""
    return score(form.measure, points(form, values))


def raised_by_total(form: MeasureForm, values: Mapping[str, Value]) -> bool:
    """Whether a form about violence lies in the published range, whatever the items that were left out would say."""
    watched = form.watched
    scale = watched.scale(TOTAL)
    if form.concern is not Concern.VIOLENCE or watched.cut is None or scale is None or watched.method is Method.COUNT:
        return False
    given = dict(points(form, values))
    if not given:
        return False
    ends = [watched.ranges[item - 1] for item in scale.items]
    looks_up = watched.cut.operator.startswith(">")
    total = sum(
        (given.get(item, end.low if looks_up else end.high) for item, end in zip(scale.items, ends, strict=True)),
        Decimal(0),
    )
    return watched.cut.holds(total / len(scale.items) if watched.method is Method.MEAN else total)


def totals_to_document(totals: Mapping[str, Decimal]) -> Fields:
    """The form in which scores from paper are sealed, to the last digit."""
    return {name: str(value) for name, value in totals.items()}


def of_totals(measure: Measure, totals: Mapping[str, Decimal]) -> Score:
    """Scores that were worked out on paper, as those of a form; nobody knows what was answered to single items.

    Raises Invalid("measure_scale_unknown", scale), and ("measure_total_out_of_range", scale, minimum, maximum) or
    ("measure_total_too_fine", scale, decimals) for a score that the measure cannot have.
    """
    decimals = 1 if measure.method is Method.MEAN else measure.decimals
    for name, value in totals.items():
        scale = measure.scale(name)
        if scale is None:
            raise Invalid("measure_scale_unknown", scale=name)
        possible = measure.possible(scale)
        if not value.is_finite() or not possible.holds(value):
            raise Invalid("measure_total_out_of_range", scale=name, minimum=possible.low, maximum=possible.high)
        if value != round(value, decimals):
            raise Invalid("measure_total_too_fine", scale=name, decimals=decimals)
    total = totals.get(TOTAL)
    return Score(
        {scale.name: totals.get(scale.name) for scale in measure.scales},
        None if measure.cut is None or total is None else measure.cut.holds(total),
        None if total is None else measure.band(total),
    )
