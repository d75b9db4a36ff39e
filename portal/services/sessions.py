"""Sessions: planned, moved, called off and held by the coach of a couple; `session_lines` reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.errors import Invalid
from portal.domain.people import CoupleState, Viewer
from portal.domain.sessions import (
    MOST_IN_PLACE,
    Attendance,
    SessionAct,
    SessionKind,
    SessionState,
    after,
    check_attendance,
    check_times,
)
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.services import audit, caseload_row, scope, session_dues, session_openings, session_times, taking_part
from portal.services.session_lines import (
    NextSession,
    SessionLine,
    SessionShown,
    ahead,
    appointment,
    appointments_of,
    as_appointment,
    couples_to_meet,
    next_for_partner,
    of_couple,
    past,
    session,
)

__all__ = [
    "NewSession",
    "NextSession",
    "SessionLine",
    "SessionShown",
    "add",
    "ahead",
    "appointment",
    "appointments_of",
    "as_appointment",
    "cancel",
    "couples_to_meet",
    "held",
    "hold",
    "move",
    "next_for_partner",
    "of_couple",
    "past",
    "plan",
    "put_down_attendance",
    "session",
]

TOGETHER = (CoupleState.INVITED, CoupleState.ACTIVE, CoupleState.PAUSED)


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is planned: who comes, when (an aware instant), for how many minutes, and where."""

    kind: SessionKind
    starts_at: datetime
    minutes: int
    place: str = ""


def plan(viewer: Viewer, couple_id: UUID, new: NewSession, later: Sequence[datetime] = ()) -> UUID:
    """Plan a session with one of the coach's own couples, and the same again at `later` instants, or none of them.

    Gives the id of the first. Raises NotFound, and Invalid with `field`.
    """
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_arrange)
    taking_part.hold(couple.id, is_shared=True)  # before anything else of it, as by whoever asks before sessions
    session = add(viewer, couple, new)
    for starts_at in later:
        try:
            add(viewer, couple, replace(new, starts_at=starts_at))
        except Invalid:
            day = starts_at.astimezone(ZoneInfo(scope.own_practice(viewer).zone)).date()
            raise Invalid("of_series", day=day.isoformat(), field="times") from None
    db.session.commit()
    return session.id


def add(viewer: Viewer, couple: Couple, new: NewSession) -> Session:
    """Add a session that has passed every check. The caller commits."""
    _check(new)
    if couple.state == CoupleState.CLOSED or (couple.state not in TOGETHER and new.kind is SessionKind.JOINT):
        raise Invalid("couple_not_together", field="kind")
    _refuse_twice(couple.id, new.kind, new.starts_at, None)
    times = session_times.times_of(couple.id, new.kind, new.starts_at)
    session = Session(
        id=randomness.new_id(),
        practice_id=couple.practice_id,
        couple_id=couple.id,
        coach_id=couple.coach_id,
        kind=new.kind,
        state=SessionState.PLANNED,
        starts_at=new.starts_at,
        minutes=new.minutes,
        place=new.place.strip(),
        changes=0,
        asks_at=times.asks_at,
        cut_off_at=times.cut_off_at,
        created_at=clock.now(),
    )
    db.session.add(session)
    caseload_row.follow(couple.id)
    audit.record(viewer, "session:planned", session.id)
    return session


def _check(new: NewSession) -> None:
    check_times(new.starts_at, new.minutes, clock.now())
    if len(new.place.strip()) > MOST_IN_PLACE:
        raise Invalid("too_long", maximum=MOST_IN_PLACE, field="place")


def _refuse_twice(couple_id: UUID, kind: SessionKind, starts_at: datetime, but: UUID | None) -> None:
    """Two sessions of one couple and one kind at the same instant: a button that was pressed twice.

    Of one kind alone: a session of both is planned on a screen that both look at, and must not tell that one of them
    comes alone at that hour.
    """
    same = select(Session.id).where(
        Session.couple_id == couple_id,
        Session.kind == kind,
        Session.starts_at == starts_at,
        Session.state != SessionState.CANCELLED,
        Session.id != but,
    )
    if db.session.scalars(same).first() is not None:
        raise Invalid("session_planned_already", field="time")


def move(viewer: Viewer, session_id: UUID, starts_at: datetime, minutes: int, place: str) -> int:
    """Give a planned session another time or place; gives how many pieces of homework end on another day by that.

    Raises NotAllowed once it is over, and Invalid with `field`.
    """
    begin_write()
    session_dues.hold(scope.session(viewer, session_id, scope.couples_to_arrange).id)
    session = held(viewer, session_id, scope.couples_to_arrange)
    session.state = after(SessionState(session.state), SessionAct.MOVE)
    is_elsewhen = session.starts_at != starts_at
    _check(NewSession(SessionKind(session.kind), starts_at, minutes, place))
    _refuse_twice(session.couple_id, SessionKind(session.kind), starts_at, session.id)
    session_openings.carry(session.couple_id, session.starts_at, starts_at)
    times = session_times.moved(session, starts_at) if is_elsewhen else session_times.times_as_kept(session)
    session.starts_at, session.minutes, session.place = starts_at, minutes, place.strip()
    session.asks_at, session.cut_off_at = times.asks_at, times.cut_off_at
    session.changes += 1
    followed = session_dues.follow(session, scope.own_practice(viewer).zone) if is_elsewhen else 0
    caseload_row.follow(session.couple_id)
    audit.record(viewer, "session:moved", session.id)
    db.session.commit()
    return followed


def cancel(viewer: Viewer, session_id: UUID) -> None:
    """Call a planned session off; a second time changes nothing. Raises NotAllowed for one that was held."""
    begin_write()
    session = held(viewer, session_id, scope.couples_to_arrange)
    if session.state != SessionState.CANCELLED:
        session.state = after(SessionState(session.state), SessionAct.CANCEL)
        session.changes += 1
        session_openings.carry(session.couple_id, session.starts_at, None)
        caseload_row.follow(session.couple_id)
        audit.record(viewer, "session:cancelled", session.id)
    db.session.commit()


def hold(viewer: Viewer, session: Session) -> None:
    """Mark a session as held; raises Invalid before it has begun. The caller commits."""
    if session.starts_at > clock.now():
        raise Invalid("session_not_begun", field="")
    if session.state != SessionState.HELD:
        session.state = after(SessionState(session.state), SessionAct.HOLD)
        audit.record(viewer, "session:held", session.id)


def put_down_attendance(viewer: Viewer, session_id: UUID, attendance: Attendance) -> None:
    """Say who was at a session; it counts as held, whoever came. Raises Invalid before it has begun."""
    begin_write()
    session = held(viewer, session_id)
    check_attendance(SessionKind(session.kind), attendance)
    hold(viewer, session)
    if session.attendance != attendance:
        session.attendance = attendance
        audit.record(viewer, "session:attendance", session.id)
    db.session.commit()


def held(viewer: Viewer, session_id: UUID, reach: scope.Reach = scope.couples_to_act_for) -> Session:
    """A session in scope, held until the commit; its couple and that one's line first, as whoever gives holds them."""
    couple_id = scope.session(viewer, session_id, reach).couple_id
    taking_part.hold(couple_id, is_shared=True)
    caseload_row.follow(couple_id)
    held = scope.sessions(viewer, reach).where(Session.id == session_id).with_for_update(key_share=True)
    return scope.found(held.execution_options(populate_existing=True))
