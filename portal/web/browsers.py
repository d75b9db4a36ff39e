"""The cookie that a browser carries at the doors: a random token, the same whoever signs in, or nobody.

It is given with the sign-in page, before anybody has said who they are, and is never renewed: so neither that it is
there nor until when tells one of two who share a phone whether the other has signed in on it.
"""

import re

from flask import current_app, request
from werkzeug import Response

from portal import randomness
from portal.services import devices
from portal.services.devices import LASTS
from portal.web import guards

TOKEN = re.compile(r"[\w-]{32}")


def _name() -> str:
    return "__Host-browser" if current_app.extensions["portal.settings"].is_https else "browser"


def token() -> str:
    """The token that this browser carries; '' for none."""
    found = request.cookies.get(_name(), "")
    return found if TOKEN.fullmatch(found) and found.isascii() else ""


def mark(response: Response) -> Response:
    """Give the browser a token, if it has none yet."""
    if not token():
        response.set_cookie(
            _name(),
            randomness.new_token(),
            max_age=LASTS,
            secure=current_app.extensions["portal.settings"].is_https,
            httponly=True,
            samesite="Lax",
        )
    return response


def remember() -> None:
    """Know who is signed in on this browser, once their session owes nothing more; until then it is a stranger's."""
    if token() and guards.standing_or_none() is not None and guards.owed_or_none() is None:
        devices.remember(guards.viewer(), token())
