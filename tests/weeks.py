"""Weeks of a couple's work, written as its people would write them: assigned, answered, met; and many couples."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.assignments import For
from portal.domain.people import Viewer
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.services import assignments, caseload_row, programme
from portal.services.assignments import NewAssignment
from tests import given

CHECK_IN = "weekly-check-in"
A_WEEK = {"s1": "3", "s2": "4", "s3": "4", "s4": "3", "b1": "6", "b2": "6", "b3": "7", "t2": "An evening off the list"}


def assign(coach: Viewer, couple_id: UUID, slug: str = "one-holds-the-floor", given_to: For = For.BOTH) -> UUID:
    """Assign an entry of the library for a week; no hold is in its way."""
    entry = next(entry for entry in programme.library(coach) if entry.slug == slug)
    due_on = clock.now().date() + timedelta(days=7)
    return assignments.assign(coach, couple_id, NewAssignment(entry.id, given_to, due_on, cleared=True))


def send(partner: Viewer, assignment_id: UUID, raw: dict[str, str]) -> UUID:
    """Answer one's own copy and send it; gives the task's id."""
    task_id = given.task_of(partner, assignment_id)
    given.send(partner, task_id, raw, f"key of {task_id}")
    return task_id


def check_in(coach: Viewer, couple_id: UUID, *partners: Viewer, **raw: str) -> None:
    """One check-in, given to both and sent by these partners, with the same answers."""
    assignment_id = assign(coach, couple_id, CHECK_IN)
    for partner in partners:
        send(partner, assignment_id, A_WEEK | raw)


def meet(
    couple_id: UUID, starts_at: datetime, kind: SessionKind = SessionKind.JOINT, state: SessionState | None = None
) -> UUID:
    """An appointment of a couple; held when it lies in the past."""
    couple = db.session.scalars(select(Couple).where(Couple.id == couple_id)).one()
    session = Session(
        id=randomness.new_id(),
        practice_id=couple.practice_id,
        couple_id=couple.id,
        coach_id=couple.coach_id,
        kind=kind,
        state=state or (SessionState.HELD if starts_at < clock.now() else SessionState.PLANNED),
        starts_at=starts_at,
        minutes=50,
        place="by video",
        changes=0,
        created_at=clock.now(),
    )
    db.session.add(session)
    caseload_row.follow(couple.id)
    db.session.commit()
    return session.id
