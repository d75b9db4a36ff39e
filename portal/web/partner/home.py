"""A partner's home: what was agreed, and what is next."""

from flask import render_template

from portal.services import home as home_page
from portal.services import notes, sessions
from portal.web import guards
from portal.web.partner.area import area


@area.get("/")
def home() -> str:
    viewer, standing = guards.viewer(), guards.standing()
    return render_template(
        "partner/home/show.html",
        home=home_page.home(viewer),
        agreed=notes.agreed_for_partner(viewer),
        session=sessions.next_for_partner(viewer),
        couple_state=standing.couple_state,
        left_at=standing.left_at,
        is_asked_anew=standing.asked_anew_at is not None,
    )
