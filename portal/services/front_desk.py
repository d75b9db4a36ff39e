"""What an assistant sees of couples: names, whether both have come in, the next appointment; nothing clinical."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.people import CoupleState, PersonState, Role, Viewer
from portal.domain.sessions import SessionState
from portal.extensions import db
from portal.models.couples import Couple, Partnership
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import couples, scope, session_lines
from portal.services.couples import PartnerShown
from portal.services.session_lines import SessionLine

PAGE = 40


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One couple in the assistant's list; `lacks` are the names of those who have not come in yet."""

    couple_id: UUID
    names: str
    coach_name: str
    next_at: datetime | None
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of the list: its lines, its number from 1, and whether there is another."""

    lines: tuple[DeskLine, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class CoupleAtDesk:
    """One couple: its doors and its appointments, the latest first."""

    couple_id: UUID
    names: str
    coach_name: str
    partners: tuple[PartnerShown, ...]
    sessions: tuple[SessionLine, ...]


def list_couples(viewer: Viewer, q: str, page: int) -> DeskPage:
    """Couples of the practice by name, those that ended left out. For assistants, raises NotFound."""
    _check(viewer)
    coach = aliased(Person)
    next_at = (
        select(func.min(Session.starts_at))
        .where(Session.couple_id == Couple.id, Session.state == SessionState.PLANNED)
        .where(Session.starts_at > clock.now())
        .correlate(Couple)
        .scalar_subquery()
    )
    statement = (
        scope.couples_to_arrange(viewer)
        .with_only_columns(Couple.id, Couple.names, coach.display_name, next_at.label("next_at"))
        .join(coach, coach.id == Couple.coach_id)
        .where(Couple.state != CoupleState.CLOSED)
        .order_by(func.lower(Couple.names), Couple.id)
    )
    if q.strip():
        statement = statement.where(func.lower(Couple.names).contains(q.strip().lower(), autoescape=True))
    rows = db.session.execute(statement.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    lacks = _not_come_in([row.id for row in rows])
    lines = tuple(DeskLine(*row, tuple(lacks.get(row.id, ()))) for row in rows[:PAGE])
    return DeskPage(lines, page, len(rows) > PAGE)


def _not_come_in(couple_ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = db.session.execute(
        select(Partnership.couple_id, Person.display_name)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id.in_(couple_ids), Person.state == PersonState.INVITED)
        .order_by(Partnership.label)
    )
    for couple_id, name in rows:
        found.setdefault(couple_id, []).append(name)
    return found


def couple(viewer: Viewer, couple_id: UUID) -> CoupleAtDesk:
    """One couple of the practice as its assistant sees it. Raises NotFound."""
    _check(viewer)
    shown = couples.couple(viewer, couple_id, scope.couples_to_arrange)
    coach_id = scope.couple(viewer, couple_id, scope.couples_to_arrange).coach_id
    return CoupleAtDesk(
        shown.couple_id,
        shown.names,
        scope.member(viewer, coach_id).display_name,
        shown.partners,
        session_lines.of_couple(viewer, couple_id),
    )


def _check(viewer: Viewer) -> None:
    if viewer.role is not Role.ASSISTANT:
        raise NotFound
