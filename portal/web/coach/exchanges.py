"""Opening to both, in a session, what both have sent and shared of one assignment."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import NotAllowed
from portal.services import exchanges
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.words import words_for


@area.post("/sessions/<uuid:session_id>/exchange/<uuid:assignment_id>")
def sessions_exchange(session_id: UUID, assignment_id: UUID) -> Response:
    try:
        title = exchanges.open_now(guards.viewer(), session_id, assignment_id)
        flash(gettext("Open to both: “%(title)s”. Each finds it on their own page.", title=title))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.sessions_show", session_id=session_id), 303)
