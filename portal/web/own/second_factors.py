"""The second key: asked for at the door, set up, and taken away; an app's codes and spare codes."""

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug import Response

from portal.domain.errors import Invalid, NotFound
from portal.domain.second_factors import address_for_app, in_groups
from portal.output.square import square
from portal.services import second_factors
from portal.services.second_factors import Changed, StandsStill
from portal.web import browsers, guards
from portal.web.auth.sign_in import own_home, waiting_words
from portal.web.forms.second_factors import AppCodeForm, PasskeyForm, SecondKeyForm
from portal.web.forms.words import words_for
from portal.web.guards import Owed
from portal.web.limits import counts_failures, counts_guesses
from portal.web.own.area import area, page
from portal.web.own.site import names, site_or_none

Page = Response | tuple[str, int] | str


@area.route("/second-key", methods=["GET", "POST"])
@counts_failures
@counts_guesses
@guards.open_while_owing(Owed.PROOF)
def second_key() -> Page:
    form = SecondKeyForm()
    if form.validate_on_submit():
        try:
            token = second_factors.enter(guards.viewer(), form.typed, guards.web_token(), browsers.token())
        except Invalid as error:
            return _wait(form, int(str(error.params["seconds"])))
        if token is not None:
            return go_in(token)
        form.refuse(gettext("This code opens nothing. Each code works once; take the next one."))
    return door(form)


def _wait(form: SecondKeyForm, seconds: int) -> Response:
    form.refuse(waiting_words(seconds))
    response = make_response(door(form))
    response.status_code, response.headers["Retry-After"] = 429, str(seconds)
    return response


def go_in(token: str) -> Response:
    """Go on under the session that opens everything, to where one wanted to go."""
    guards.go_on_as(token)
    browsers.remember()
    return redirect(guards.own_path_or_none(request.args.get("next")) or own_home(), 303)


def door(form: SecondKeyForm, refusal: str | None = None) -> Page:
    """The page that asks for the second key; `refusal` is what a passkey was refused with."""
    own = second_factors.own(guards.viewer())
    has_passkey = site_or_none() is not None and bool(own.passkeys)
    shown = page("own/second_key.html", form=form, own=own, has_passkey=has_passkey, refusal=refusal)
    return (shown, 422) if request.method == "POST" else shown


@area.get("/second-key/set-up")
@guards.open_while_owing(Owed.SET_UP)
@guards.needs_step_up("own.set_up")
def set_up() -> Page:
    return overview(PasskeyForm(formdata=None))


def overview(form: PasskeyForm) -> str:
    """What is set up, and what can be."""
    own, still = second_factors.own(guards.viewer()), second_factors.stands_still(guards.viewer())
    takes_passkeys = site_or_none() is not None and not still
    return page("own/set_up.html", own=own, form=form, takes_passkeys=takes_passkeys, stands_still=still)


@area.errorhandler(StandsStill)
def stands_still(_refusal: StandsStill) -> Page:
    """The page that says why nothing of the second key can be changed, and who opens it again."""
    return overview(PasskeyForm(formdata=None)), 409


def link() -> str:
    """Where the mail about a change leads to: the page that a partner reads it on; staff get no mail."""
    return guards.link("partner.account")


def done(changed: Changed, line: str) -> Response | str:
    """Go on under the new token; spare codes that were just made are shown now, and never again."""
    guards.go_on_as(changed.token)
    browsers.remember()
    if changed.spare_codes:
        return page("own/spare_codes.html", codes=changed.spare_codes, line=line, home=own_home())
    flash(line)
    return redirect(url_for("own.set_up"), 303)


@area.post("/second-key/app/new")
@guards.open_while_owing(Owed.SET_UP)
@guards.needs_step_up("own.set_up")
def app_new() -> Response:
    second_factors.begin_app(guards.viewer())
    return redirect(url_for("own.app_confirm"), 303)


@area.route("/second-key/app", methods=["GET", "POST"])
@counts_guesses
@guards.open_while_owing(Owed.SET_UP)
@guards.needs_step_up("own.set_up")
def app_confirm() -> Page:
    form = AppCodeForm()
    try:
        seed = second_factors.seed_to_confirm(guards.viewer())
        if form.validate_on_submit():
            changed = second_factors.confirm_app(guards.viewer(), form.code.data, guards.web_token(), link())
            return done(changed, gettext("Codes from your app are asked for from now on."))
    except NotFound:
        return redirect(url_for("own.set_up"), 303)
    except Invalid as refusal:
        form.code.errors = [words_for(refusal)]
    site, host = names()
    picture = Markup(square(address_for_app(seed, host, site)))  # noqa: S704 - our own drawing
    shown = page("own/app.html", form=form, key=in_groups(seed), picture=picture)
    return (shown, 422) if request.method == "POST" else shown


@area.post("/second-key/app/remove")
@guards.needs_step_up("own.set_up")
def app_remove() -> Response | str:
    changed = second_factors.remove_app(guards.viewer(), guards.web_token(), link())
    return done(changed, gettext("Codes from your app open nothing any more."))


@area.post("/second-key/spare-codes")
@guards.needs_step_up("own.set_up")
def spare_codes() -> Response | str:
    changed = second_factors.new_spare_codes(guards.viewer(), guards.web_token())
    return done(changed, gettext("These take the place of the earlier ones."))
