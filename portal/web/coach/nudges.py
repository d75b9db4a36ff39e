"""Writing one sentence to one partner about an open task."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people import Label
from portal.services import nudges
from portal.web import guards
from portal.web.coach.area import area
from portal.web.coach.assignments import shown
from portal.web.forms.nudges import NudgeForm
from portal.web.forms.words import words_for


@area.post("/assignments/<uuid:assignment_id>/nudge")
def assignments_nudge(assignment_id: UUID) -> Response | tuple[str, int]:
    if request.form.get("to") not in tuple(Label):
        raise NotFound
    whose = Label(request.form["to"])
    form = NudgeForm.of(whose)
    try:
        typed, link = form.text.data or "", guards.link("partner.home")
        name = nudges.nudge(guards.viewer(), assignment_id, whose, typed, link)
        flash(gettext("Sent to %(name)s alone.", name=name))
    except Invalid as refusal:
        form.text.errors = [words_for(refusal)]
        return shown(assignment_id, {whose: form}), 422
    except (Conflict, NotAllowed) as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)
