"""The common area and its guard: for whoever is signed in, and in parts for whom the pass phrase alone let in."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug import Response

from portal.web import guards
from portal.web.auth.sign_in import own_home
from portal.web.guards import Owed

area = Blueprint("own", __name__, url_prefix="/account")
area.before_request(guards.anybody_signed_in)


@area.before_request
def pass_by_a_door_that_is_open() -> Response | None:
    """What takes the second key at the door has nothing to ask of whoever is in."""
    view = current_app.view_functions[request.endpoint or ""]
    is_of_door = getattr(view, "open_while_owing", ()) == (Owed.PROOF,)
    return redirect(own_home(), 303) if is_of_door and guards.owed_or_none() is not Owed.PROOF else None


def account() -> str:
    """The address of the reader's own account page."""
    return url_for("coach.account" if guards.standing().is_staff else "partner.account")


def page(template: str, **values: object) -> str:
    """A page of this area, in the frame of the reader's own pages; at the door where something is still owed."""
    owed = guards.owed_or_none()
    frame = "door" if owed else "desk" if guards.standing().is_staff else "partner"
    common = {
        "frame": f"layouts/{frame}.html",
        "is_owing": owed is not None,
        "is_staff": guards.standing().is_staff,
        "account": account(),
    }
    return render_template(template, **common, **values)
