"""How often something may fail, or be asked for by anybody: by address at the doors, by browser session inside."""

from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar, cast

from flask import abort, make_response, request
from limits import RateLimitItem, parse

from portal.domain.people import Viewer
from portal.extensions import limiter
from portal.services import devices
from portal.services.accounts import hash_of
from portal.web import browsers, guards

View = TypeVar("View", bound=Callable[..., object])

AT_A_DOOR = parse("100 per 10 minutes")
IN_A_SESSION = parse("20 per 10 minutes")
ON_RECORD = parse("30 per 10 minutes")  # refusals of one person; who asks for a thousand pages fills no disk
ASKED = parse("30 per 10 minutes")  # of what is written down for whoever asks, known or not, and answered alike
PAPERS = parse("20 per 10 minutes")  # of one person, which have to be set
FAILURES = (422, 429)  # only what was refused counts: who types it right is never kept waiting
# one address of version 4 is one household or one office, and its neighbours in a /24 are strangers; of version 6 one
# household has a /64 at least, and could draw a new address for every try
PREFIX_OF_VERSION_6 = 64


def counts_failures(view: View) -> View:
    """Bound the failures at a door by the prefix of the address they come from."""
    return _counting(view, AT_A_DOOR, lambda: (view.__qualname__, address_prefix()))


def counts_failures_of_strangers(view: View) -> View:
    """Bound them likewise, but for a browser that somebody was signed in on before: its failures count for it alone."""
    return _counting(view, AT_A_DOOR, lambda: (view.__qualname__, address_prefix()), _is_known_browser)


def counts_asking(view: View) -> View:
    """Bound what may be asked for by anybody, from the prefix of one address; each time counts, and all such doors."""
    return _counting(view, ASKED, lambda: ("ask", address_prefix()), counts=lambda _status: True)


def _is_known_browser() -> bool:
    return devices.is_known(browsers.token())


def counts_guesses(view: View) -> View:
    """Bound the guesses in one browser session, at whichever page; other devices of the same person go on working.

    Behind a guarded area. What is counted is kept under the hash of the session's token, as everywhere.
    """
    return _counting(view, IN_A_SESSION, lambda: ("guess", hash_of(guards.web_token()).hex()))


def counts_papers(view: View) -> View:
    """Bound how often somebody has papers of their own made: never by couple or address, which two share."""
    return _counting(view, PAPERS, lambda: ("paper", str(guards.viewer().person_id)), counts=lambda _status: True)


def has_room_on_record(viewer: Viewer) -> bool:
    """Whether one more refusal of this person goes on record, and counts it."""
    who = str(viewer.person_id)
    has_room = limiter.has_room(ON_RECORD, "refused", who)
    if has_room:
        limiter.count(ON_RECORD, "refused", who)
    return has_room


def _counting(
    view: View,
    limit: RateLimitItem,
    who: Callable[[], tuple[str, str]],
    is_spared: Callable[[], bool] = lambda: False,
    counts: Callable[[int], bool] = FAILURES.__contains__,
) -> View:
    @wraps(view)
    def bounded(*args: object, **places: object) -> object:
        if request.method != "POST":
            return view(*args, **places)
        asking, spared = who(), is_spared()
        if not spared and not limiter.has_room(limit, *asking):
            abort(429)
        response = make_response(view(*args, **places))
        if counts(response.status_code) and not spared:
            limiter.count(limit, *asking)
        return response

    return cast(View, bounded)


def address_prefix() -> str:
    """The /32 of version 4, or the /64 of version 6, that a request comes from."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, PREFIX_OF_VERSION_6), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
