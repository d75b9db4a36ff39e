"""How often something may fail: by address at the doors, by browser session where a pass phrase is asked again."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from flask import abort, make_response, request
from limits import RateLimitItem, parse

from portal.domain.people import Viewer
from portal.extensions import limiter
from portal.web import guards

View = TypeVar("View", bound=Callable[..., object])

AT_A_DOOR = parse("100 per 10 minutes")
IN_A_SESSION = parse("20 per 10 minutes")
ON_RECORD = parse("30 per 10 minutes")  # refusals of one person; who asks for a thousand pages fills no disk
FAILURE = 422  # only what was refused counts: who types it right is never kept waiting


def counts_failures(view: View) -> View:
    """Bound the failures at a door by the address they come from."""
    return _counting(view, AT_A_DOOR, _address)


def counts_guesses(view: View) -> View:
    """Bound the guesses at a pass phrase in one browser session; other devices of the same person go on working."""
    return _counting(view, IN_A_SESSION, lambda: guards.web_token() if guards.standing_or_none() else _address())


def has_room_on_record(viewer: Viewer) -> bool:
    """Whether one more refusal of this person goes on record, and counts it."""
    who = str(viewer.person_id)
    has_room = limiter.has_room(ON_RECORD, "refused", who)
    if has_room:
        limiter.count(ON_RECORD, "refused", who)
    return has_room


def _counting(view: View, limit: RateLimitItem, who: Callable[[], str]) -> View:
    @wraps(view)
    def bounded(*args: object, **places: object) -> object:
        if request.method != "POST":
            return view(*args, **places)
        place, asking = view.__qualname__, who()
        if not limiter.has_room(limit, place, asking):
            abort(429)
        response = make_response(view(*args, **places))
        if response.status_code == FAILURE:
            limiter.count(limit, place, asking)
        return response

    return cast(View, bounded)


def _address() -> str:
    return request.remote_addr or "unknown"
