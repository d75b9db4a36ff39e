"""Stopping, letting nothing more open, agreeing anew, and whether the joint record may go: each alone.

The pages that ask are the same for everybody; what holds is shown on the reply, once the pass phrase was given.
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict, Invalid
from portal.services import authorisations, consents, parting
from portal.services.consents import OwnConsent
from portal.web import guards
from portal.web.forms.account import AgreeingForm, AuthorisationForm, LeavingForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area
from portal.web.texts import in_pieces, places

Page = Response | tuple[str, int] | str
COACHS_PAGE = "coach.today"


@area.route("/account/leaving", methods=["GET", "POST"])
@counts_guesses
def account_leaving() -> Page:
    form = LeavingForm()
    if form.validate_on_submit():
        try:
            return _done(form.act.data, form.passphrase.data, hides=form.hides.data)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/parting/leaving.html", form=form, read=parting.read_by_other(guards.viewer()))
    return (page, 422) if request.method == "POST" else page


def _done(act: str, passphrase: str, *, hides: bool) -> Page:
    if act == "show":
        left_at = parting.left_at(guards.viewer(), passphrase)
        return render_template("partner/parting/leaving_shown.html", left_at=left_at)
    if act == "leave":
        parting.leave(guards.viewer(), passphrase, guards.link(COACHS_PAGE), hides=hides)
        coach = guards.standing().coach_name
        flash(gettext("You have stopped taking part. If you would like to go on one day, tell %(coach)s.", coach=coach))
        return redirect(url_for("partner.home"), 303)
    parting.end_sharing(guards.viewer(), passphrase, hides=hides)
    flash(gettext("Nothing more opens of what you have sent so far."))
    return redirect(url_for("partner.account"), 303)


@area.route("/account/agreeing", methods=["GET", "POST"])
@counts_guesses
def account_agreeing() -> Page:
    viewer, form = guards.viewer(), AgreeingForm()
    if form.validate_on_submit():
        try:
            typed = (form.passphrase.data, form.signature.data, form.read)
            parting.agree_anew(viewer, *typed, guards.link(COACHS_PAGE))
            flash(gettext("Thank you. You are taking part again."))
            return redirect(url_for("partner.home"), 303)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
        except Conflict as refusal:
            form.agreed.errors = [words_for(refusal)]
    page = _agreeing(form, consents.own(viewer) if parting.is_asked_anew(viewer) else None)
    return (page, 422) if request.method == "POST" else page


def _agreeing(form: AgreeingForm, own: OwnConsent | None) -> str:
    if own is None:
        return render_template("partner/parting/agreeing.html", own=None, form=form)
    form.begin_with(own.terms)
    return render_template("partner/parting/agreeing.html", own=own, form=form, pieces=in_pieces(own.body, places()))


@area.route("/account/authorisation", methods=["GET", "POST"])
@counts_guesses
def account_authorisation() -> Page:
    form = AuthorisationForm()
    if form.validate_on_submit():
        agrees = {"agree": True, "decline": False}.get(form.act.data)
        try:
            found = authorisations.own(guards.viewer(), form.passphrase.data, agrees)
            return render_template("partner/parting/authorisation_shown.html", found=found)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/parting/authorisation.html", form=form)
    return (page, 422) if request.method == "POST" else page
