"""An invitation: a door of one's own, opened with its link and a code that the coach handed over."""

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.texts import TextKind
from portal.services import invitations, passphrases, staff_doors
from portal.services.invitations import Door, Signing
from portal.web.auth import staff
from portal.web.auth.area import area
from portal.web.auth.sign_in import end_session
from portal.web.forms.doors import AcceptForm
from portal.web.forms.words import words_for
from portal.web.guards import open_to_all
from portal.web.limits import counts_asking, counts_failures
from portal.web.texts import links, places_of, said

NAME_REFUSALS = ("not_a_user_name", "user_name_taken")
LINK_REFUSALS = ("link_unknown", "link_used", "link_expired", "code_attempts")


@area.route("/invitations/<token>", methods=["GET", "POST"])
@counts_failures
@open_to_all
def invitation(token: str) -> Response | tuple[str, int] | str:
    if staff_doors.is_for_staff(token):
        return staff.invitation(token)
    form = AcceptForm()
    try:
        door = invitations.open_invitation(token)
        if form.validate_on_submit() and _accepts(token, form, door):
            end_session()  # whoever was signed in on this device: the next is somebody else
            return redirect(url_for("auth.sign_in", done="accepted"), 303)
    except Invalid as refusal:
        return _over(token, words_for(refusal))
    return _page(form, door)


def _accepts(token: str, form: AcceptForm, door: Door) -> bool:
    try:
        signing = Signing(form.signature.data, form.read)
        invitations.accept_invitation(token, form.code.data, form.passphrase.data, form.user_name.data or "", signing)
    except Invalid as refusal:
        if refusal.code in LINK_REFUSALS:
            raise
        field = form.code if refusal.code.startswith("code_") else form.passphrase
        if refusal.code == "text_changed_meanwhile":
            field, form.agreed.data = form.agreed, False
        if refusal.code in NAME_REFUSALS:
            field = form.user_name
            # the name guards a mailbox that two read: it is told to nobody but who has typed the right code
            field.data = field.data or door.user_name
        field.errors = [words_for(refusal)]
        return False
    return True


def _page(form: AcceptForm, door: Door) -> tuple[str, int] | str:
    form.begin_with(door.terms)
    filled = places_of(door.coach_name, door.hours, door.practice_name)
    page = render_template(
        "auth/invitation.html",
        form=form,
        door=door,
        consent=said(door.texts, TextKind.CONSENT, filled),
        reads_when=said(door.texts, TextKind.WHO_READS_WHEN, filled),
        duties=door.texts[TextKind.CONSENT].duties,
        door_links=links(door.texts),
        offered=passphrases.offered(),
    )
    return (page, 422) if request.method == "POST" else page


def _over(token: str, reason: str) -> tuple[str, int]:
    again = url_for("auth.invitation_again", token=token)
    return render_template("auth/link_over.html", reason=reason, again=again, is_invitation=True), 410


@area.post("/invitations/<token>/again")
@counts_asking
@open_to_all
def invitation_again(token: str) -> str:
    """One tap to let the coach know: the same for a link that ran out, one that was used, and one that never was."""
    invitations.ask_again(token)
    return render_template("auth/invitation_asked.html")
