"""A partner's own settings: pass phrase, zone, what is shown again, and the devices that are signed in."""

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_user
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import accounts, settings_of_person
from portal.web import guards
from portal.web.forms.account import ChangePassphraseForm, SettingsForm
from portal.web.forms.words import words_for
from portal.web.partner.area import area


@area.route("/account", methods=["GET", "POST"])
def account() -> Response | tuple[str, int] | str:
    own = settings_of_person.own(guards.viewer(), guards.web_token())
    form = SettingsForm(zone=own.zone, never_reveals=own.never_reveals)
    if request.method == "GET" or not form.validate_on_submit():
        return _page(form, ChangePassphraseForm())
    settings_of_person.change(guards.viewer(), form.zone.data, never_reveals=form.never_reveals.data)
    flash(gettext("Saved."))
    return redirect(url_for("partner.account"), 303)


def _page(form: SettingsForm, passphrases: ChangePassphraseForm) -> tuple[str, int] | str:
    own = settings_of_person.own(guards.viewer(), guards.web_token())
    page = render_template("partner/account/show.html", form=form, passphrases=passphrases, own=own)
    return (page, 422) if request.method == "POST" else page


def _own_form() -> SettingsForm:
    own = settings_of_person.own(guards.viewer(), guards.web_token())
    return SettingsForm(formdata=None, zone=own.zone, never_reveals=own.never_reveals)


@area.post("/account/passphrase")
def account_passphrase() -> Response | tuple[str, int] | str:
    form = ChangePassphraseForm()
    if not form.validate_on_submit():
        return _page(_own_form(), form)
    try:
        token = accounts.change_passphrase(guards.viewer(), form.old.data, form.new.data, guards.web_token())
    except Invalid as refusal:
        field = form.old if refusal.code == "wrong_passphrase" else form.new
        field.errors = [words_for(refusal)]
        return _page(_own_form(), form)
    standing = guards.standing()
    session.clear()
    login_user(guards.SignedIn(standing, token))
    flash(gettext("Your new pass phrase is set. Other devices are signed out."))
    return redirect(url_for("partner.account"), 303)


@area.post("/account/devices")
def account_devices() -> Response:
    settings_of_person.end_other_sessions(guards.viewer(), guards.web_token())
    flash(gettext("Other devices are signed out."))
    return redirect(url_for("partner.account"), 303)
