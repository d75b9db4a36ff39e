"""The browsers that one is signed in with: ending one of them, or all but this."""

from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext
from werkzeug import Response

from portal.services import web_sessions
from portal.web import guards
from portal.web.own.area import account, area


@area.post("/devices")
def devices_end_others() -> Response:
    web_sessions.end_others(guards.viewer(), guards.web_token())
    flash(gettext("Other devices are signed out."))
    return redirect(account(), 303)


@area.post("/devices/<uuid:device_id>/end")
def devices_end_one(device_id: UUID) -> Response:
    web_sessions.end_one(guards.viewer(), device_id)
    flash(gettext("That device is signed out."))
    return redirect(account(), 303)
