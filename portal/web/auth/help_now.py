"""Help now: whom to call instead of writing here; the same page for everybody of a practice."""

from itertools import groupby

from flask import render_template
from flask_babel import gettext

from portal.domain.texts import TextKind
from portal.services import contacts, texts
from portal.web import guards
from portal.web.auth.area import area
from portal.web.guards import open_to_all
from portal.web.joint_mode import open_to_both
from portal.web.texts import in_pieces, links, places_of


@area.get("/help-now")
@open_to_all
@open_to_both
def help_now() -> str:
    found = guards.standing_or_none()
    known = contacts.known_to(found.viewer if found else None)
    countries = [(country, list(listed)) for country, listed in groupby(known.contacts, lambda entry: entry.country)]
    practice = found.practice_name if found else gettext("the practice")
    coach = found.coach_name if found else None
    body = known.texts[TextKind.HELP_NOW].body if known.texts else texts.shipped(TextKind.HELP_NOW)
    return render_template(
        "auth/help_now.html",
        countries=countries,
        hours=known.hours,
        line=known.reading_hours,
        intro=in_pieces(body, places_of(coach or practice, known.hours, practice)),
        door_links=links(known.texts),
    )
