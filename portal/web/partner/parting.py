"""Stopping, letting nothing more open, agreeing anew, and whether the joint record may go: each alone.

The pages that ask are the same for everybody; what holds is shown on the reply, or on one's own home.
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import authorisations, parting
from portal.web import guards
from portal.web.forms.account import AgreeingForm, AuthorisationForm, LeavingForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area

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


def _done(act: str, passphrase: str, *, hides: bool) -> Response:
    if act == "leave":
        parting.leave(guards.viewer(), passphrase, guards.link(COACHS_PAGE), hides=hides)
        return redirect(url_for("partner.home"), 303)
    parting.end_sharing(guards.viewer(), passphrase, hides=hides)
    flash(gettext("Nothing more opens of what you have sent so far."))
    return redirect(url_for("partner.account"), 303)


@area.route("/account/agreeing", methods=["GET", "POST"])
@counts_guesses
def account_agreeing() -> Page:
    form = AgreeingForm()
    if form.validate_on_submit():
        try:
            parting.agree_anew(guards.viewer(), form.passphrase.data, guards.link(COACHS_PAGE))
            flash(gettext("Thank you. You are taking part again."))
            return redirect(url_for("partner.home"), 303)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/parting/agreeing.html", form=form, asked=parting.asked_anew(guards.viewer()))
    return (page, 422) if request.method == "POST" else page


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
