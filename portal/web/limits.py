"""How often something may fail: by address at the doors, by browser session where a pass phrase is asked again."""

from collections.abc import Callable
from typing import TypeVar, cast

from flask import Response
from flask_limiter.util import get_remote_address

from portal.extensions import limiter
from portal.web import guards

View = TypeVar("View", bound=Callable[..., object])

AT_A_DOOR = "100 per 10 minutes"
IN_A_SESSION = "20 per 10 minutes"


def is_failure(response: Response) -> bool:
    """Only what was refused counts: who types it right is never kept waiting."""
    return response.status_code == 422


def counts_guesses(view: View) -> View:
    """Bound the guesses at a pass phrase in one browser session; other devices of the same person go on working."""
    limit = limiter.limit(IN_A_SESSION, key_func=_browser, methods=["POST"], deduct_when=is_failure)
    return cast(View, limit(view))


def _browser() -> str:
    """Who is asking; limits are looked at before the guard, so it may be nobody."""
    return guards.web_token() if guards.standing_or_none() else get_remote_address()
