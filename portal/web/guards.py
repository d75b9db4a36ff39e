"""The first door: which area is open to whom, and who is asking."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, UserMixin, current_user, login_user
from werkzeug import Response

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.people import Role, Viewer
from portal.domain.roles import runs_practice
from portal.domain.second_factors import is_fresh
from portal.extensions import login
from portal.services import standing as standings
from portal.services.standing import Standing

UNDONE = "undone"  # to which page somebody is led back whose form was not taken, in the session's cookie
View = TypeVar("View", bound=Callable[..., object])


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login publishes no types
    """Somebody who is signed in, as flask-login wants to see them."""

    def __init__(self, standing: Standing, token: str) -> None:
        self.standing = standing
        self.token = token

    def get_id(self) -> str:
        return self.token


class Owed(StrEnum):
    """What a session still owes that the pass phrase alone has opened, by the page that takes it."""

    PROOF = "own.second_key"
    SET_UP = "own.set_up"


def open_to_all(view: View) -> View:
    """Say of a view that nobody needs to be signed in for it."""
    view.open_to_all = True  # type: ignore[attr-defined]  # read by the test that walks every route
    return view


def opens_to(*roles: Role) -> Callable[[View], View]:
    """Say of a view in the coach's area which roles besides coaches it opens for; who says nothing opens for none."""

    def mark(view: View) -> View:
        view.opens_to = frozenset(roles)  # type: ignore[attr-defined]  # read by the area's guard
        return view

    return mark


def for_owner(view: View) -> View:
    """Say of a view in the coach's area that it opens for the owner of a practice alone."""
    view.for_owner = True  # type: ignore[attr-defined]  # read by the area's guard
    return view


def open_while_owing(*owed: Owed) -> Callable[[View], View]:
    """Say of a view in the common area that it opens although the session still owes this."""

    def say(view: View) -> View:
        view.open_while_owing = owed  # type: ignore[attr-defined]  # read by the guard of that area
        return view

    return say


def needs_step_up(back_to: str) -> Callable[[View], View]:
    """Ask for the pass phrase again before this view, unless it was given in this session within five minutes.

    `back_to` is the endpoint of the page from which forms are posted here: where one is refused, that page is asked
    for again. Whoever has to set up a second factor before anything else has just given the pass phrase at the door.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **places: object) -> object:
            if has_stepped_up():
                return view(*args, **places)
            wanted = request.full_path.rstrip("?") if request.method != "POST" else url_for(back_to)
            session[UNDONE] = wanted if request.method == "POST" else None
            return redirect(url_for("own.step_up", next=wanted), 303)

        guarded.needs_step_up = True  # type: ignore[attr-defined]  # read by the test that walks the routes
        return cast(View, guarded)

    return guard


def has_stepped_up() -> bool:
    """Whether the pass phrase was given again in this session, within five minutes."""
    found = standing()
    at_the_door = found.signed_in_at if owed_or_none() is Owed.SET_UP else None
    return is_fresh(found.stepped_up_at or at_the_door, clock.now())


def was_left_undone(page: str) -> bool:
    """Whether a form of this page was not taken, for the pass phrase was due; told once."""
    return bool(session.pop(UNDONE, None) == page)


def init_app(app: Flask) -> None:
    login.session_protection = None
    login.user_loader(signed_in_or_none)
    app.context_processor(_about_the_reader)


def signed_in_or_none(token: str) -> SignedIn | None:
    """Who holds this browser session, as the door wants to see them."""
    found = standings.standing_or_none(token)
    return None if found is None else SignedIn(found, token)


def standing_or_none() -> Standing | None:
    """Who is signed in, with the names around them that pages say; None for nobody."""
    found: Standing | None = getattr(current_user, "standing", None)
    return found


def look_no_further() -> None:
    """Take for the reader whom this request knows by now, and else nobody: the database is not asked who it is."""
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()


def standing() -> Standing:
    found = standing_or_none()
    if found is None:
        raise NotFound
    return found


def viewer() -> Viewer:
    """Who is asking; only behind a guarded area."""
    return standing().viewer


def web_token() -> str:
    """The token of the browser's session, for what ends or rises with it."""
    token: str = current_user.token
    return token


def carried_token_or_none() -> str | None:
    """The token that the browser carries, whatever it still opens; nobody looks that up."""
    found: str | None = session.get("_user_id")
    return found


def staff_only() -> Response | None:
    """The guard of the coach's area: for coaches, and for those of the other staff whom a view names."""
    refusal = _guard(is_staff=True)
    if refusal is None and not may_enter(viewer().role, request.endpoint or ""):
        raise NotFound
    return refusal


def may_enter(role: Role, endpoint: str) -> bool:
    """Whether a page of the coach's area opens for a role of the staff; navigation asks it too."""
    view = current_app.view_functions.get(endpoint)
    if getattr(view, "for_owner", False):
        return runs_practice(role)
    return role.is_coach or role in getattr(view, "opens_to", ())


def check_again() -> None:
    """Raise NotFound where the reader's session has ended since the request began, as when they were let go."""
    if not standings.still_stands(web_token()):
        raise NotFound


def partners_only() -> Response | None:
    """The guard of the partners' area."""
    return _guard(is_staff=False)


def anybody_signed_in() -> Response | None:
    """The guard of what staff and partners have in common; a view says what may still be owed while it opens."""
    if standing_or_none() is None:
        return redirect(url_for("auth.sign_in", next=_wanted()), 303)
    owed = owed_or_none()
    view = current_app.view_functions[request.endpoint or ""]
    if owed is None or owed in getattr(view, "open_while_owing", ()):
        return None
    return redirect(url_for(owed), 303)


def _guard(*, is_staff: bool) -> Response | None:
    found = standing_or_none()
    if found is None:
        return redirect(url_for("auth.sign_in", next=_wanted()), 303)
    if found.is_staff is not is_staff:
        raise NotFound
    owed = owed_or_none()
    return None if owed is None else redirect(url_for(owed, next=_wanted()), 303)


def _wanted() -> str | None:
    return request.full_path.rstrip("?") if request.method != "POST" else None


def owed_or_none() -> Owed | None:
    """What this session still owes before it opens anything; None for a full one, and for nobody."""
    found = standing_or_none()
    if found is None:
        return None
    if found.has_second_factor:
        return Owed.PROOF if found.proved_at is None else None
    return Owed.SET_UP if found.is_staff and not is_waived() else None


def is_waived() -> bool:
    """Whether staff need no second factor: in a demo, and there only while nobody else can reach this machine."""
    found = standing_or_none()
    return bool(found and found.is_demo and current_app.extensions["portal.settings"].is_loopback)


def own_path_or_none(wanted: str | None) -> str | None:
    """`next`, when it is a path of ours; anything that a browser could read as another site is dropped."""
    if not wanted or not wanted.isprintable() or "\\" in wanted:
        return None
    if not wanted.startswith("/") or wanted.startswith("//"):
        return None
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else None


def locale() -> str:
    found = standing_or_none()
    return found.locale if found else "en"


def zone() -> str:
    found = standing_or_none()
    return found.zone if found else "UTC"


def _about_the_reader() -> dict[str, object]:
    found = standing_or_none()
    settings = current_app.extensions["portal.settings"]
    return {
        "site_name": settings.site_name,
        "exit_url": settings.exit_url,
        "viewer": found.viewer if found else None,
        "viewer_name": found.name if found else None,
        "practice_name": found.practice_name if found else None,
        "coach_name": found.coach_name if found else None,
        "partner_name": found.partner_name if found else None,
        "away": found.away if found else None,
        "opens": lambda endpoint: found is not None and may_enter(found.viewer.role, endpoint),
        "reading_hours": (found.hours, found.reading_hours) if found else None,  # and the practice's own line
        "policy": found.policy if found else None,
        "is_demo": bool(found and found.is_demo),
    }


def link_pattern(endpoint: str) -> str:
    """The full address of a link in a mail, with `{token}` where its token goes."""
    base: str = current_app.extensions["portal.settings"].base_url
    return base.rstrip("/") + url_for(endpoint, token="TOKEN").replace("TOKEN", "{token}")  # noqa: S106 - a place


def link(endpoint: str, **values: Any) -> str:
    """The full address of a page, for a mail or a calendar."""
    base: str = current_app.extensions["portal.settings"].base_url
    return base.rstrip("/") + url_for(endpoint, **values)


def typed_id(value: str) -> UUID:
    """An id that came in a form; what is none is not found."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound from None


def go_on_as(token: str) -> None:
    """Go on in this browser under its session's new token; a form that is open in another tab can still be sent."""
    form_token = session.get("csrf_token")
    session.clear()
    if form_token is not None:
        session["csrf_token"] = form_token
    found = signed_in_or_none(token)
    if found is not None:
        login_user(found)


def forget() -> None:
    """Leave nothing of this browser's session in the cookie."""
    session.clear()
    g.pop("_login_user", None)
