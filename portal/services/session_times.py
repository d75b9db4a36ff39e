"""When the check-in of a couple's sessions is asked, and when their briefs are cut off."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock
from portal.domain.session_check_ins import Ahead, Times
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
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


def asked_on(couple_id: UUID, zone: str) -> list[date]:
    """The days, on the wall of `zone`, on which the check-ins of a couple's sessions are asked, past ones included."""
    asked = select(Session.asks_at).where(
        Session.couple_id == couple_id,
        Session.kind == SessionKind.JOINT,
        Session.state != SessionState.CANCELLED,
        Session.asks_at.is_not(None),
    )
    return [asks_at.astimezone(ZoneInfo(zone)).date() for asks_at in db.session.scalars(asked) if asks_at]
