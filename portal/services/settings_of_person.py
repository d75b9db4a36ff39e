"""What somebody decides for themselves: zone, pass phrase, what is shown again, and which devices stay signed in."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select, update

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.people import Role, TokenPurpose, Viewer
from portal.extensions import begin_write, db
from portal.models.users import WebSession
from portal.services import accounts, audit, passphrases, scope, standing


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that is signed in."""

    since: datetime
    seen_at: datetime
    is_this_one: bool


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """One's own settings; nobody else changes them."""

    zone: str
    never_reveals: bool
    devices: tuple[Device, ...]


def own(viewer: Viewer, token: str) -> OwnSettings:
    """One's own settings and devices, the latest first."""
    person = scope.own_person(viewer)
    now = clock.now()
    rows = db.session.scalars(
        select(WebSession)
        .where(WebSession.person_id == viewer.person_id, WebSession.ended_at.is_(None))
        .where(WebSession.seen_at >= now - standing.IDLE[viewer.role is not Role.PARTNER])
        .where(WebSession.created_at >= now - standing.LONGEST)
        .order_by(WebSession.seen_at.desc(), WebSession.token_hash)
    )
    devices = (Device(row.created_at, row.seen_at, row.token_hash == accounts.hash_of(token)) for row in rows)
    return OwnSettings(person.zone, person.never_reveals, tuple(devices))


def zones() -> tuple[str, ...]:
    """Every zone that a person may choose, by its name in the time zone database."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return ("UTC", *sorted(places))


def change_zone(viewer: Viewer, zone: str) -> None:
    """Choose the zone that one's own times are told in. Raises Invalid for one that there is not."""
    if zone not in zones():
        raise Invalid("not_an_option")
    begin_write()
    scope.own_person(viewer).zone = zone
    audit.record(viewer, "zone:changed", viewer.person_id)
    db.session.commit()


def change_revealing(viewer: Viewer, passphrase: str, *, never: bool) -> None:
    """Choose whether one's own sent private answers can be shown again. Raises Invalid for a wrong pass phrase."""
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    scope.own_person(viewer).never_reveals = never
    audit.record(viewer, "revealing:changed", viewer.person_id)
    db.session.commit()


def change_passphrase(viewer: Viewer, old: str, new: str, token: str) -> str:
    """Set a new pass phrase; sessions and reset links end. Gives the token of a new session; raises Invalid."""
    accounts.check_own_passphrase(viewer, old)
    hashed = accounts.hash_passphrase(new)  # before the lock: it takes its time on purpose
    begin_write()
    person = scope.own_person(viewer)
    passphrases.check(new, names=(person.display_name, scope.own_practice(viewer).name))
    person.password_hash = hashed
    accounts.end_sessions_of(person.id)
    accounts.revoke_tokens(person, TokenPurpose.RESET)
    fresh = accounts.open_session(person, token)
    audit.record(viewer, "passphrase:changed", person.id)
    db.session.commit()
    return fresh


def end_other_sessions(viewer: Viewer, token: str) -> None:
    """Sign out every other device of one's own."""
    begin_write()
    db.session.execute(
        update(WebSession)
        .where(WebSession.person_id == viewer.person_id, WebSession.ended_at.is_(None))
        .where(WebSession.token_hash != accounts.hash_of(token))
        .values(ended_at=clock.now())
    )
    audit.record(viewer, "devices:signed_out", viewer.person_id)
    db.session.commit()
