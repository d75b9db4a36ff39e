"""Sessions as they are read: the coach's lists, one session with its notes, and what a couple's partners hear of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from portal import clock
from portal.domain.people import CoupleState, Label, Role, Viewer
from portal.domain.sessions import Appointment, Attendance, SessionKind, SessionState, number_of, previous_joint
from portal.extensions import db
from portal.models.couples import Couple, Partnership
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import notes, scope
from portal.services.notes import NoteShown

MOST_LINES = 200
GOING_ON = timedelta(hours=8)
NOBODYS = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in a list. `number` counts joint sessions and is None for others; `attending` comes alone."""

    session_id: UUID
    couple_id: UUID
    names: str
    kind: SessionKind
    state: SessionState
    starts_at: datetime
    minutes: int
    place: str
    number: int | None
    attending: str | None
    attendance: Attendance | None
    asks_at: datetime | None = None
    cut_off_at: datetime | None = None
    alone_minutes: int = 0  # of a session of both: how many belong to each alone

    @property
    def is_asked(self) -> bool:
        """Whether the time has come for its own check-in, which stays away where another one is near."""
        return self.asks_at is not None and self.asks_at <= clock.now()

    @property
    def is_joint(self) -> bool:
        return self.kind is SessionKind.JOINT

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()


@dataclass(frozen=True, slots=True)
class SessionShown:
    """One session with what stands around it; `previous` is the joint session before it.

    `unspoken`: with whom of the two no talk alone is noted yet, by name; nobody for an individual session.
    """

    line: SessionLine
    name_a: str
    name_b: str
    previous: Appointment | None
    notes: tuple[NoteShown, ...]
    still_open: tuple[NoteShown, ...]
    unspoken: tuple[str, ...] = ()

    def notes_of(self, kind: str) -> tuple[NoteShown, ...]:
        """Its own notes of one kind, in the order in which they were written."""
        return tuple(note for note in self.notes if note.kind == kind)


@dataclass(frozen=True, slots=True)
class NextSession:
    """The next session of both, as either partner hears of it."""

    starts_at: datetime
    minutes: int
    place: str
    alone_minutes: int = 0


@dataclass(frozen=True, slots=True)
class OfCouple(Appointment):
    """An appointment that knows whose it is."""

    couple_id: UUID = NOBODYS


def ahead(viewer: Viewer, until: datetime | None = None) -> tuple[SessionLine, ...]:
    """Planned sessions that are not over, earliest first; up to `until` where it is given."""
    now = clock.now()
    statement = _lines(viewer).where(Session.state == SessionState.PLANNED, Session.starts_at > now - GOING_ON)
    if until is not None:
        statement = statement.where(Session.starts_at < until)
    rows = db.session.execute(statement.order_by(Session.starts_at, Session.id).limit(MOST_LINES)).all()
    return _as_lines([row for row in rows if _ends_at(row.Session) > now])


def past(viewer: Viewer) -> tuple[SessionLine, ...]:
    """Sessions that are over, the latest first; those that were called off are left out."""
    statement = _lines(viewer).where(Session.state != SessionState.CANCELLED, Session.starts_at <= clock.now())
    rows = db.session.execute(statement.order_by(Session.starts_at.desc(), Session.id).limit(MOST_LINES)).all()
    return _as_lines([row for row in rows if row.Session.state == SessionState.HELD or _is_over(row.Session)])


def of_couple(viewer: Viewer, couple_id: UUID) -> tuple[SessionLine, ...]:
    """All sessions of one couple, called off ones included, the latest first. Raises NotFound."""
    statement = _lines(viewer).where(Session.couple_id == scope.couple(viewer, couple_id, _seen_by(viewer)).id)
    return _as_lines(db.session.execute(statement.order_by(Session.starts_at.desc(), Session.id)).all())


def couples_to_meet(viewer: Viewer) -> tuple[tuple[UUID, str], ...]:
    """The coach's couples that a session may be planned with: id and names, by name."""
    rows = db.session.execute(
        scope.couples_to_arrange(viewer)
        .with_only_columns(Couple.id, Couple.names)
        .where(Couple.state != CoupleState.CLOSED)
        .order_by(Couple.names, Couple.id)
    )
    return tuple((couple_id, names) for couple_id, names in rows)


def session(viewer: Viewer, session_id: UUID) -> SessionShown:
    """One session of one of the coach's own couples, with its notes. Raises NotFound."""
    row = _row(viewer, session_id)
    appointments = appointments_of([row.Session.couple_id])
    return SessionShown(
        _line(row, appointments),
        row.name_a,
        row.name_b,
        previous_joint(as_appointment(row.Session), appointments),
        notes.of_session(viewer, session_id),
        notes.open_threads(viewer, row.Session.couple_id),
        _unspoken(row),
    )


def _unspoken(row: Row[Any]) -> tuple[str, ...]:
    talks = ((row.name_a, row.spoken_a), (row.name_b, row.spoken_b))
    return tuple(name for name, day in talks if name and day is None) if row.Session.kind == SessionKind.JOINT else ()


def appointment(viewer: Viewer, session_id: UUID) -> SessionLine:
    """When and where one session is, and nothing of what it holds. Raises NotFound."""
    row = _row(viewer, session_id)
    return _line(row, appointments_of([row.Session.couple_id]))


def _seen_by(viewer: Viewer) -> scope.Reach:
    """Whose appointments somebody sees: a supervisor's named couples', and those that a member may arrange."""
    return scope.couples_to_read if viewer.role is Role.SUPERVISOR else scope.couples_to_arrange


def _row(viewer: Viewer, session_id: UUID) -> Row[Any]:
    session_id = scope.session(viewer, session_id, _seen_by(viewer)).id
    talks = [_of(label, Partnership.spoken_on, f"spoken_{label.lower()}") for label in Label]
    return db.session.execute(_lines(viewer).where(Session.id == session_id).add_columns(*talks)).one()


def _lines(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    mine = scope.sessions(viewer, _seen_by(viewer)).with_only_columns(Session.id)
    return (
        select(Session, Couple.names, Couple.alone_minutes, _name_of(Label.A), _name_of(Label.B))
        .join(Couple, Couple.id == Session.couple_id)
        .where(Session.id.in_(mine))
    )


def _name_of(label: Label) -> Any:
    return _of(label, Person.display_name, f"name_{label.lower()}")


def _of(label: Label, column: Any, name: str) -> Any:
    """Something of one partner of a session's couple, under a name."""
    found = select(column).select_from(Partnership).join(Person, Person.id == Partnership.person_id)
    where = (Partnership.couple_id == Session.couple_id, Partnership.label == label)
    return found.where(*where).correlate(Session).scalar_subquery().label(name)


def _as_lines(rows: Sequence[Row[Any]]) -> tuple[SessionLine, ...]:
    appointments = appointments_of(row.Session.couple_id for row in rows)
    return tuple(_line(row, appointments) for row in rows)


def appointments_of(couple_ids: Iterable[UUID]) -> tuple[OfCouple, ...]:
    """What order and number of these couples' sessions are derived from, in one statement."""
    columns = select(
        Session.couple_id,
        Session.id,
        Session.kind,
        Session.state,
        Session.starts_at,
        Session.attendance,
        Session.cut_off_at,
    )
    rows = db.session.execute(columns.where(Session.couple_id.in_(set(couple_ids))))
    return tuple(
        OfCouple(id_, SessionKind(kind), SessionState(state), starts_at, _there(attendance), cut_off_at, couple_id)
        for couple_id, id_, kind, state, starts_at, attendance, cut_off_at in rows
    )


def as_appointment(session: Session) -> Appointment:
    kind, state = SessionKind(session.kind), SessionState(session.state)
    return Appointment(session.id, kind, state, session.starts_at, _there(session.attendance), session.cut_off_at)


def _there(attendance: str | None) -> Attendance | None:
    return Attendance(attendance) if attendance else None


def _line(row: Row[Any], appointments: Iterable[OfCouple]) -> SessionLine:
    found: Session = row.Session
    kind = SessionKind(found.kind)
    own = [appointment for appointment in appointments if appointment.couple_id == found.couple_id]
    is_counted = kind is SessionKind.JOINT and found.state != SessionState.CANCELLED
    return SessionLine(
        found.id,
        found.couple_id,
        row.names,
        kind,
        SessionState(found.state),
        found.starts_at,
        found.minutes,
        found.place,
        number_of(as_appointment(found), own) if is_counted else None,
        {Label.A: row.name_a, Label.B: row.name_b}[kind.attending] if kind.attending else None,
        _there(found.attendance),
        found.asks_at,
        found.cut_off_at,
        row.alone_minutes if kind is SessionKind.JOINT else 0,
    )


def _ends_at(session: Session) -> datetime:
    return session.starts_at + timedelta(minutes=session.minutes)


def _is_over(session: Session) -> bool:
    return _ends_at(session) <= clock.now()


def next_for_partner(viewer: Viewer) -> NextSession | None:
    """The next session of both partners, the same for either; individual ones are nobody else's to know of."""
    rows = scope.of_partner(viewer, _next_joint(), now=clock.now())
    return NextSession(*rows[0]) if rows else None


@cache
def _next_joint() -> Select[datetime, int, str, int]:
    return (
        select(Session.starts_at, Session.minutes, Session.place, Couple.alone_minutes)
        .join(Couple, Couple.id == Session.couple_id)
        .where(
            Session.couple_id == scope.couple_of_partner().scalar_subquery(),
            Session.kind == SessionKind.JOINT,
            Session.state == SessionState.PLANNED,
            Session.starts_at > bindparam("now"),
        )
        .order_by(Session.starts_at, Session.id)
        .limit(1)
    )
