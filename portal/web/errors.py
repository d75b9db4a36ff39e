"""Errors as pages: what the house refuses becomes a status and a sentence, and what breaks tells nothing.

Each page carries a number that was drawn for this request alone; the line in the log has the same one. What a line says
beside it is the endpoint, the status and, where something broke, which kind of error arose where in our code: never an
address with its ids, never who asked, and never an error's own words, for those may quote what people wrote.
"""

import traceback
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from portal import randomness
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.output.render import NotRendered
from portal.services import refusals
from portal.services.transactions import DatabaseBusy, database_trouble, give_up
from portal.services.vault import Erased
from portal.web import guards, limits

ExceptionInfo = tuple[type, BaseException, TracebackType] | tuple[None, None, None]

PAGES = (400, 404, 405, 409, 413, 429, 500, 503)
RETRY_SECONDS = {429: 600, 503: 10}  # the window of the limits; a moment, for a database that is busy
log = structlog.get_logger()


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
    app.log_exception = _log_what_broke  # type: ignore[method-assign, assignment]  # Flask's own line would quote the error
    app.jinja_env.globals["request_id"] = request_id


def request_id() -> str:
    """What names this request on its error page and in the log; random, and kept nowhere else."""
    if "request_id" not in g:
        g.request_id = randomness.new_reference()
    found: str = g.request_id
    return found


def page(status: int) -> Response:
    """The neutral page of a status; it needs no database and is the same for everybody."""
    guards.look_no_further()
    shown = status if status in PAGES else 400 if status < 500 else 500
    if status >= 500:
        with suppress(*database_trouble()):
            give_up()
    if status != 500:  # of what broke there is a longer line already
        log.info("refused", request=request_id(), status=status, endpoint=request.endpoint)
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
    response = page(error.code)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _log_what_broke(broken: ExceptionInfo) -> None:
    _, error, trace = broken
    kinds = [type(found).__name__ for found in _and_its_causes(error)]
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    log.error("broke", request=request_id(), endpoint=request.endpoint, kinds=kinds, where=where)


def _and_its_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _database_error(error: Exception) -> Response:
    if not isinstance(error, DatabaseBusy) and not DatabaseBusy.is_cause_of(error):
        raise error
    return page(503)
