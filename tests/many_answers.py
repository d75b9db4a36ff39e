"""Many answers of one person, laid straight into the database: sealed as if each had been sent."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from portal import randomness
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.responses import Response
from portal.services import vault

SEALED = ("why", "obstacle")  # of the couple's and of a row: what is copied has none


def send_often(viewer: Viewer, task_id: UUID, count: int) -> list[UUID]:
    """So many more responses like the one to this task, each to a task of its own; its answer is its number."""
    task = db.session.scalars(select(Task).where(Task.id == task_id)).one()
    given = db.session.scalars(select(Assignment).where(Assignment.id == task.assignment_id)).one()
    sent = db.session.scalars(select(Response).where(Response.task_id == task_id)).one()
    ids = [[randomness.new_id() for _ in range(count)] for _ in range(3)]
    assigned, tasks, responses = (
        [row_of(row) | {"id": one} for one in some] for row, some in zip((given, task, sent), ids, strict=True)
    )
    for number, (assignment, own, response) in enumerate(zip(assigned, tasks, responses, strict=True), 1):
        assignment |= dict.fromkeys(SEALED)
        own["assignment_id"], response["task_id"] = assignment["id"], own["id"]
        for name, document in (("document", {"n": number}), ("scores", {})):
            place = f"responses.{name}"
            response[name] = vault.seal_document(viewer.person_id, place, response["id"], document)
    begin_write()
    for model, rows in ((Assignment, assigned), (Task, tasks), (Response, responses)):
        db.session.execute(insert(model), rows)
    db.session.commit()
    return ids[2]


def row_of(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
