"""Passkeys over HTTP: made on the page of the second key, and used at the door."""

from uuid import UUID

from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import passkeys
from portal.web import guards
from portal.web.forms.second_factors import CredentialForm, PasskeyForm, SecondKeyForm
from portal.web.forms.words import words_for
from portal.web.guards import Owed
from portal.web.limits import counts_failures, counts_guesses
from portal.web.own.area import area
from portal.web.own.second_factors import Page, done, door, go_in, link, overview
from portal.web.own.site import site


@area.post("/second-key/passkey/challenge")
@guards.open_while_owing(Owed.PROOF)
def passkey_challenge() -> Response:
    return _json(passkeys.request_options(guards.viewer(), guards.web_token(), site()))


@area.post("/second-key/passkey")
@counts_failures
@counts_guesses
@guards.open_while_owing(Owed.PROOF)
def passkey() -> Page:
    form = CredentialForm()
    token = None
    if form.validate_on_submit():
        token = passkeys.enter(guards.viewer(), form.credential.data, guards.web_token(), site())
    if token is not None:
        return go_in(token)
    return door(SecondKeyForm(formdata=None), gettext("This key opened nothing. Try again, or type a code."))


@area.post("/second-key/passkeys/challenge")
@guards.open_while_owing(Owed.SET_UP)
@guards.needs_step_up("own.set_up")
def passkeys_challenge() -> Response:
    return _json(passkeys.registration_options(guards.viewer(), guards.web_token(), site()))


@area.post("/second-key/passkeys")
@counts_guesses
@guards.open_while_owing(Owed.SET_UP)
@guards.needs_step_up("own.set_up")
def passkeys_add() -> Page:
    form = PasskeyForm()
    if form.validate_on_submit():
        try:
            made, token = (form.name.data, form.credential.data), guards.web_token()
            changed = passkeys.add(guards.viewer(), *made, token, site(), link())
            return done(changed, gettext("Your passkey is asked for from now on."))
        except Invalid as refusal:
            form.name.errors = [words_for(refusal)]
    return overview(form), 422


@area.post("/second-key/passkeys/<uuid:passkey_id>/remove")
@guards.needs_step_up("own.set_up")
def passkeys_remove(passkey_id: UUID) -> Response | str:
    changed = passkeys.remove(guards.viewer(), passkey_id, guards.web_token(), link())
    return done(changed, gettext("That passkey opens nothing any more."))


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")
