"""The answers to a measure: held against its scoring before they are sent, and what they raise for the coach."""

from collections.abc import Iterable, Mapping

from portal.domain import measured
from portal.domain.answers import Answer
from portal.domain.errors import Invalid
from portal.domain.items import Value
from portal.domain.measure_care import Concern
from portal.domain.measure_forms import item_ids
from portal.domain.measure_scores import Score
from portal.domain.measured import MeasureForm
from portal.domain.measures import TOTAL
from portal.domain.questionnaires import Questionnaire
from portal.domain.safety import SignalKind


def looked_over(questionnaire: Questionnaire, values: Mapping[str, Value]) -> list[tuple[str, str | None]]:
    """What the answers as a whole raise, as pairs of a word for the place and the kind; nothing for other forms.

    Raises Invalid("cannot_be_sent") with `refusals` by item for an answer that cannot be scored: none is moved.
    """
    if questionnaire.measure is None:
        return []
    form = measured.from_section(questionnaire.measure)
    try:
        measured.scored(form, values)
        raised = measured.raised_by_total(form, values)
    except Invalid as refusal:
        raise Invalid("cannot_be_sent", refusals={_item_of(form, refusal): refusal}) from refusal
    return [(TOTAL, SignalKind.FLAG.value)] if raised else []


def is_guarded(questionnaire: Questionnaire) -> bool:
    """Whether the form is put away as it is sent, and stands on no page of its author's from then on."""
    return questionnaire.measure is not None and Concern(questionnaire.measure["concern"]).is_guarded


def _item_of(form: MeasureForm, refusal: Invalid) -> str:
    """The item of our form that a refusal is about, which names it by its link id or by its number."""
    told, ids = refusal.params.get("item"), item_ids(form.questionnaire)
    link_id = form.scored[told - 1].link_id if isinstance(told, int) else str(told)
    return ids.get(link_id, next(iter(ids.values())))


def raised(questionnaire: Questionnaire, place: str, answers: Iterable[Answer]) -> tuple[str, str] | None:
    """What a flag of a whole form is about: the measure's name, and the total; None for one of a single question."""
    if questionnaire.measure is None or place != TOTAL:
        return None
    form = measured.from_section(questionnaire.measure)
    total = score_of(form, answers).totals.get(TOTAL)
    return form.name, "" if total is None else str(total)


def score_of(form: MeasureForm, answers: Iterable[Answer]) -> Score:
    """The scores of what was sent: always the same, since neither the answers nor the version ever change."""
    return measured.scored(form, {answer.item_id: answer.value for answer in answers})
