"""A new pass phrase by mail: asked for, and set; a link that is opened changes nothing."""

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import passphrases, resets
from portal.web import guards, texts
from portal.web.auth.area import area
from portal.web.auth.sign_in import end_session
from portal.web.forms.doors import AskResetForm, PassphraseForm
from portal.web.forms.words import words_for
from portal.web.guards import open_to_all
from portal.web.limits import counts_asking, counts_failures


@area.route("/reset", methods=["GET", "POST"])
@counts_asking
@counts_failures
@open_to_all
def reset_request() -> tuple[str, int] | str:
    form = AskResetForm()
    if form.validate_on_submit():
        resets.ask_for_reset(form.email.data, guards.link_pattern("auth.reset"))
        return render_template("auth/reset_sent.html")
    page = render_template("auth/reset_request.html", form=form, door_links=texts.links_at_the_door())
    return (page, 422) if request.method == "POST" else page


@area.route("/reset/<token>", methods=["GET", "POST"])
@counts_failures
@open_to_all
def reset(token: str) -> Response | tuple[str, int] | str:
    form = PassphraseForm()
    try:
        resets.check_reset(token)
    except Invalid as error:
        return _over(token, words_for(error))
    if form.validate_on_submit():
        try:
            resets.reset_passphrase(token, form.passphrase.data)
            end_session()
            return redirect(url_for("auth.sign_in", done="reset"), 303)
        except Invalid as error:
            form.passphrase.errors = [words_for(error)]
    page = render_template("auth/reset.html", form=form, offered=passphrases.offered())
    return (page, 422) if request.method == "POST" else page


def _over(token: str, reason: str) -> tuple[str, int]:
    again = url_for("auth.reset_again", token=token)
    return render_template("auth/link_over.html", reason=reason, again=again, is_invitation=False), 410


@area.post("/reset/<token>/again")
@counts_asking
@open_to_all
def reset_again(token: str) -> str:
    """One tap for a new mail: the same for a link that ran out, one that was used, and one that never was."""
    resets.ask_again(token, guards.link_pattern("auth.reset"))
    return render_template("auth/reset_sent.html", is_again=True)
