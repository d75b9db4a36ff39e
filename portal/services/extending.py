"""More time for an assignment: another last day for whatever of it is still open, with either partner alike."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.assignments import OPEN, check_due_on, due_at
from portal.domain.errors import Invalid, NotAllowed, named
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.users import Person
from portal.services import audit, caseload_row, scope


def extend(viewer: Viewer, assignment_id: UUID, due_on: date) -> None:
    """Give an assignment a later last day; what was sent stays as it was, and no mail goes out.

    Whoever still has it open has until the end of that day on their own wall, whatever the other has done. The day
    until which it was given stays: what both read goes by that, and time is given while somebody has it open. Raises
    NotFound, Invalid with `field` for a day that cannot be or is no later one, and NotAllowed "comes_again" for a form
    that comes again by itself, whose days follow its rule, and "nothing_open".
    """
    begin_write()
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    if _comes_again(found):
        raise NotAllowed("comes_again")
    copies = (
        select(Task, Person.zone)
        .join(Person, Person.id == Task.person_id)
        .where(Task.assignment_id == found.id, Task.state.in_(OPEN))
        .order_by(Task.id)
        .with_for_update(of=Task)
    )
    still_open = db.session.execute(copies).all()  # held before the assignment is, as by whoever withdraws it
    if not still_open:
        raise NotAllowed("nothing_open")
    named("due_on", check_due_on, due_on, clock.today(scope.own_practice(viewer).zone))
    later = [(task, at) for task, zone in still_open if (at := due_at(due_on, zone)) > task.due_at]
    if not later:
        raise Invalid("due_not_later", field="due_on")
    found.extended_to = due_on
    for task, at in later:
        task.due_at = at
    audit.record(viewer, "assignment:extended", found.id)
    caseload_row.tell_given(found.couple_id)
    db.session.commit()


def _comes_again(found: Assignment) -> bool:
    running = select(Repetition.id).where(Repetition.id == found.repetition_id, Repetition.ended_at.is_(None))
    return found.repetition_id is not None and db.session.scalars(running).first() is not None
