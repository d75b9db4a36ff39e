"""Last days that go with a session: what ends on its eve ends on its eve wherever it is moved to."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.assignments import OPEN, due_at, due_before
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.sessions import Session
from portal.models.users import Person


def session_after(couple_id: UUID, due_on: date, zone: str) -> UUID | None:
    """The couple's next joint session ahead on whose eve `due_on` is, in the practice's zone."""
    ahead = (
        select(Session.id, Session.starts_at)
        .where(
            Session.couple_id == couple_id,
            Session.kind == SessionKind.JOINT,
            Session.state == SessionState.PLANNED,
            Session.starts_at > clock.now(),
        )
        .order_by(Session.starts_at, Session.id)
    )
    found = (id_ for id_, starts_at in db.session.execute(ahead) if due_before(starts_at, zone) == due_on)
    return next(found, None)


def follow(session: Session, zone: str) -> int:
    """Let what ends on the eve of a session end on its eve where it is now; gives how many pieces of homework moved.

    Nothing ends before today. What both read goes along whoever has sent, for a session is moved for both; a copy that
    was given more time than that keeps it. The caller commits.
    """
    going_along = select(Assignment.id).where(Assignment.session_id == session.id, Assignment.withdrawn_at.is_(None))
    copies = (
        select(Task, Person.zone)
        .join(Person, Person.id == Task.person_id)
        .where(Task.assignment_id.in_(going_along), Task.state.in_(OPEN))
        .order_by(Task.id)
        .with_for_update(of=Task)
    )
    still_open = db.session.execute(copies).all()  # held before the assignments are, as by whoever withdraws one
    own = select(Assignment).where(Assignment.id.in_(going_along)).order_by(Assignment.id)
    moved = {}
    for assignment in db.session.scalars(own.with_for_update()):
        due_on = max(due_before(session.starts_at, zone), clock.today(zone), assignment.assigned_on)
        if due_on != assignment.due_on:
            assignment.due_on, assignment.moved_at = due_on, clock.now()
            moved[assignment.id] = max(due_on, assignment.extended_to or due_on)
    for task, own_zone in still_open:
        if task.assignment_id in moved:
            task.due_at = due_at(moved[task.assignment_id], own_zone)
    return len(moved)
