"""Something else given in the place of an assignment, and which exercise is an easier version of which."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response
from wtforms.fields.choices import SelectChoice

from portal.domain.errors import Invalid, NotAllowed
from portal.services import assignments, swapping, variants
from portal.services.assigned import AssignmentShown
from portal.services.variants import Versions
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.assignments import InsteadForm, VariantForm
from portal.web.forms.words import words_for

WAYS = {"easier": True, "harder": False, "neither": None}


@area.get("/assignments/<uuid:assignment_id>/swap")
def assignments_swap(assignment_id: UUID) -> str:
    found = assignments.assignment(guards.viewer(), assignment_id)
    due_on = assignments.offered_due_on(guards.viewer(), found.couple_id)
    return _page(found, InsteadForm(formdata=None, due_on=due_on))


@area.post("/assignments/<uuid:assignment_id>/swap")
def assignments_give_instead(assignment_id: UUID) -> Response | tuple[str, int]:
    found, form = assignments.assignment(guards.viewer(), assignment_id), InsteadForm()
    form.exercise.choices = _choices(_versions(found))
    if form.validate():
        try:
            given = swapping.swap(guards.viewer(), assignment_id, form.instead, guards.link("partner.home"))
            flash(gettext("Given instead. What was not sent has left their pages."))
            return redirect(url_for("coach.assignments_show", assignment_id=given), 303)
        except (Invalid, NotAllowed) as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _page(found, form), 422


def _versions(found: AssignmentShown) -> Versions:
    return variants.versions_of(guards.viewer(), found.line.questionnaire_id)


def _choices(its: Versions) -> list[SelectChoice]:
    every = (*its.easier, *its.harder, *its.shorter, *its.longer, *its.others)
    return [SelectChoice(str(one.id), one.title) for one in every]


def _page(found: AssignmentShown, form: InsteadForm) -> str:
    return render_template("coach/assignments/swap.html", found=found, form=form, its=_versions(found))


@area.get("/questionnaires/<uuid:questionnaire_id>/variants")
def variants_show(questionnaire_id: UUID) -> str:
    return _variants(variants.versions_of(guards.viewer(), questionnaire_id), VariantForm(formdata=None))


@area.post("/questionnaires/<uuid:questionnaire_id>/variants")
def variants_set(questionnaire_id: UUID) -> Response | tuple[str, int]:
    its, form = variants.versions_of(guards.viewer(), questionnaire_id), VariantForm()
    form.other.choices = _choices(its)
    if form.validate():
        try:
            variants.link(guards.viewer(), questionnaire_id, UUID(form.other.data), is_easier=WAYS[form.way.data])
            flash(gettext("Kept. It is offered first where something else is given instead."))
            return redirect(url_for("coach.variants_show", questionnaire_id=questionnaire_id), 303)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _variants(its, form), 422


def _variants(its: Versions, form: VariantForm) -> str:
    form.other.choices = _choices(its)
    return render_template("coach/questionnaires/variants.html", its=its, form=form)
