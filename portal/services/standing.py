"""Who holds a browser session: when it counts as ended, and the names around its person that pages say."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, select, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.people import PersonState, Role, Viewer
from portal.domain.roles import first_and_last_day
from portal.domain.working_hours import WorkingHours, working_hours
from portal.extensions import ask, begin_write, db, work_for
from portal.models.colleagues import Cover
from portal.models.columns import Instant
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.users import Person, WebSession
from portal.services import tenants
from portal.services.accounts import hash_of
from portal.services.transactions import DatabaseBusy, database_trouble, give_up

IDLE = {True: timedelta(minutes=30), False: timedelta(minutes=10)}  # by "is staff"
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
TOLD_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Away:
    """The first and last day on which a partner's coach is away, and the name of who reads meanwhile."""

    colleague: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is signed in, and the names around them that pages say."""

    viewer: Viewer
    name: str
    locale: str
    zone: str
    practice_name: str
    practice_zone: str
    hours: WorkingHours
    reading_hours: str
    policy: str
    is_demo: bool
    couple_id: UUID | None
    coach_name: str | None
    partner_name: str | None
    away: Away | None
    has_second_factor: bool
    signed_in_at: datetime
    proved_at: datetime | None
    stepped_up_at: datetime | None

    @property
    def is_staff(self) -> bool:
        return self.viewer.role is not Role.PARTNER


def standing_or_none(token: str) -> Standing | None:
    """Who holds this browser session; None when it has ended, was idle too long, or never was."""
    now, token_hash = clock.now(), hash_of(token)
    tenants.enter_by(WebSession.token_hash, token_hash)
    at = {"now": now, "soon": now + TOLD_AHEAD}
    row = ask(_standing_select(), token_hash=token_hash, **at).one_or_none()
    if row is None or _has_ended(row, now):
        work_for(None)
        return None
    tenants.remember(row.practice_id)
    if now - row.seen_at >= SEEN_EVERY:
        _see(token)
    return Standing(
        Viewer(row.id, row.practice_id, Role(row.role)),
        row.display_name,
        row.locale,
        row.zone,
        row.practice_name,
        row.practice_zone,
        working_hours(row.working_days, row.works_from, row.works_until, row.read_within),
        row.reading_hours,
        row.policy,
        row.is_demo,
        row.couple_id,
        row.coach_name,
        row.partner_name,
        _away(row) if row.colleague else None,
        row.has_second_factor,
        row.created_at,
        row.proved_at,
        row.stepped_up_at,
    )


def still_stands(token: str) -> bool:
    """Whether a browser session has not ended meanwhile: asked anew, past what the caller's transaction has seen."""
    db.session.rollback()
    return standing_or_none(token) is not None


def _away(row: Row[Any]) -> Away:
    return Away(row.colleague, *first_and_last_day(row.away_from, row.away_until, row.practice_zone))


def _has_ended(row: Row[Any], now: datetime) -> bool:
    idle = IDLE[row.role != Role.PARTNER]
    return row.ended_at is not None or now - row.seen_at > idle or now - row.created_at > LONGEST


@cache  # building it takes longer than asking it, and every request asks it
def _standing_select() -> Select[*tuple[Any, ...]]:
    own, others = aliased(Partnership), aliased(Partnership)
    coach, other, colleague = aliased(Person), aliased(Person), aliased(Person)
    return (
        select(
            WebSession.created_at,
            WebSession.seen_at,
            WebSession.ended_at,
            WebSession.proved_at,
            WebSession.stepped_up_at,
            Person.id,
            Person.practice_id,
            Person.role,
            Person.display_name,
            Person.locale,
            Person.zone,
            Person.has_second_factor,
            *_of_practice(),
            own.couple_id,
            coach.display_name.label("coach_name"),
            other.display_name.label("partner_name"),
            colleague.display_name.label("colleague"),
            Cover.starts_at.label("away_from"),
            Cover.ends_at.label("away_until"),
        )
        .join(Person, Person.id == WebSession.person_id)
        .join(Practice, Practice.id == Person.practice_id)
        .outerjoin(own, (own.person_id == Person.id) & own.ended_at.is_(None))
        .outerjoin(Couple, Couple.id == own.couple_id)
        .outerjoin(coach, coach.id == Couple.coach_id)
        .outerjoin(Cover, Cover.id == _next_cover())
        .outerjoin(colleague, colleague.id == Cover.cover_id)
        .outerjoin(others, _is_beside(own, others))
        .outerjoin(other, other.id == others.person_id)
        .where(WebSession.token_hash == bindparam("token_hash"), Person.state == PersonState.ACTIVE, tenants.AT_HOME)
    )


def _of_practice() -> tuple[Any, ...]:
    """What pages say of the practice."""
    return (
        Practice.name.label("practice_name"),
        Practice.zone.label("practice_zone"),
        Practice.working_days,
        Practice.works_from,
        Practice.works_until,
        Practice.read_within,
        Practice.reading_hours,
        Practice.policy,
        Practice.is_demo,
    )


def _next_cover() -> Any:
    """The days away of a couple's coach that partners are told of: today's, or the next that begin soon."""
    cover = aliased(Cover)
    return (
        select(cover.id)
        .where(
            cover.coach_id == Couple.coach_id,
            cover.called_off_at.is_(None),
            cover.starts_at <= bindparam("soon", type_=Instant()),
            cover.ends_at > bindparam("now", type_=Instant()),
        )
        .order_by(cover.starts_at, cover.id)
        .limit(1)
        .correlate(Couple)
        .scalar_subquery()
    )


def _is_beside(own: type[Partnership], others: type[Partnership]) -> ColumnElement[bool]:
    """That somebody else is in the same couple, and still is."""
    is_other = (others.couple_id == own.couple_id) & (others.person_id != own.person_id)
    return is_other & others.ended_at.is_(None)


def _see(token: str) -> None:
    """Write when a browser was last seen, if it can be done at once: no page has to wait for that, or to fail."""
    seen = update(WebSession).where(WebSession.token_hash == hash_of(token)).values(seen_at=clock.now())
    try:
        begin_write(patience=0)
        db.session.execute(seen)
        db.session.commit()
    except database_trouble() as error:
        give_up()
        if not DatabaseBusy.is_cause_of(error):
            raise
