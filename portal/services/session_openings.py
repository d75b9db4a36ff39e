"""What opens in a session: it goes where the session goes, and waits where that is called off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from portal import clock
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.responses import Response
from portal.services import released


def carry(couple_id: UUID, planned: datetime, to: datetime | None) -> None:
    """Let what was to open in a session that lies ahead open where it was moved to, or (None) not at all.

    What has opened already stays open. The caller commits.
    """
    if planned <= clock.now():
        return
    of_couple = select(Task.id).join(Assignment, Assignment.id == Task.assignment_id)
    waiting = update(Response).where(
        Response.task_id.in_(of_couple.where(Assignment.couple_id == couple_id)), Response.session_opened_at == planned
    )
    db.session.execute(waiting.values(session_opened_at=to))
    released.carry(couple_id, planned, to)
