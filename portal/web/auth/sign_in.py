"""Signing in and out, and leaving at once."""

import structlog
from flask import current_app, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user, login_user
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.extensions import csrf
from portal.services import accounts
from portal.services.transactions import database_trouble, give_up
from portal.web import browsers, guards, texts
from portal.web.auth.area import area
from portal.web.errors import request_id
from portal.web.forms.doors import SignInForm
from portal.web.guards import open_to_all
from portal.web.joint_mode import open_to_both
from portal.web.limits import counts_failures_of_strangers

EXIT_PATIENCE = 500  # milliseconds, where a sign-out waits its turn as every command does
log = structlog.get_logger()


@area.get("/")
@open_to_all
def root() -> Response:
    return redirect(own_home(), 303)


def own_home() -> str:
    """Where somebody's own pages begin, or what the door still asks for; the door itself for nobody."""
    found = guards.standing_or_none()
    if found is None:
        return url_for("auth.sign_in")
    owed = guards.owed_or_none()
    if owed is not None:
        return url_for(owed)
    return url_for("coach.today" if found.is_staff else "partner.home")


@area.get("/sign-in")
@open_to_all
def sign_in() -> Response:
    if guards.standing_or_none():
        return redirect(own_home(), 303)
    return browsers.mark(make_response(_page(SignInForm())))


@area.post("/sign-in")
@counts_failures_of_strangers
@open_to_all
def sign_in_try() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    form = SignInForm()
    refusal = ""
    if form.validate_on_submit():
        try:
            token = accounts.sign_in(form.email.data, form.password.data, _present_token(), browsers.token())
        except Invalid as error:
            return _wait(form, int(str(error.params["seconds"])))
        if token is not None:
            return _enter(token)
        refusal = gettext("This name and pass phrase do not belong together.")
    return _page(form, refusal), 422


def _wait(form: SignInForm, seconds: int) -> tuple[str, int, dict[str, str]]:
    return _page(form, waiting_words(seconds)), 429, {"Retry-After": str(seconds)}


def _page(form: SignInForm, refusal: str = "") -> str:
    links = texts.links_at_the_door()
    return render_template("auth/sign_in.html", form=form, refusal=refusal, door_links=links)


def waiting_words(seconds: int) -> str:
    """How long a door waits after failures."""
    words: str = ngettext("Try again in one second.", "Try again in %(num)s seconds.", seconds)
    return words


def _present_token() -> str | None:
    return guards.web_token() if current_user.is_authenticated else None


def _enter(token: str) -> Response:
    wanted = guards.own_path_or_none(request.args.get("next"))
    session.clear()
    found = guards.signed_in_or_none(token)
    if found is not None:
        login_user(found)
    browsers.remember()
    return redirect(wanted or own_home(), 303)


@area.post("/sign-out")
@open_to_all
@open_to_both
def sign_out() -> Response:
    end_session()
    return redirect(url_for("auth.sign_in"), 303)


@area.post("/exit")
@csrf.exempt  # type: ignore[untyped-decorator]  # flask_wtf publishes no types
@open_to_all
@open_to_both
def exit() -> Response:  # noqa: A001 - the address is /exit, and endpoints are named by their addresses
    """Leave: the session ends on the server, and the browser goes to a neutral site.

    Whoever leaves may be looked at over the shoulder: they are led away whatever the database does meanwhile.
    """
    end_session(EXIT_PATIENCE)
    response = redirect(current_app.extensions["portal.settings"].exit_url, 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def end_session(patience: int | None = None) -> None:
    """Leave nothing of the browser's session in the cookie, and end it on the server as well as can be.

    The cookie goes first, and with it every way into the session from this browser. One that a busy database does not
    end runs out by itself, idle, as it would have otherwise; the log says so, and names nobody.
    """
    token = guards.carried_token_or_none()
    guards.forget()
    if token is not None:
        try:
            accounts.sign_out(token, patience)
        except database_trouble():
            give_up()
            log.warning("session not ended", request=request_id())
