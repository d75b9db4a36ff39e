"""The cookie that a browser carries at the doors: a random token, the same whoever signs in, or nobody.

It is given with the sign-in page, before anybody has said who they are, and is never renewed: so neither that it is
there nor until when tells one of two who share a phone whether the other has signed in on it.
"""

import re

from flask import current_app, request
from werkzeug import Response

from portal import randomness
from portal.services.devices import LASTS

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
