"""A coach's days away: a colleague reads and acts for all their couples meanwhile, and partners' pages say so."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from portal import clock, randomness
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Role, Viewer
from portal.domain.roles import days_away, first_and_last_day, runs_practice
from portal.extensions import begin_write, db
from portal.models.colleagues import Cover
from portal.models.users import Person
from portal.services import audit, outbox, scope, scope_of_colleagues


@dataclass(frozen=True, slots=True)
class CoverShown:
    """Days away as the staff sees them; `may_end` says whether who asks may end them."""

    cover_id: UUID
    coach_name: str
    colleague_name: str
    first: date
    last: date
    may_end: bool


def covers(viewer: Viewer) -> tuple[CoverShown, ...]:
    """Days away that are not over, the next first; for the practice's staff."""
    coach, colleague = aliased(Person), aliased(Person)
    zone = scope.own_practice(viewer).zone
    rows = db.session.execute(
        select(Cover, coach.display_name, colleague.display_name)
        .join(coach, coach.id == Cover.coach_id)
        .join(colleague, colleague.id == Cover.cover_id)
        .where(Cover.practice_id == viewer.practice_id, *_not_over())
        .order_by(Cover.starts_at, Cover.id)
    )
    if viewer.role is Role.PARTNER:
        raise NotFound
    return tuple(
        CoverShown(
            row.id,
            name,
            colleague_name,
            *first_and_last_day(row.starts_at, row.ends_at, zone),
            _may_decide(viewer, row.coach_id),
        )
        for row, name, colleague_name in rows
    )


def arrange(viewer: Viewer, coach_id: UUID, cover_id: UUID, first: date, last: date, link: str = "") -> UUID:
    """Let a colleague read and act for a coach who is away; gives its id. The coach decides it, or the owner.

    Where the owner does, the coach gets a mail without content: look at the members' page (`link`).
    Raises NotFound, and Invalid with `field`.
    """
    begin_write()
    if not _may_decide(viewer, coach_id):
        raise NotFound
    practice, now = scope.own_practice(viewer), clock.now()
    coach = scope_of_colleagues.active_coach(viewer, coach_id)
    colleague = scope_of_colleagues.active_coach(viewer, cover_id)
    if coach.id == colleague.id:
        raise Invalid("cover_is_oneself", field="colleague")
    today = now.astimezone(ZoneInfo(practice.zone)).date()
    starts_at, ends_at = days_away(first, last, practice.zone, today)
    same = select(Cover.id).where(Cover.coach_id == coach.id, Cover.called_off_at.is_(None))
    if db.session.scalars(same.where(Cover.starts_at < ends_at, Cover.ends_at > starts_at)).first() is not None:
        raise Invalid("cover_stands_already", field="first")
    cover = Cover(
        id=randomness.new_id(),
        practice_id=practice.id,
        coach_id=coach.id,
        cover_id=colleague.id,
        granted_by=viewer.person_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    db.session.add(cover)
    db.session.flush()
    audit.record(viewer, "cover:arranged", cover.id)
    if coach.id != viewer.person_id:
        outbox.enqueue(coach, "task", f"cover:{cover.id}", {"link": link})
    db.session.commit()
    return cover.id


def call_off(viewer: Viewer, cover_id: UUID) -> None:
    """End days away at once, begun or not; a second time changes nothing. Raises NotFound."""
    begin_write()
    cover = scope_of_colleagues.cover(viewer, cover_id)
    if cover.called_off_at is None:
        cover.called_off_at = clock.now()
        audit.record(viewer, "cover:called_off", cover.id)
    db.session.commit()


def end_all_of(viewer: Viewer, person_id: UUID) -> None:
    """Call off whatever somebody was to cover for others; the caller commits."""
    for cover in db.session.scalars(
        select(Cover).where(Cover.practice_id == viewer.practice_id, Cover.cover_id == person_id, *_not_over())
    ).all():
        cover.called_off_at = clock.now()
        audit.record(viewer, "cover:called_off", cover.id)


def _not_over() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Cover.called_off_at.is_(None), Cover.ends_at > clock.now()


def _may_decide(viewer: Viewer, coach_id: UUID) -> bool:
    return runs_practice(viewer.role) or (viewer.role.is_coach and viewer.person_id == coach_id)
