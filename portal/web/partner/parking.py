"""A form that comes after the session ran out: what was typed is kept, and the way back leads to the task."""

from flask import redirect, request, session, url_for
from werkzeug import Response

from portal.services import parked
from portal.services.drafts import Typed
from portal.services.responses import OpenTask
from portal.web import guards
from portal.web.forms import responses as forms

BACK_TO = {
    "partner.tasks_update": "partner.tasks_show",
    "partner.tasks_draft": "partner.tasks_show",
    "partner.tasks_send": "partner.tasks_review",
    "partner.tasks_correct": "partner.tasks_correction",
}
# the page that saves by itself stays open, and keeps its text; what was to be corrected has been sent
WITH_TEXT = {"partner.tasks_update": False, "partner.tasks_correct": True}


def keep_text() -> Response | None:
    """Before the guard: for nobody, a task's form leads to the door and back, whether a text was kept or not."""
    back = BACK_TO.get(request.endpoint or "") if request.method == "POST" else None
    if back is None or guards.standing_or_none() is not None:
        return None
    task_id = (request.view_args or {})["task_id"]
    if request.endpoint in WITH_TEXT:
        token = str(session.get("_user_id", ""))  # what flask-login leaves of a session that has ended
        version, was_sent = forms.version_in(request.form), WITH_TEXT[request.endpoint]
        parked.park(token, task_id, _read_part if was_sent else _read, version, was_sent=was_sent)
    again = url_for(back, task_id=task_id, question=request.args.get("question"))
    return redirect(url_for("auth.sign_in", next=again), 303)


def _read(task: OpenTask) -> Typed:
    return forms.read(task, request.form)


def _read_part(task: OpenTask) -> Typed:
    """Of the questions that stood on the page alone; of private ones all, answered or not, so that none is told of."""
    there = task.locked_ids if forms.PRIVATE_SHOWN in request.form else set(request.form)
    return Typed({item_id: text for item_id, text in _read(task).raw.items() if item_id in there})
