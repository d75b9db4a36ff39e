"""Measures as files for the coach: the questionnaire where its licence lets it go, and what somebody answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain import measured
from portal.domain.errors import NotFound
from portal.domain.imported import ImportedQuestionnaire
from portal.domain.people import Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import begin_write, db
from portal.services import audit, measure_gate, own_measures, scope_of_measures, sent_forms
from portal.services.own_measures import MeasureAnswered


@dataclass(frozen=True, slots=True)
class ResponseToExport:
    """What somebody answered, and when it was sent or corrected last."""

    answered: MeasureAnswered
    authored: datetime


def questionnaire(viewer: Viewer, questionnaire_id: UUID) -> ImportedQuestionnaire:
    """A measure with its words and points, on record as saved. Raises NotFound where its licence keeps them here."""
    begin_write()
    held = measure_gate.held_one(scope_of_measures.measure(viewer, questionnaire_id))
    form, licence = held.questionnaire, held.licence
    if form is None or licence is None or not licence.may_export:
        raise NotFound
    audit.record(viewer, "measure:exported", questionnaire_id)
    db.session.commit()
    return form if licence.unaltered else measured.without_loinc(form)


def response(viewer: Viewer, response_id: UUID) -> ResponseToExport:
    """What somebody answered to a measure, on record as read. Raises NotFound, also for any other form."""
    begin_write()
    form = sent_forms.one(viewer, response_id)
    words = own_measures.words_that_may_leave(viewer.practice_id)
    answered = own_measures.answered(from_document(form.document), form.answers, words)
    if answered is None:
        raise NotFound
    audit.record(viewer, "response:read", response_id)
    audit.record(viewer, "measure:answers_exported", response_id)
    db.session.commit()
    return ResponseToExport(answered, form.versions[-1].written_at)
