"""When the check-in of a couple's sessions is asked, and when their briefs are cut off."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Row, cast, null, select, union_all

from portal import clock
from portal.domain.session_check_ins import Ahead, Times, after_move
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment
from portal.models.columns import Instant
from portal.models.sessions import Session, SessionCheckIn


def ahead_or_none(couple_id: UUID) -> Ahead | None:
    """How long before its sessions a couple is asked; None where it is not. The caller found the couple in scope."""
    hours = select(SessionCheckIn.opens_hours, SessionCheckIn.ends_hours)
    found = db.session.execute(hours.where(SessionCheckIn.couple_id == couple_id)).one_or_none()
    return Ahead(*found) if found else None


def times_of(couple_id: UUID, kind: SessionKind, starts_at: datetime) -> Times:
    """The times of a session that is planned or moved to `starts_at`: sessions of both alone have any."""
    ahead = ahead_or_none(couple_id) if kind is SessionKind.JOINT else None
    return ahead.times(starts_at, clock.now()) if ahead else Times()


def times_as_kept(session: Session) -> Times:
    """The times that a session has."""
    return Times(session.asks_at, session.cut_off_at)


def moved(session: Session, starts_at: datetime) -> Times:
    """The times of a session that is about to be moved to `starts_at`."""
    times = times_of(session.couple_id, SessionKind(session.kind), starts_at)
    return after_move(times_as_kept(session), times, starts_at, clock.now())


def is_given() -> ColumnElement[bool]:
    """Whether the check-in of a session was given, taken back or not."""
    own = select(Assignment.id).where(Assignment.session_id == Session.id, Assignment.ends_at.is_not(None))
    return own.exists()


def asked_on(couple_id: UUID, zone: str) -> list[date]:
    """The days, on the wall of `zone`, of the check-ins of a couple's sessions: given on them, or to be given."""
    given = select(Assignment.assigned_on, cast(null(), Instant()).label("asks_at")).where(
        Assignment.couple_id == couple_id, Assignment.ends_at.is_not(None), Assignment.withdrawn_at.is_(None)
    )
    asked = select(cast(null(), Date()), Session.asks_at).where(
        Session.couple_id == couple_id,
        Session.kind == SessionKind.JOINT,
        Session.state == SessionState.PLANNED,
        Session.asks_at.is_not(None),
        Session.cut_off_at > clock.now(),
        ~is_given(),
    )
    rows: Iterable[Row[Any]] = db.session.execute(union_all(given, asked))  # one statement: a page asks for few
    return [row.asks_at.astimezone(ZoneInfo(zone)).date() if row.asks_at else row.assigned_on for row in rows]
