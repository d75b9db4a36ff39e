"""A couple's pathway: its page, and the buttons by which the coach builds it and opens what is hers to open."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label, Role
from portal.services import joint_accounts, pathway_changing, pathway_shown, pathways, programme, supervision
from portal.services.pathway_changing import StepToChange
from portal.services.pathway_shown import PathwayShown
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.pathways import ChangeStepForm, ConfirmForm, OrderForm, PathwayStepForm, SkipForm
from portal.web.forms.words import words_for


@area.get("/couples/<uuid:couple_id>/pathway")
@guards.opens_to(Role.SUPERVISOR)
def pathways_show(couple_id: UUID) -> str:
    found = pathway_shown.pathway(guards.viewer(), couple_id)
    supervision.note_reading(guards.viewer(), couple_id)
    return _page(found)


@area.post("/couples/<uuid:couple_id>/pathway/steps")
def pathways_add(couple_id: UUID) -> Response | tuple[str, int]:
    found = pathway_shown.pathway(guards.viewer(), couple_id)
    form = PathwayStepForm().offer(programme.library(guards.viewer()), found)
    if form.validate():
        try:
            pathways.add_step(guards.viewer(), couple_id, form.new)
            flash(gettext("Added at the end."))
            return _back(couple_id)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _page(found, form), 422


@area.post("/couples/<uuid:couple_id>/pathway/begin")
def pathways_begin(couple_id: UUID) -> Response:
    try:
        pathways.begin(guards.viewer(), couple_id)
        flash(gettext("Begun. What is open now is on their pages in a minute."))
    except (Invalid, NotAllowed) as refusal:
        flash(words_for(refusal), "look")
    return _back(couple_id)


@area.post("/couples/<uuid:couple_id>/pathway/end")
def pathways_end(couple_id: UUID) -> Response:
    pathways.end(guards.viewer(), couple_id)
    flash(gettext("Ended. What has reached them stays with them."))
    return _back(couple_id)


@area.post("/couples/<uuid:couple_id>/pathway/hold")
def pathways_hold(couple_id: UUID) -> Response:
    try:
        if request.form.get("act") == "go_on":
            pathways.go_on(guards.viewer(), couple_id)
            flash(gettext("It goes on. What is open now is on their pages in a minute."))
        else:
            pathways.hold(guards.viewer(), couple_id)
            flash(gettext("Held. What they have stays, and nothing on their pages tells of it."))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return _back(couple_id)


@area.post("/couples/<uuid:couple_id>/pathway/order")
def pathways_order(couple_id: UUID) -> Response:
    """One of two buttons; the focus stays on what was moved."""
    form = OrderForm()
    try:
        pathways.move(guards.viewer(), couple_id, form.step_id, up=form.is_up)
    except Invalid as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.pathways_show", couple_id=couple_id, _anchor=f"step-{form.step_id}"), 303)


@area.post("/pathway-steps/<uuid:step_id>/confirm")
def pathways_confirm(step_id: UUID) -> Response | tuple[str, int]:
    form = ConfirmForm()
    label = Label(request.form["label"]) if request.form.get("label") in list(Label) else None
    try:
        couple_id = pathways.confirm(guards.viewer(), step_id, label, cleared=bool(form.cleared.data))
        flash(gettext("It opens at the next 08:00 of the practice."))
    except (Invalid, NotAllowed) as refusal:
        couple_id = pathways.couple_of(guards.viewer(), step_id)
        if refusal.code == "joint_work_held":
            return _page(pathway_shown.pathway(guards.viewer(), couple_id), held=step_id), 422
        flash(words_for(refusal), "look")
    return _back(couple_id)


@area.get("/pathway-steps/<uuid:step_id>")
def pathways_edit(step_id: UUID) -> Response | str:
    try:
        step = pathway_changing.step_to_change(guards.viewer(), step_id)
    except NotAllowed as refusal:
        return _refused(step_id, refusal)
    return _changing(step, ChangeStepForm(formdata=None).offer(step).show(step))


@area.post("/pathway-steps/<uuid:step_id>")
def pathways_change(step_id: UUID) -> Response | tuple[str, int]:
    try:
        step = pathway_changing.step_to_change(guards.viewer(), step_id)
        form = ChangeStepForm().offer(step)
        if form.validate():
            return _changed(step_id, form)
    except Invalid as refusal:
        form.refuse(refusal.params.get("field"), words_for(refusal))
    except NotAllowed as refusal:
        return _refused(step_id, refusal)
    return _changing(step, form), 422


def _changed(step_id: UUID, form: ChangeStepForm) -> Response:
    couple_id = pathway_changing.change(guards.viewer(), step_id, form.changed)
    flash(gettext("Changed, for whomever it has not reached."))
    return _back(couple_id)


def _refused(step_id: UUID, refusal: NotAllowed) -> Response:
    flash(words_for(refusal), "look")
    return _back(pathways.couple_of(guards.viewer(), step_id))


def _changing(step: StepToChange, form: ChangeStepForm) -> str:
    return render_template("coach/pathways/change.html", step=step, form=form)


@area.post("/pathway-steps/<uuid:step_id>/skip")
def pathways_skip(step_id: UUID) -> Response | tuple[str, int]:
    form = SkipForm()
    try:
        couple_id = pathways.skip(guards.viewer(), step_id, form.why.data or "")
    except Invalid as refusal:
        form.why.errors = [words_for(refusal)]
        found = pathway_shown.pathway(guards.viewer(), pathways.couple_of(guards.viewer(), step_id))
        return _page(found, skipping=(step_id, form)), 422
    flash(gettext("Left out. What had been sent stays."))
    return _back(couple_id)


def _back(couple_id: UUID) -> Response:
    return redirect(url_for("coach.pathways_show", couple_id=couple_id), 303)


def _page(
    found: PathwayShown,
    form: PathwayStepForm | None = None,
    held: UUID | None = None,
    skipping: tuple[UUID | None, SkipForm] | None = None,
) -> str:
    if form is None:
        library = programme.library(guards.viewer())
        form = PathwayStepForm(formdata=None).offer(library, found).start()
    left_out, skip_form = skipping or (None, SkipForm(formdata=None))
    accounts = joint_accounts.of_steps(guards.viewer(), found.steps, guards.zone())
    return render_template(
        "coach/pathways/show.html",
        found=found,
        form=form,
        held=held,
        confirming=ConfirmForm(formdata=None),
        skipping=left_out,
        skip_form=skip_form,
        accounts=accounts,
        looks=joint_accounts.to_look_at_first(found.steps, accounts),
    )
