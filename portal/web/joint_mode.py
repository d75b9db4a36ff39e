"""While the screen of a browser is turned round: which pages open, and that every other address leads to them."""

from functools import wraps
from typing import cast
from uuid import UUID

from flask import Flask, current_app, redirect, request, url_for
from werkzeug import Response

from portal.web import guards
from portal.web.guards import View
from portal.web.headers import PUBLIC_FILES


def open_to_both(view: View) -> View:
    """Say of a view that it opens on a screen that is turned round too: what it shows is the same for anybody there."""
    view.open_to_both = True  # type: ignore[attr-defined]  # read by the hook of every request
    return view


def together_only(view: View) -> View:
    """Open a view on a screen that is turned round alone, and give it the session's id; else it leads to one's own."""

    @wraps(view)
    def guarded() -> object:
        session_id = session_id_or_none()
        return redirect(url_for("auth.root"), 303) if session_id is None else view(session_id)

    return cast(View, open_to_both(guarded))


def session_id_or_none() -> UUID | None:
    """The session for which the reader's screen is turned round."""
    found = guards.standing_or_none()
    return None if found is None else found.joint_session_id


def init_app(app: Flask) -> None:
    app.before_request(stay_together)


def stay_together() -> Response | None:
    """Lead every address to where both are, what never was as well; nothing is done there."""
    if request.endpoint in PUBLIC_FILES:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "open_to_both", False) or session_id_or_none() is None:
        return None
    return redirect(url_for("coach.together"), 303)
