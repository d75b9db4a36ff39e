"""How the work with a couple ends: a closing check-in, what both want to keep, and where the end itself is."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid, NotFound
from portal.services import endings
from portal.services.endings import AtEnd
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.words import words_for


@area.get("/couples/<uuid:couple_id>/ending")
def endings_show(couple_id: UUID) -> str:
    return render_template("coach/endings/show.html", found=endings.ending(guards.viewer(), couple_id))


@area.post("/couples/<uuid:couple_id>/ending")
def endings_give(couple_id: UUID) -> Response:
    what = next((one for one in AtEnd if one == request.form.get("what")), None)
    if what is None:
        endings.ending(guards.viewer(), couple_id)
        raise NotFound
    try:
        endings.give(guards.viewer(), couple_id, what, guards.link("partner.home"))
        flash(gettext("Given to each."))
    except Invalid as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.endings_show", couple_id=couple_id), 303)
