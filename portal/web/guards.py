"""The first door: which area is open to whom, and who is asking."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login import UserMixin, current_user
from werkzeug import Response

from portal.domain.errors import NotFound
from portal.domain.people import Role, Viewer
from portal.extensions import login
from portal.services import standing as standings
from portal.services.standing import Standing

View = TypeVar("View", bound=Callable[..., object])


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login publishes no types
    """Somebody who is signed in, as flask-login wants to see them."""

    def __init__(self, standing: Standing, token: str) -> None:
        self.standing = standing
        self.token = token

    def get_id(self) -> str:
        return self.token


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


def staff_only() -> Response | None:
    """The guard of the coach's area: for coaches, and for those of the other staff whom a view names."""
    refusal = _guard(is_staff=True)
    if refusal is None and not may_enter(viewer().role, request.endpoint or ""):
        abort(404)
    return refusal


def may_enter(role: Role, endpoint: str) -> bool:
    """Whether a page of the coach's area opens for a role of the staff; navigation asks it too."""
    return role.is_coach or role in getattr(current_app.view_functions.get(endpoint), "opens_to", ())


def check_again() -> None:
    """Raise NotFound where the reader's session has ended since the request began, as when they were let go."""
    if standings.standing_or_none(web_token()) is None:
        raise NotFound


def partners_only() -> Response | None:
    """The guard of the partners' area."""
    return _guard(is_staff=False)


def _guard(*, is_staff: bool) -> Response | None:
    found = standing_or_none()
    if found is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=wanted), 303)
    if found.is_staff is not is_staff:
        abort(404)
    return None


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
        "reading_hours": found.reading_hours if found else None,
        "policy": found.policy if found else None,
        "is_demo": bool(found and found.is_demo),
    }


def link_pattern(endpoint: str) -> str:
    """The full address of a link in a mail, with `{token}` where its token goes."""
    base: str = current_app.extensions["portal.settings"].base_url
    return base.rstrip("/") + url_for(endpoint, token="TOKEN").replace("TOKEN", "{token}")  # noqa: S106 - a place


def link(endpoint: str) -> str:
    """The full address of a page, for a mail."""
    base: str = current_app.extensions["portal.settings"].base_url
    return base.rstrip("/") + url_for(endpoint)


def typed_id(value: str) -> UUID:
    """An id that came in a form; what is none is not found."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound from None


def forget() -> None:
    """Leave nothing of this browser's session in the cookie."""
    session.clear()
    g.pop("_login_user", None)
