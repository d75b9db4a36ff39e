"""A partner's own settings: zone, what is shown again, pass phrase; the way to the second key and to the devices."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import passphrases, settings_of_person, supervision
from portal.web import guards
from portal.web.forms.account import ChangePassphraseForm, RevealingForm, ZoneForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.own import passphrase
from portal.web.partner.area import area

Page = Response | tuple[str, int] | str


@area.route("/account", methods=["GET", "POST"])
def account() -> Page:
    if request.method != "POST":
        return _page()
    form = ZoneForm()
    if form.validate_on_submit():
        try:
            settings_of_person.change_zone(guards.viewer(), form.zone.data)
            return _done(gettext("Saved."))
        except Invalid as refusal:
            form.zone.errors = [words_for(refusal)]
    return _page(zone=form)


@area.post("/account/revealing")
@counts_guesses
def account_revealing() -> Page:
    form = RevealingForm()
    if form.validate_on_submit():
        try:
            settings_of_person.change_revealing(guards.viewer(), form.passphrase.data, never=form.never.data)
            return _done(gettext("Saved."))
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    return _page(revealing=form)


@area.post("/account/passphrase")
@counts_guesses
def account_passphrase() -> Page:
    form = ChangePassphraseForm()
    if passphrase.is_set_by(form):
        return _done(gettext("Your new pass phrase is set. Other devices are signed out."))
    return _page(change=form)


def _done(line: str) -> Response:
    flash(line)
    return redirect(url_for("partner.account"), 303)


def _page(**typed: FlaskForm) -> tuple[str, int] | str:
    """The page, with the form that was typed into and the others as they stand."""
    own = settings_of_person.own(guards.viewer(), guards.web_token())
    zone = typed.get("zone") or ZoneForm(formdata=None, zone=own.zone)
    zone.keep(own.zone)
    forms = {
        "zone": zone,
        "revealing": RevealingForm(formdata=None, never=own.never_reveals),
        "change": ChangePassphraseForm(formdata=None),
    } | typed
    page = render_template(
        "partner/account/show.html",
        own=own,
        readers=supervision.readers_for_partner(guards.viewer()),
        wrong=next(iter(typed.values()), []),
        offered=passphrases.offered(),
        **forms,
    )
    return (page, 422) if typed else page
