"""A colleague's invitation: the same address as a partner's, and a page of its own behind it."""

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import passphrases, staff_doors
from portal.web.auth.sign_in import end_session
from portal.web.forms.doors import AcceptStaffForm
from portal.web.forms.words import words_for

LINK_REFUSALS = ("link_unknown", "link_used", "link_expired", "code_attempts")


def invitation(token: str) -> Response | tuple[str, int] | str:
    """The page behind the link, and coming in by it."""
    form = AcceptStaffForm()
    try:
        door = staff_doors.open_invitation(token)
        form.start_with(door, is_typed=request.method == "POST")
        if form.validate_on_submit() and _accepts(token, form):
            end_session()  # whoever was signed in on this device: the next is somebody else
            return redirect(url_for("auth.sign_in", done="accepted"), 303)
    except Invalid as refusal:
        return _over(token, words_for(refusal))
    page = render_template("auth/staff_invitation.html", form=form, door=door, offered=passphrases.offered())
    return (page, 422) if request.method == "POST" else page


def _over(token: str, reason: str) -> tuple[str, int]:
    again = url_for("auth.invitation_again", token=token)
    return render_template("auth/link_over.html", reason=reason, again=again, is_invitation=True), 410


def _accepts(token: str, form: AcceptStaffForm) -> bool:
    try:
        staff_doors.accept_invitation(token, form.code.data, form.said)
    except Invalid as refusal:
        if refusal.code in LINK_REFUSALS:
            raise
        if refusal.code == "address_opens_another_door":
            form.form_errors.append(words_for(refusal))
            return False
        named = str(refusal.params.get("field", "code" if refusal.code.startswith("code_") else "passphrase"))
        form[named].errors = [words_for(refusal)]
        return False
    return True
