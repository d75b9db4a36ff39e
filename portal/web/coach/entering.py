"""Typing in a sheet that one partner filled in by hand."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import randomness
from portal.domain.errors import Conflict, Invalid, NotAllowed
from portal.domain.people import Label
from portal.services import entering
from portal.services.drafts import Typed
from portal.services.entering import Sheet
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms import responses as forms
from portal.web.forms.words import words_for

RULE = "/assignments/<uuid:assignment_id>/paper/<any(a,b):whose>"


@area.get(RULE)
def assignments_paper(assignment_id: UUID, whose: str) -> Response | str:
    sheet = _sheet(assignment_id, whose)
    if sheet.refusal is not None:
        return _back(assignment_id, words_for(sheet.refusal))
    return _page(sheet, {}, randomness.new_token())


def _sheet(assignment_id: UUID, whose: str) -> Sheet:
    return entering.sheet(guards.viewer(), assignment_id, Label(whose.upper()))


@area.post(RULE)
def assignments_enter(assignment_id: UUID, whose: str) -> Response | tuple[str, int]:
    sheet, key = _sheet(assignment_id, whose), request.form.get("key", "")[:64]
    raw = forms.typed_in(sheet.items, request.form)
    try:
        entering.enter(guards.viewer(), assignment_id, sheet.label, raw, key)
    except Invalid as refusal:
        refusals: Mapping[str, Invalid] = refusal.params.get("refusals", {})  # type: ignore[assignment]  # put there
        return _page(sheet, raw, key, refusals, "" if refusals else words_for(refusal)), 422
    except (Conflict, NotAllowed) as refusal:
        return _back(assignment_id, words_for(refusal))
    flash(gettext("Typed in. %(name)s finds it among what was sent, and says whom else it is for.", name=sheet.name))
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)


def _back(assignment_id: UUID, why: str) -> Response:
    flash(why, "look")
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)


def _page(
    sheet: Sheet, raw: Mapping[str, str], key: str, refusals: Mapping[str, Invalid] | None = None, said: str = ""
) -> str:
    questions = forms.questions_again(sheet.items, Typed(raw), refusals)
    return render_template("coach/assignments/paper.html", sheet=sheet, questions=questions, key=key, said=said)
