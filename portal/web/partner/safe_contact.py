"""How one can be reached safely: behind the pass phrase, to look at it and to say it; the way there is one for all.

What stands there is shown once, on the reply, and on no other page.
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import safe_ways
from portal.web import guards
from portal.web.forms.safe_ways import OpenForm, SafeWayForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area

Page = Response | tuple[str, int] | str


@area.route("/account/safe-contact", methods=["GET", "POST"])
@counts_guesses
def account_safe_contact() -> Page:
    if "save" in request.form:
        return _save(SafeWayForm())
    form = OpenForm()
    if form.validate_on_submit():
        try:
            return _form(SafeWayForm.filled(safe_ways.own(guards.viewer(), form.passphrase.data)))
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/safe_contact/ask.html", form=form)
    return (page, 422) if request.method == "POST" else page


def _save(form: SafeWayForm) -> Page:
    if form.validate_on_submit():
        try:
            safe_ways.say(guards.viewer(), form.passphrase.data, form.said)
            flash(gettext("Saved."))
            return redirect(url_for("partner.account"), 303)
        except Invalid as refusal:
            form[str(refusal.params.get("field", "passphrase"))].errors = [words_for(refusal)]
    return _form(form), 422


def _form(form: SafeWayForm) -> str:
    return render_template("partner/safe_contact/show.html", form=form)
