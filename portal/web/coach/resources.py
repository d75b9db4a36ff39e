"""The shelf of the practice: what stands beside each step, put there, reworded, put in order and taken away."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import programme, resources
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.resources import KINDS, ResourceForm
from portal.web.forms.words import words_for


@area.get("/programme/shelf")
def resources_index() -> str:
    shelf = resources.shelf(guards.viewer())
    is_empty = not any(step.kept or step.retired for step in shelf)
    return render_template("coach/resources/index.html", shelf=shelf, kinds=KINDS, is_empty=is_empty)


@area.get("/programme/shelf/new")
def resources_new() -> str:
    form = ResourceForm(formdata=None, step=request.args.get("step", "")[:40])
    return _page(form)


@area.post("/programme/shelf/new")
def resources_create() -> Response | tuple[str, int]:
    form = ResourceForm()
    if form.validate():
        try:
            resources.add(guards.viewer(), form.new)
            return _back(gettext("On the shelf. Couples at this step find it from now on."))
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _page(form), 422


@area.get("/programme/shelf/<uuid:resource_id>")
def resources_edit(resource_id: UUID) -> str:
    kept = resources.one(guards.viewer(), resource_id)
    return _page(ResourceForm(formdata=None).show(kept), resource_id)


@area.post("/programme/shelf/<uuid:resource_id>")
def resources_update(resource_id: UUID) -> Response | tuple[str, int]:
    resources.one(guards.viewer(), resource_id)  # what is not theirs is not found, whatever was typed
    form = ResourceForm()
    if form.validate():
        try:
            resources.change(guards.viewer(), resource_id, form.new)
            return _back(gettext("Changed, for every couple at this step."))
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _page(form, resource_id), 422


@area.post("/programme/shelf/<uuid:resource_id>/order")
def resources_order(resource_id: UUID) -> Response:
    """One of two buttons; the focus stays on what was moved."""
    resources.move(guards.viewer(), resource_id, up="up" in request.form)
    return redirect(url_for("coach.resources_index", _anchor=f"on-shelf-{resource_id}"), 303)


@area.post("/programme/shelf/<uuid:resource_id>/retire")
def resources_retire(resource_id: UUID) -> Response:
    resources.retire(guards.viewer(), resource_id)
    return _back(gettext("Taken off. Nobody finds it any more, and you can put it back."))


@area.post("/programme/shelf/<uuid:resource_id>/bring-back")
def resources_bring_back(resource_id: UUID) -> Response:
    try:
        resources.bring_back(guards.viewer(), resource_id)
    except Invalid as refusal:
        flash(words_for(refusal), "look")
        return _back()
    return _back(gettext("Back on the shelf."))


def _back(told: str = "") -> Response:
    if told:
        flash(told)
    return redirect(url_for("coach.resources_index"), 303)


def _page(form: ResourceForm, resource_id: UUID | None = None) -> str:
    form.offer(programme.steps_of(guards.viewer()))
    return render_template("coach/resources/edit.html", form=form, resource_id=resource_id)
