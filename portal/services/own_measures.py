"""Measures where something of them leaves the house: with their words where a licence lets them, else by link ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.domain import imported, measured
from portal.domain.answers import Answer
from portal.domain.imported import ImportedQuestionnaire
from portal.domain.items import Item, Option
from portal.domain.measure_care import Concern
from portal.domain.people import Viewer
from portal.domain.questionnaires import Questionnaire
from portal.extensions import db
from portal.models.measures import Measure, PaperScore
from portal.services import measure_gate, vault

TOTALS = "paper_scores.totals"


@dataclass(frozen=True, slots=True)
class MeasureAnswered:
    """A form of a measure as FHIR has it: the questionnaire, the answers by link id, and whether its words go along."""

    questionnaire: ImportedQuestionnaire
    answers: tuple[tuple[str, imported.Answer], ...]
    with_words: bool


@dataclass(frozen=True, slots=True)
class OwnScores:
    """What one scored on a paper form, as the coach typed it in: of which measure, filled in when, by scale."""

    name: str
    taken_on: date
    totals: tuple[tuple[str, str], ...]


def scores_from_paper(viewer: Viewer) -> tuple[OwnScores, ...]:
    """One's own, the oldest first; none of a guarded measure. The viewer's key is loaded already."""
    mine = (PaperScore.practice_id == viewer.practice_id, PaperScore.person_id == viewer.person_id)
    rows = db.session.execute(
        select(PaperScore, Measure.name)
        .join(Measure, Measure.questionnaire_id == PaperScore.questionnaire_id)
        .where(*mine, PaperScore.struck_at.is_(None), Measure.concern == Concern.NONE)
        .order_by(PaperScore.taken_on, PaperScore.id)
    ).all()
    opened = (vault.unseal_document_or_none(viewer.person_id, TOTALS, row.id, row.totals) or {} for row, _name in rows)
    return tuple(
        OwnScores(name, row.taken_on, tuple(totals.items())) for (row, name), totals in zip(rows, opened, strict=True)
    )


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
