"""Help now: whom to call instead of writing here; the same page for everybody of a practice."""

from flask import render_template

from portal.services import contacts
from portal.web import guards
from portal.web.auth.area import area
from portal.web.guards import open_to_all


@area.get("/help-now")
@open_to_all
def help_now() -> str:
    found = guards.standing_or_none()
    listed = contacts.of_practice(found.viewer) if found else ()
    return render_template("auth/help_now.html", contacts=listed)
