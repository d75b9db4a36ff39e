"""The check-in before each session of a couple: asked for, changed, and asked for no more."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.session_check_ins import Ahead
from portal.services import session_check_ins
from portal.services.session_check_ins import BeforeSessions
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.check_ins import BeforeSessionsForm
from portal.web.forms.words import words_for


@area.get("/couples/<uuid:couple_id>/before-sessions")
def before_sessions(couple_id: UUID) -> str:
    found = session_check_ins.page(guards.viewer(), couple_id)
    form = BeforeSessionsForm(formdata=None)
    form.start_with(found.ahead or Ahead())
    return _page(found, form)


@area.post("/couples/<uuid:couple_id>/before-sessions")
def before_sessions_set(couple_id: UUID) -> Response | tuple[str, int]:
    if request.form.get("act") == "end":
        session_check_ins.ask_no_more(guards.viewer(), couple_id)
        return _back(couple_id, gettext("Nothing is asked for before sessions any more. What was given stays."))
    found = session_check_ins.page(guards.viewer(), couple_id)
    form = BeforeSessionsForm()
    form.fill(found)
    if form.validate():
        try:
            session_check_ins.ask(guards.viewer(), couple_id, form.questionnaire_id, form.ahead)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
        else:
            return _back(couple_id, gettext("Kept. It comes by itself before each session of both."))
    return _page(found, form), 422


def _back(couple_id: UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("coach.before_sessions", couple_id=couple_id), 303)


def _page(found: BeforeSessions, form: BeforeSessionsForm) -> str:
    form.fill(found)
    return render_template("coach/sessions/before.html", found=found, form=form)
