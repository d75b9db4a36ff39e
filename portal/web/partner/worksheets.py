"""One's own task as a page of paper to be filled in by hand."""

from uuid import UUID

from werkzeug import Response

from portal.services import responses
from portal.web import guards, worksheets
from portal.web.partner.area import area


@area.get("/tasks/<uuid:task_id>/worksheet.pdf")
def tasks_worksheet(task_id: UUID) -> Response:
    task = responses.open_for(guards.viewer(), task_id)
    return worksheets.worksheet(task.questionnaire, task.items)
