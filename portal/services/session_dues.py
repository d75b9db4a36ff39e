"""Last days that go with a session: what ends on its eve, or at its cut-off, does so wherever it is moved to."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from portal import clock
from portal.domain.assignments import OPEN, due_at, due_before
from portal.domain.session_check_ins import stands_in_place
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


def hold(session_id: UUID) -> None:
    """Hold the open copies that go along with a session, before its couple's line is: as whoever sends one does."""
    db.session.execute(_open_copies(session_id))


def _open_copies(session_id: UUID) -> Select[Task, str]:
    going_along = select(Assignment.id).where(Assignment.session_id == session_id, Assignment.withdrawn_at.is_(None))
    return (
        select(Task, Person.zone)
        .join(Person, Person.id == Task.person_id)
        .where(Task.assignment_id.in_(going_along), Task.state.in_(OPEN))
        .order_by(Task.id)
        .with_for_update(of=Task)
    )


def follow(session: Session, zone: str) -> int:
    """Let what ends with a session end with it where it is now; gives how many pieces of homework moved.

    What ends on the eve of one ends on its eve, and not before today; its own check-in ends at its cut-off, or where
    nothing is cut off early as it begins; where the session is moved to another week it stays behind. What both read
    goes along whoever has sent, for a session is moved for both; a copy that was given more time than that keeps it.
    The caller commits.
    """
    still_open = db.session.execute(_open_copies(session.id)).all()  # before the assignments, as by who withdraws one
    own = select(Assignment).where(Assignment.session_id == session.id, Assignment.withdrawn_at.is_(None))
    moved: dict[UUID, Assignment] = {}
    for assignment in db.session.scalars(own.order_by(Assignment.id).with_for_update()):
        if _stays_behind(assignment, session, zone):
            assignment.session_id = None
            continue
        before = (assignment.due_on, assignment.ends_at)
        _end_with(assignment, session, zone)
        if before != (assignment.due_on, assignment.ends_at):
            assignment.moved_at = clock.now()
            moved[assignment.id] = assignment
    for task, own_zone in still_open:
        if task.assignment_id in moved:
            task.due_at = _ends_at(moved[task.assignment_id], own_zone)
    return len(moved)


def _stays_behind(assignment: Assignment, session: Session, zone: str) -> bool:
    """Whether the check-in that was given before a session is that of another week now: it is asked for one anew."""
    if assignment.ends_at is None or session.asks_at is None:
        return False
    return not stands_in_place(assignment.assigned_on, session.asks_at.astimezone(ZoneInfo(zone)).date())


def _end_with(assignment: Assignment, session: Session, zone: str) -> None:
    """Let an assignment end on the eve of a session, or at its cut-off, on the wall of `zone`."""
    last = due_before(session.starts_at, zone)
    if assignment.ends_at is not None:
        assignment.ends_at = session.cut_off_at or session.starts_at
        last = assignment.ends_at.astimezone(ZoneInfo(zone)).date()
    assignment.due_on = max(last, clock.today(zone), assignment.assigned_on)


def _ends_at(assignment: Assignment, zone: str) -> datetime:
    """When a copy ends that is open on the wall of `zone`; more time counts where it is later."""
    ends_at = assignment.ends_at or due_at(assignment.due_on, zone)
    return max(ends_at, due_at(assignment.extended_to, zone)) if assignment.extended_to else ends_at
