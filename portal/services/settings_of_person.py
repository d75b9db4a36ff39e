"""What somebody decides for themselves: zone, what is shown again, and which devices stay signed in."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select, update

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.users import WebSession
from portal.services import accounts, audit, scope


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
    rows = db.session.scalars(
        select(WebSession)
        .where(WebSession.person_id == viewer.person_id, WebSession.ended_at.is_(None))
        .where(WebSession.seen_at > clock.now() - accounts.IDLE[person.role != "partner"])
        .order_by(WebSession.seen_at.desc(), WebSession.token_hash)
    )
    devices = (Device(row.created_at, row.seen_at, row.token_hash == accounts.hash_of(token)) for row in rows)
    return OwnSettings(person.zone, person.never_reveals, tuple(devices))


def zones() -> tuple[str, ...]:
    """Every zone that a person may choose."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


def change(viewer: Viewer, zone: str, *, never_reveals: bool) -> None:
    """Change one's own settings. Raises Invalid for a zone that there is not."""
    if zone not in zones():
        raise Invalid("not_an_option")
    begin_write()
    person = scope.own_person(viewer)
    person.zone, person.never_reveals = zone, never_reveals
    audit.record(viewer, "settings:changed", person.id)
    db.session.commit()


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
