"""Errors as pages: what the house refuses becomes a status and a sentence, and what breaks tells nothing."""

from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.services.transactions import DatabaseBusy, database_trouble
from portal.services.vault import Erased

PAGES = (400, 404, 405, 409, 413, 429, 500, 503)
RETRY_SECONDS = 10


def init_app(app: Flask) -> None:
    app.register_error_handler(NotFound, lambda error: page(404))
    app.register_error_handler(Conflict, lambda error: page(409))
    app.register_error_handler(Invalid, lambda error: page(400))
    app.register_error_handler(NotAllowed, lambda error: page(409))
    app.register_error_handler(Erased, lambda error: page(404))
    app.register_error_handler(CSRFError, lambda error: page(400))
    app.register_error_handler(HTTPException, _http_error)
    for kind in database_trouble():
        app.register_error_handler(kind, _database_error)


def page(status: int) -> Response:
    """The neutral page of a status; it needs no database and is the same for everybody."""
    shown = status if status in PAGES else 400 if status < 500 else 500
    response = make_response(render_template(f"errors/{shown}.html"), status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return page(error.code)


def _database_error(error: Exception) -> Response:
    if not isinstance(error, DatabaseBusy) and not DatabaseBusy.is_cause_of(error):
        raise error
    return page(503)
