"""More time for an assignment: another last day for whatever of it is still open, with either partner alike."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.domain.assignments import OPEN, check_due_on, due_at
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Task
from portal.models.users import Person
from portal.services import audit, caseload_row, scope, weekly


def extend(viewer: Viewer, assignment_id: UUID, due_on: date) -> None:
    """Give an assignment another last day; what was sent stays as it was, and no mail goes out.

    Whoever still has it open has until the end of that day on their own wall, whatever the other has done. Raises
    NotFound, Invalid with `field` for a day that cannot be, and NotAllowed "comes_again" for a form that comes again by
    itself: its days follow its rule.
    """
    begin_write()
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    if found.repetition_id is not None:
        raise NotAllowed("comes_again")
    try:
        check_due_on(due_on, max(weekly.today_in(scope.own_practice(viewer).zone), found.assigned_on))
    except Invalid as refusal:
        raise Invalid(refusal.code, field="due_on") from None
    found.due_on = due_on
    still_open = (
        select(Task, Person.zone)
        .join(Person, Person.id == Task.person_id)
        .where(Task.assignment_id == found.id, Task.state.in_(OPEN))
        .with_for_update(of=Task)
    )
    for task, zone in db.session.execute(still_open).all():
        task.due_at = due_at(due_on, zone)
    audit.record(viewer, "assignment:extended", found.id)
    caseload_row.tell_given(found.couple_id)
    db.session.commit()
