"""The steps of the programme on one page: renamed, added, put in order, retired and brought back."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug import Response
from wtforms import StringField

from portal.domain.errors import Invalid
from portal.services import steps
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.lines import one_line
from portal.web.forms.words import words_for

STEP = "/programme/steps/<uuid:kept_step_id>"


class StepForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    title = StringField(_l("What the step is called"), filters=[one_line])


@area.get("/programme/steps")
def steps_index() -> str:
    return _page(StepForm(formdata=None))


def _page(form: StepForm, step_id: UUID | None = None) -> str:
    """All steps; `form` is that of one of them, or (None) of a new one, with what was typed."""
    return render_template("coach/programme/steps.html", steps=steps.kept(guards.viewer()), form=form, asked=step_id)


@area.post("/programme/steps")
def steps_add() -> Response | tuple[str, int]:
    form = StepForm()
    try:
        steps.add(guards.viewer(), form.title.data or "")
    except Invalid as refusal:
        form.title.errors = [words_for(refusal)]
        return _page(form), 422
    flash(gettext("Added at the end."))
    return _back()


@area.post(STEP)
def steps_rename(kept_step_id: UUID) -> Response | tuple[str, int]:
    form = StepForm()
    try:
        steps.rename(guards.viewer(), kept_step_id, form.title.data or "")
    except Invalid as refusal:
        form.title.errors = [words_for(refusal)]
        return _page(form, kept_step_id), 422
    flash(gettext("It is called so everywhere now."))
    return _back()


@area.post(f"{STEP}/order")
def steps_order(kept_step_id: UUID) -> Response:
    way = "up" if "up" in request.form else "down"
    steps.move(guards.viewer(), kept_step_id, up=way == "up")
    return redirect(url_for("coach.steps_index", _anchor=f"{way}-{kept_step_id}"), 303)


@area.post(f"{STEP}/retire")
def steps_retire(kept_step_id: UUID) -> Response:
    try:
        steps.retire(guards.viewer(), kept_step_id)
        flash(gettext("Retired. You can bring it back."))
    except Invalid as refusal:
        flash(words_for(refusal), "look")
    return _back()


@area.post(f"{STEP}/bring-back")
def steps_bring_back(kept_step_id: UUID) -> Response:
    steps.bring_back(guards.viewer(), kept_step_id)
    flash(gettext("It stands at the end again."))
    return _back()


def _back() -> Response:
    return redirect(url_for("coach.steps_index"), 303)
