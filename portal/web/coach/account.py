"""A member's own account: zone, pass phrase; the way to the second key and to the devices."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.people import Role
from portal.services import settings_of_person
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.account import ChangePassphraseForm, ZoneForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.own import passphrase

Page = Response | tuple[str, int] | str


@area.route("/account", methods=["GET", "POST"])
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
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


@area.post("/account/passphrase")
@counts_guesses
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def account_passphrase() -> Page:
    form = ChangePassphraseForm()
    if passphrase.is_set_by(form):
        return _done(gettext("Your new pass phrase is set. Other devices are signed out."))
    return _page(change=form)


def _done(line: str) -> Response:
    flash(line)
    return redirect(url_for("coach.account"), 303)


def _page(**typed: FlaskForm) -> tuple[str, int] | str:
    """The page, with the form that was typed into and the other as it stands."""
    own = settings_of_person.own(guards.viewer(), guards.web_token())
    forms = {"zone": ZoneForm(formdata=None, zone=own.zone), "change": ChangePassphraseForm(formdata=None)} | typed
    page = render_template(
        "coach/account/show.html",
        own=own,
        wrong=next(iter(typed.values()), []),
        is_waived=guards.is_waived() and not own.has_second_factor,
        **forms,
    )
    return (page, 422) if typed else page
