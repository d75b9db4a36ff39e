"""An invitation that nobody has accepted yet: sent again, sent to another address, or taken back."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import couples, invitations
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.couples import CorrectForm
from portal.web.forms.words import words_for

PARTNER = "/couples/<uuid:couple_id>/partners/<uuid:person_id>"


@area.post(f"{PARTNER}/invite")
def couples_invite_again(couple_id: UUID, person_id: UUID) -> Response:
    invitations.invite_again(guards.viewer(), couple_id, person_id, guards.link_pattern("auth.invitation"))
    return _done(couple_id, gettext("Sent again, with a new code. The old link and code no longer work."))


@area.route(f"{PARTNER}/address", methods=["GET", "POST"])
def couples_correct(couple_id: UUID, person_id: UUID) -> Response | tuple[str, int] | str:
    viewer = guards.viewer()
    partner = couples.partner_not_in(couples.couple(viewer, couple_id), person_id)
    form = CorrectForm()
    if form.validate_on_submit():
        link = guards.link_pattern("auth.invitation")
        try:
            invitations.correct_address(viewer, couple_id, person_id, form.address.data, link)
            return _done(couple_id, gettext("Sent there, with a new code. The old link and code no longer work."))
        except Invalid as error:
            form.address.errors = [words_for(error)]
    page = render_template("coach/couples/correct.html", form=form, couple_id=couple_id, partner=partner)
    return (page, 422) if request.method == "POST" else page


@area.post(f"{PARTNER}/revoke")
def couples_revoke(couple_id: UUID, person_id: UUID) -> Response:
    invitations.revoke(guards.viewer(), couple_id, person_id)
    return _done(couple_id, gettext("Taken back: the link and the code open nothing any more."))


def _done(couple_id: UUID, line: str) -> Response:
    flash(line)
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
