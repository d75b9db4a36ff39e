"""Errors as pages: what the house refuses becomes a status and a sentence, and what breaks tells nothing."""

from contextlib import suppress

from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.output.render import NotRendered
from portal.services import refusals
from portal.services.transactions import DatabaseBusy, database_trouble
from portal.services.vault import Erased
from portal.web import guards, limits

PAGES = (400, 404, 405, 409, 413, 429, 500, 503)
RETRY_SECONDS = {429: 600, 503: 10}  # the window of the limits; a moment, for a database that is busy


def init_app(app: Flask) -> None:
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Conflict, lambda error: page(409))
    app.register_error_handler(Invalid, lambda error: page(400))
    app.register_error_handler(NotAllowed, lambda error: page(409))
    app.register_error_handler(Erased, lambda error: page(404))
    app.register_error_handler(CSRFError, lambda error: page(400))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotRendered, lambda error: page(503))
    for kind in database_trouble():
        app.register_error_handler(kind, _database_error)


def page(status: int) -> Response:
    """The neutral page of a status; it needs no database and is the same for everybody."""
    shown = status if status in PAGES else 400 if status < 500 else 500
    response = make_response(render_template(f"errors/{shown}.html"), status)
    if status in RETRY_SECONDS:
        response.headers["Retry-After"] = str(RETRY_SECONDS[status])
    return response


def _not_found(_error: NotFound) -> Response:
    """The same page as for what never was; the refusal of somebody signed in goes on record, if it can."""
    standing = guards.standing_or_none()
    if standing is not None and limits.has_room_on_record(standing.viewer):
        with suppress(*database_trouble()):
            refusals.record(standing.viewer)
    return page(404)


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return page(error.code)


def _database_error(error: Exception) -> Response:
    if not isinstance(error, DatabaseBusy) and not DatabaseBusy.is_cause_of(error):
        raise error
    return page(503)
