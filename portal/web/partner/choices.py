"""A choice of small steps on a partner's home: one of them is taken."""

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug import Response

from portal.domain.errors import NotFound
from portal.services import choosing
from portal.web import guards
from portal.web.partner.area import area


@area.post("/choices/<uuid:choice_id>")
def choices_pick(choice_id: UUID) -> Response:
    try:
        step_id = UUID(request.form.get("step", ""))
    except ValueError:
        raise NotFound from None
    task_id = choosing.pick(guards.viewer(), choice_id, step_id)
    return redirect(url_for("partner.tasks_show", task_id=task_id), 303)
