"""The text that one signs alone: what is in force, what is new in it, and what one has signed; nobody else is told."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict, Invalid
from portal.domain.texts import compare
from portal.services import consents
from portal.services.consents import OwnConsent
from portal.web import guards
from portal.web.forms.account import AgreeingForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area
from portal.web.texts import POLICIES, in_pieces, places


@area.route("/account/consent", methods=["GET", "POST"])
@counts_guesses
def consent() -> Response | tuple[str, int] | str:
    form = AgreeingForm()
    if form.validate_on_submit():
        try:
            consents.sign(guards.viewer(), form.passphrase.data, form.signature.data, form.read)
            flash(gettext("Signed. It holds for you from now on."))
            return redirect(url_for("partner.consent"), 303)
        except Invalid as refusal:
            field = form.signature if refusal.code == "signature_missing" else form.passphrase
            field.errors = [words_for(refusal)]
        except Conflict as refusal:
            form.agreed.errors = [words_for(refusal)]
    page = _page(consents.own(guards.viewer()), form)
    return (page, 422) if request.method == "POST" else page


def _page(own: OwnConsent, form: AgreeingForm) -> str:
    pieces, changes = in_pieces(own.body, places()), None
    if own.is_owed and own.signed_body is not None:
        changes = compare(in_pieces(own.signed_body, places()), pieces)
    form.begin_with(own.terms)
    return render_template(
        "partner/consent/show.html",
        own=own,
        form=form,
        changes=changes,
        pieces=changes.blocks if changes else pieces,
        names={policy.value: name for policy, name in POLICIES.items()},
    )
