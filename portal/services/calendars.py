"""Calendar feeds: made, ended, and fetched by whoever has the address; times alone, and only one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Row, Select, select

from portal import clock, randomness
from portal.domain.errors import NotFound
from portal.domain.people import Label, PersonState, Role, Viewer
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.calendars import CalendarFeed
from portal.models.couples import Partnership
from portal.models.practices import Practice
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import audit, scope, tenants
from portal.services.accounts import hash_of

KEPT_FOR = timedelta(days=60)  # what is over stays in the calendar that long
MOST = 3_000  # of the latest: what lies ahead is never left out for what is over


@dataclass(frozen=True, slots=True)
class Feed:
    """What one has asked for."""

    made_at: datetime
    shows_alone: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment in somebody's feed. `uid` is this feed's own: nobody else's has the same for any appointment.

    `session_id` is a coach's alone, for the way to its page.
    """

    uid: UUID
    starts_at: datetime
    minutes: int
    made_at: datetime
    changes: int
    is_cancelled: bool
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed as it is fetched; times are told on the wall of the practice."""

    zone: str
    locale: str
    is_staff: bool
    entries: tuple[Entry, ...]


def own_or_none(viewer: Viewer) -> Feed | None:
    """One's own feed. Raises NotFound for whoever has no appointments."""
    row = _own_or_none(viewer)
    return Feed(row.made_at, row.shows_alone) if row else None


def make(viewer: Viewer, *, shows_alone: bool = False) -> str:
    """Make an address; an earlier one ends. Gives its secret, which is told this once.

    `shows_alone`: with what a partner comes to alone; a coach's feed has every appointment anyway. Raises NotFound.
    """
    begin_write()
    scope.own_person(viewer, is_held=True)  # of two taps one waits
    row, secret = _own_or_none(viewer), randomness.new_token()
    if row is None:
        row = CalendarFeed(id=randomness.new_id(), practice_id=viewer.practice_id, person_id=viewer.person_id)
        db.session.add(row)
    row.token_hash, row.made_at = hash_of(secret), clock.now()
    row.shows_alone = shows_alone and viewer.role is Role.PARTNER
    audit.record(viewer, "calendar:made", viewer.person_id)
    db.session.commit()
    return secret


def end(viewer: Viewer) -> None:
    """Let the address lead nowhere from now on; a second time changes nothing. Raises NotFound."""
    begin_write()
    row = _own_or_none(viewer)
    if row is not None:
        db.session.delete(row)
        audit.record(viewer, "calendar:ended", viewer.person_id)
    db.session.commit()


def _own_or_none(viewer: Viewer) -> CalendarFeed | None:
    if not (viewer.role.is_coach or viewer.role is Role.PARTNER):
        raise NotFound
    mine = (CalendarFeed.practice_id == viewer.practice_id, CalendarFeed.person_id == viewer.person_id)
    return db.session.scalars(select(CalendarFeed).where(*mine)).one_or_none()


def fetch(secret: str) -> Fetched:
    """The appointments under an address. Raises NotFound for one that is none, or whose owner may come in no more."""
    tenants.enter_by(CalendarFeed.token_hash, hash_of(secret))
    row = db.session.execute(
        select(CalendarFeed, Person.role, Person.locale, Practice.zone)
        .join(Person, Person.id == CalendarFeed.person_id)
        .join(Practice, Practice.id == CalendarFeed.practice_id)
        .where(
            CalendarFeed.token_hash == hash_of(secret),
            Person.state == PersonState.ACTIVE,
            tenants.is_at_home(CalendarFeed.practice_id),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    feed: CalendarFeed = row.CalendarFeed
    viewer = Viewer(feed.person_id, feed.practice_id, Role(row.role))
    sessions = _of_partner(viewer, shows_alone=feed.shows_alone) if viewer.role is Role.PARTNER else _of_coach(viewer)
    is_staff = viewer.role.is_coach
    return Fetched(row.zone, row.locale, is_staff, tuple(_entry(viewer, found) for found in sessions))


def _of_coach(viewer: Viewer) -> Sequence[Session]:
    """Of whoever is a coach no more, none."""
    mine = scope.sessions(viewer, scope.couples_to_act_for).where(_recent())
    latest = mine.order_by(Session.starts_at.desc(), Session.id).limit(MOST)
    return db.session.scalars(latest).all()[::-1]


def _of_partner(viewer: Viewer, *, shows_alone: bool) -> Sequence[Row[Any]]:
    """Of the couple that one is in: what both come to, and what one comes to alone where that was asked for."""
    columns = (Session.id, Session.starts_at, Session.minutes, Session.created_at, Session.changes, Session.state)
    kinds = Session.kind == SessionKind.JOINT
    if shows_alone:
        for label, kind in ((Label.A, SessionKind.INDIVIDUAL_A), (Label.B, SessionKind.INDIVIDUAL_B)):
            kinds |= (Partnership.label == label) & (Session.kind == kind)
    statement: Select[*tuple[Any, ...]] = (
        select(*columns)
        .join(Partnership, Partnership.couple_id == Session.couple_id)
        .where(
            Session.couple_id == scope.couple_of_partner().scalar_subquery(),
            Partnership.person_id == scope.A_PARTNER.person_id,
            Partnership.withdrawn_at.is_(None),
            kinds,
            _recent(),
        )
        .order_by(Session.starts_at.desc(), Session.id)
        .limit(MOST)
    )
    return scope.of_partner(viewer, statement)[::-1]


def _recent() -> ColumnElement[bool]:
    return Session.starts_at > clock.now() - KEPT_FOR


def _entry(viewer: Viewer, session: Session | Row[Any]) -> Entry:
    return Entry(
        uuid5(viewer.person_id, session.id.hex),
        session.starts_at,
        session.minutes,
        session.created_at,
        session.changes,
        session.state == SessionState.CANCELLED,
        session.id if viewer.role.is_coach else None,
    )
