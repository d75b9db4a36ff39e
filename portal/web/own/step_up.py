"""The pass phrase once more, before anything of one's own security is changed."""

from urllib.parse import urlsplit

from flask import current_app, flash, redirect, request
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from portal.domain.errors import Invalid
from portal.services import web_sessions
from portal.web import guards
from portal.web.forms.second_factors import StepUpForm
from portal.web.forms.words import words_for
from portal.web.guards import Owed
from portal.web.limits import counts_guesses
from portal.web.own.area import account, area, page


@area.route("/step-up", methods=["GET", "POST"])
@counts_guesses
@guards.open_while_owing(Owed.SET_UP)
def step_up() -> Response | tuple[str, int] | str:
    form, wanted = StepUpForm(), guards.own_path_or_none(request.args.get("next")) or account()
    if form.validate_on_submit():
        try:
            token = web_sessions.step_up(guards.viewer(), form.passphrase.data, guards.web_token())
            is_undone = guards.was_left_undone(wanted)
            guards.go_on_as(token)
            if is_undone:
                flash(gettext("Nothing was done yet. Please do it once more."), "look")
            return redirect(wanted, 303)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    shown = page("own/step_up.html", form=form, way_back=_way_back(wanted))
    return (shown, 422) if request.method == "POST" else shown


def _way_back(wanted: str) -> str:
    """The page that one came from; the account, where that page asks for the pass phrase again itself."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(urlsplit(wanted).path, method="GET")
    except HTTPException:
        return account()
    return account() if getattr(current_app.view_functions[endpoint], "needs_step_up", False) else wanted
