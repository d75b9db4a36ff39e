"""An invitation: a door of one's own, opened with its link and a code that the coach handed over."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import couples, staff_doors
from portal.services.couples import Door
from portal.web.auth import staff
from portal.web.auth.area import area
from portal.web.auth.sign_in import end_session
from portal.web.forms.doors import AcceptForm
from portal.web.forms.words import words_for
from portal.web.guards import open_to_all
from portal.web.limits import counts_failures

LINK_REFUSALS = ("link_unknown", "link_used", "link_expired")


@area.route("/invitations/<token>", methods=["GET", "POST"])
@counts_failures
@open_to_all
def invitation(token: str) -> Response | tuple[str, int] | str:
    if staff_doors.is_for_staff(token):
        return staff.invitation(token)
    form = AcceptForm()
    try:
        door = couples.open_invitation(token)
        if form.validate_on_submit() and _accepts(token, form, door):
            end_session()  # whoever was signed in on this device: the next is somebody else
            return redirect(url_for("auth.sign_in", done="accepted"), 303)
    except Invalid as refusal:
        return render_template("auth/link_over.html", reason=words_for(refusal), is_invitation=True), 410
    return _page(form, door)


def _accepts(token: str, form: AcceptForm, door: Door) -> bool:
    try:
        couples.accept_invitation(token, form.code.data, form.passphrase.data)
    except Invalid as refusal:
        if refusal.code in LINK_REFUSALS:
            raise
        if refusal.code == "address_opens_another_door":
            said = gettext(
                "This address opens another door here already. Ask %(coach)s to write to another address.",
                coach=door.coach_name,
            )
            form.form_errors.append(said)
            return False
        field = form.code if refusal.code.startswith("code_") else form.passphrase
        field.errors = [words_for(refusal)]
        return False
    return True


def _page(form: AcceptForm, door: Door) -> tuple[str, int] | str:
    page = render_template("auth/invitation.html", form=form, door=door)
    return (page, 422) if request.method == "POST" else page
