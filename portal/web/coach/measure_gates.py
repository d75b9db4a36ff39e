"""What stands before a measure's use: points, scoring, licence and protocol put on record, then its owner's yes."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from wtforms.validators import ValidationError

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.imported import ImportedQuestionnaire
from portal.domain.measure_care import Concern
from portal.services import measure_import, measure_licences, measures
from portal.services.measures import MeasureShown
from portal.web import guards
from portal.web.coach.area import area
from portal.web.coach.measures import Page, page
from portal.web.forms.measure_words import field_of, words_of
from portal.web.forms.measures import LicenceForm, PointsForm, ProtocolForm, ScoringForm

MOST_FIELDS = 900  # of a page; a table is the better way for more


@area.get("/questionnaires/measures/<uuid:measure_id>/points")
def measures_points(measure_id: UUID) -> str:
    return _points(measures.measure(guards.viewer(), measure_id), PointsForm(formdata=None))


@area.post("/questionnaires/measures/<uuid:measure_id>/points")
def measures_give_points(measure_id: UUID) -> Page:
    form, found = PointsForm(), measures.measure(guards.viewer(), measure_id)
    groups = measures.points_groups(_questionnaire(found), each="each" in request.values)
    try:
        maps = form.given(groups, request.form)
        yes_no = form.yes_no() if "yes" in request.form else None
        measure_import.give_points(guards.viewer(), measure_id, maps, yes_no)
    except ValidationError as error:
        form.form_errors.append(str(error))
    except (Invalid, NotAllowed) as refusal:
        form.form_errors.append(words_of(refusal))
    else:
        flash(gettext("Kept. Now choose how it is scored."))
        return _back(measure_id)
    return _points(found, form), 422


def _questionnaire(found: MeasureShown) -> ImportedQuestionnaire:
    if found.questionnaire is None:
        raise NotFound
    return found.questionnaire


def _points(found: MeasureShown, form: PointsForm) -> str:
    groups = measures.points_groups(_questionnaire(found), each="each" in request.values)
    fields = sum(len(group.options) for group in groups)
    return render_template(
        "coach/measures/points.html",
        found=found,
        form=form,
        groups=groups if fields <= MOST_FIELDS else (),
        is_too_much=fields > MOST_FIELDS,
        each="each" in request.values,
        typed=request.form,
    )


@area.post("/questionnaires/measures/<uuid:measure_id>/scoring")
def measures_choose_scoring(measure_id: UUID) -> Page:
    found = measures.measure(guards.viewer(), measure_id)
    form = ScoringForm().offer()
    try:
        concern = Concern(form.concern.data) if form.validate() else Concern.NONE
        if not form.errors:
            measure_import.choose_scoring(guards.viewer(), measure_id, form.chosen(found), concern)
            flash(gettext("Kept."))
            return _back(measure_id)
    except (Invalid, NotAllowed) as refusal:
        field = field_of(refusal)
        form.refuse(field if field in form else "scoring", words_of(refusal))
    return page(found, scoring=form), 422


@area.post("/questionnaires/measures/<uuid:measure_id>/licence")
def measures_attest(measure_id: UUID) -> Page:
    found = measures.measure(guards.viewer(), measure_id)
    form = LicenceForm()
    if form.validate():
        try:
            measure_licences.attest(guards.viewer(), measure_id, form.licence)
        except (Invalid, NotAllowed) as refusal:
            form.refuse(refusal.params.get("field"), words_of(refusal))
        else:
            flash(gettext("Your licence is on record."))
            return _back(measure_id)
    return page(found, licence=form), 422


@area.post("/questionnaires/measures/<uuid:measure_id>/protocol")
@guards.for_owner
def measures_protocol(measure_id: UUID) -> Page:
    found = measures.measure(guards.viewer(), measure_id)
    form = ProtocolForm().offer(measure_licences.coaches(guards.viewer()))
    if form.validate():
        try:
            measure_licences.document_protocol(guards.viewer(), measure_id, form.protocol)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_of(refusal))
        else:
            flash(gettext("This is on record now."))
            return _back(measure_id)
    return page(found, protocol=form), 422


@area.post("/questionnaires/measures/<uuid:measure_id>/activate")
@guards.for_owner
def measures_activate(measure_id: UUID) -> Page:
    try:
        measure_licences.activate(guards.viewer(), measure_id)
    except NotAllowed:
        flash(gettext("Something is still missing: see below."), "look")
    else:
        flash(gettext("It is in use now."))
    return _back(measure_id)


@area.post("/questionnaires/measures/<uuid:measure_id>/retire")
@guards.for_owner
def measures_retire(measure_id: UUID) -> Page:
    measure_licences.retire(guards.viewer(), measure_id)
    flash(gettext("It is given to nobody any more. Forms that were given stay open, and scores stay."))
    return _back(measure_id)


def _back(measure_id: UUID) -> Response:
    return redirect(url_for("coach.measures_show", measure_id=measure_id), 303)
