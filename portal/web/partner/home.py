"""A partner's home: what was agreed, and what is next."""

from flask import redirect, render_template, url_for
from werkzeug import Response

from portal.services import choosing, notes, resources, sessions, settings_of_person
from portal.services import home as home_page
from portal.web import guards
from portal.web.partner.area import area


@area.get("/")
def home() -> str:
    viewer, standing = guards.viewer(), guards.standing()
    return render_template(
        "partner/home/show.html",
        standing=guards.standing(),
        home=home_page.home(viewer),
        choice=choosing.open_choice(viewer),
        agreed=notes.agreed_for_partner(viewer),
        has_shelf=bool(resources.for_partner(viewer)),
        session=sessions.next_for_partner(viewer),
        couple_state=standing.couple_state,
        left_at=standing.left_at,
        is_asked_anew=standing.asked_anew_at is not None,
    )


@area.post("/understood")
def home_understood() -> Response:
    """Got it: what "Leave" does is not explained again."""
    settings_of_person.know_leave(guards.viewer())
    return redirect(url_for("partner.home"), 303)
