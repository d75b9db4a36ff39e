"""One's own calendar feed: an address made, told once, and ended."""

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.services import calendars
from portal.web import guards
from portal.web.forms.calendars import CalendarForm
from portal.web.own.area import area, page


@area.get("/calendar")
@guards.needs_step_up("own.calendar")
def calendar() -> str:
    return _page()


@area.post("/calendar")
@guards.needs_step_up("own.calendar")
def calendar_make() -> str:
    """The address stands on the page that answers, and on no other: of its secret only a hash is kept."""
    secret = calendars.make(guards.viewer(), shows_alone=CalendarForm().alone.data)
    return _page(guards.link("auth.calendar", token=secret))


def _page(address: str | None = None) -> str:
    feed = calendars.own_or_none(guards.viewer())
    form = CalendarForm(formdata=None, alone=feed is not None and feed.shows_alone)
    return page("own/calendar.html", feed=feed, form=form, address=address)


@area.post("/calendar/end")
@guards.needs_step_up("own.calendar")
def calendar_end() -> Response:
    calendars.end(guards.viewer())
    flash(gettext("Ended. The address leads nowhere now; delete it in your calendar too."))
    return redirect(url_for("own.calendar"), 303)
