"""How often something may fail: by address at the doors, by browser session where a pass phrase is asked again."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from flask import abort, make_response, request
from limits import RateLimitItem, parse

from portal.domain.people import Viewer
from portal.extensions import limiter
from portal.services.accounts import hash_of
from portal.web import guards

View = TypeVar("View", bound=Callable[..., object])

AT_A_DOOR = parse("100 per 10 minutes")
IN_A_SESSION = parse("20 per 10 minutes")
ON_RECORD = parse("30 per 10 minutes")  # refusals of one person; who asks for a thousand pages fills no disk
FAILURE = 422  # only what was refused counts: who types it right is never kept waiting


def counts_failures(view: View) -> View:
    """Bound the failures at a door by the address they come from."""
    return _counting(view, AT_A_DOOR, lambda: (view.__qualname__, request.remote_addr or "unknown"))


def counts_guesses(view: View) -> View:
    """Bound the guesses in one browser session, at whichever page; other devices of the same person go on working.

    Behind a guarded area. What is counted is kept under the hash of the session's token, as everywhere.
    """
    return _counting(view, IN_A_SESSION, lambda: ("guess", hash_of(guards.web_token()).hex()))


def has_room_on_record(viewer: Viewer) -> bool:
    """Whether one more refusal of this person goes on record, and counts it."""
    who = str(viewer.person_id)
    has_room = limiter.has_room(ON_RECORD, "refused", who)
    if has_room:
        limiter.count(ON_RECORD, "refused", who)
    return has_room


def _counting(view: View, limit: RateLimitItem, who: Callable[[], tuple[str, str]]) -> View:
    @wraps(view)
    def bounded(*args: object, **places: object) -> object:
        if request.method != "POST":
            return view(*args, **places)
        asking = who()
        if not limiter.has_room(limit, *asking):
            abort(429)
        response = make_response(view(*args, **places))
        if response.status_code == FAILURE:
            limiter.count(limit, *asking)
        return response

    return cast(View, bounded)
