"""Who works with one couple: who reads along, and to whom they could be handed over."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.services import couples, hand_overs, supervision
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.members import PickForm


@area.get("/couples/<uuid:couple_id>/colleagues")
def colleagues_show(couple_id: UUID) -> str:
    return _page(couple_id)


def _page(couple_id: UUID) -> str:
    viewer = guards.viewer()
    found = supervision.around(viewer, couple_id)
    supervisors, coaches = PickForm(formdata=None, prefix="s"), PickForm(formdata=None)
    supervisors.offer(found.others)
    coaches.offer(pair for pair in hand_overs.coaches(viewer) if pair[0] != viewer.person_id)
    return render_template(
        "coach/couples/colleagues.html",
        found=found,
        couple=couples.couple(viewer, couple_id),
        supervisors=supervisors,
        coaches=coaches,
        offer=hand_overs.open_offer_or_none(viewer, couple_id),
    )


@area.post("/couples/<uuid:couple_id>/supervision")
def supervision_begin(couple_id: UUID) -> Response | tuple[str, int]:
    form = PickForm(prefix="s")
    form.offer(supervision.around(guards.viewer(), couple_id).others)
    if not form.validate_on_submit():
        return _page(couple_id), 422
    chosen = guards.typed_id(form.colleague.data)
    supervision.begin(guards.viewer(), couple_id, chosen, guards.link("partner.account"))
    return _done(couple_id, gettext("They may read along from now on, and both account pages say so."))


@area.post("/couples/<uuid:couple_id>/supervision/<uuid:person_id>/end")
def supervision_end(couple_id: UUID, person_id: UUID) -> Response:
    supervision.end(guards.viewer(), couple_id, person_id, guards.link("partner.account"))
    return _done(couple_id, gettext("They read along no more."))


def _done(couple_id: UUID, line: str) -> Response:
    flash(line)
    return redirect(url_for("coach.colleagues_show", couple_id=couple_id), 303)
