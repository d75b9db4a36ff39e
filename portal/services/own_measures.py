"""Measures where something of them leaves the house: with their words where a licence lets them, else by link ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from portal.domain import imported, measured
from portal.domain.answers import Answer
from portal.domain.imported import ImportedQuestionnaire
from portal.domain.items import Item, Option
from portal.domain.questionnaires import Questionnaire
from portal.models.measures import Measure
from portal.services import measure_gate


@dataclass(frozen=True, slots=True)
class MeasureAnswered:
    """A form of a measure as FHIR has it: the questionnaire, the answers by link id, and whether its words go along."""

    questionnaire: ImportedQuestionnaire
    answers: tuple[tuple[str, imported.Answer], ...]
    with_words: bool


def words_that_may_leave(practice_id: UUID) -> frozenset[str]:
    """The slugs of the practice's measures whose licence lets their words go."""
    held = measure_gate.held(select(Measure).where(Measure.practice_id == practice_id)).values()
    return frozenset(one.entry.slug for one in held if one.licence is not None and one.licence.may_export)


def as_it_may_leave(questionnaire: Questionnaire, words: Iterable[str]) -> Questionnaire:
    """The same form; of a measure whose words may not go, link ids and codes stand in their place."""
    if questionnaire.measure is None or questionnaire.slug in words:
        return questionnaire
    by_link_id = {item.link_id: item for item in measured.from_section(questionnaire.measure).scored}
    return replace(
        questionnaire,
        items=tuple(_without_words(item, by_link_id) for item in questionnaire.items),
        screens=(),
    )


def _without_words(item: Item, known: Mapping[str, imported.ImportedItem]) -> Item:
    asked = known.get(item.link_id or "")
    codes = [option.code for option in asked.options] if asked else []
    options = [Option(option.value, code) for option, code in zip(item.options, codes, strict=False)]
    return replace(item, label=item.link_id or item.id, options=tuple(options) or item.options)


def answered(questionnaire: Questionnaire, answers: Iterable[Answer], words: Iterable[str]) -> MeasureAnswered | None:
    """What was answered to a measure, by link id; None for any other form."""
    if questionnaire.measure is None:
        return None
    form = measured.from_section(questionnaire.measure)
    given = measured.answers_of(form, {answer.item_id: answer.value for answer in answers})
    return MeasureAnswered(form.questionnaire, tuple(given), questionnaire.slug in words)
