"""Measures as FHIR files: the questionnaire, where its licence lets its words go, and what somebody answered."""

from uuid import UUID

from werkzeug import Response

from portal.output import fhir
from portal.services import measure_exports
from portal.web import guards
from portal.web.coach.area import area

TYPE = "application/fhir+json"


@area.post("/questionnaires/measures/<uuid:measure_id>/questionnaire.json")
def measures_file(measure_id: UUID) -> Response:
    return _file("questionnaire.json", fhir.questionnaire(measure_exports.questionnaire(guards.viewer(), measure_id)))


@area.post("/responses/<uuid:response_id>/answers.json")
def responses_file(response_id: UUID) -> Response:
    found = measure_exports.response(guards.viewer(), response_id)
    told = found.answered
    written = fhir.response(told.questionnaire, told.answers, authored=found.authored, text=told.with_words)
    return _file("answers.json", written)


def _file(name: str, content: bytes) -> Response:
    guards.check_again()  # a long file took its time
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=TYPE, headers=headers)
