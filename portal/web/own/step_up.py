"""The pass phrase once more, before anything of one's own security is changed."""

from flask import redirect, request
from werkzeug import Response

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
    form = StepUpForm()
    if form.validate_on_submit():
        try:
            guards.go_on_as(web_sessions.step_up(guards.viewer(), form.passphrase.data, guards.web_token()))
            return redirect(guards.own_path_or_none(request.args.get("next")) or account(), 303)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    shown = page("own/step_up.html", form=form)
    return (shown, 422) if request.method == "POST" else shown
