"""A calendar feed: fetched by a calendar, which brings nothing but the address."""

from flask import Response, current_app
from flask_babel import force_locale, gettext

from portal.output.calendar import Dated, feed
from portal.services import calendars
from portal.services.calendars import Entry
from portal.web import guards
from portal.web.auth.area import area
from portal.web.guards import open_to_all


@area.get("/calendar/<token>.ics")
@open_to_all
def calendar(token: str) -> Response:
    found = calendars.fetch(token)
    with force_locale(found.locale):
        title = gettext("Appointment")
    dated = [_dated(entry) for entry in found.entries]
    content = feed(dated, found.zone, current_app.extensions["portal.settings"].site_name, title)
    headers = {"Content-Disposition": 'attachment; filename="calendar.ics"'}
    return Response(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _dated(entry: Entry) -> Dated:
    """With the way to the page of the appointment for staff, and to one's own home for everybody else."""
    return Dated(
        str(entry.uid),
        entry.starts_at,
        entry.minutes,
        entry.made_at,
        entry.changes,
        entry.is_cancelled,
        guards.link("coach.sessions_show", session_id=entry.session_id)
        if entry.session_id
        else guards.link("partner.home"),
    )
