"""A form that comes after the session ran out: what was typed is kept, and the way back leads to the task."""

from flask import redirect, request, session, url_for
from werkzeug import Response

from portal.services import parked
from portal.web import guards
from portal.web.forms import responses as forms

BACK_TO = {
    "partner.tasks_update": "partner.tasks_show",
    "partner.tasks_draft": "partner.tasks_show",
    "partner.tasks_send": "partner.tasks_review",
}
WITH_TEXT = "partner.tasks_update"  # the page that saves by itself stays open, and keeps its text


def keep_text() -> Response | None:
    """Before the guard: for nobody, a task's form leads to the door and back, whether a text was kept or not."""
    back = BACK_TO.get(request.endpoint or "") if request.method == "POST" else None
    if back is None or guards.standing_or_none() is not None:
        return None
    task_id = (request.view_args or {})["task_id"]
    if request.endpoint == WITH_TEXT:
        token = str(session.get("_user_id", ""))  # what flask-login leaves of a session that has ended
        parked.park(token, task_id, lambda task: forms.read(task, request.form), forms.version_in(request.form))
    return redirect(url_for("auth.sign_in", next=url_for(back, task_id=task_id)), 303)
