"""What somebody decides for themselves: zone, pass phrase, and what is shown again; with the list of their devices."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from portal.domain.accounts import stays_sealed
from portal.domain.errors import Invalid
from portal.domain.people import TokenPurpose, Viewer
from portal.extensions import begin_write, db
from portal.services import accounts, audit, passphrases, scope, web_sessions
from portal.services.web_sessions import Device


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """One's own settings; nobody else changes them."""

    zone: str
    never_reveals: bool
    has_second_factor: bool
    devices: tuple[Device, ...]


def own(viewer: Viewer, token: str) -> OwnSettings:
    """One's own settings and devices, the latest first."""
    person = scope.own_person(viewer)
    devices = web_sessions.own(viewer, token)
    return OwnSettings(person.zone, person.never_reveals, person.has_second_factor, devices)


@cache
def zones() -> tuple[str, ...]:
    """Every zone that a person may choose: one for each place of the time zone database, without its older names."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return ("UTC", *sorted(line[2] for line in lines))


def change_zone(viewer: Viewer, zone: str) -> None:
    """Choose the zone that one's own times are told in. Raises Invalid for one that there is not."""
    begin_write()
    person = scope.own_person(viewer)
    if zone not in (*zones(), person.zone):
        raise Invalid("not_an_option")
    person.zone = zone
    audit.record(viewer, "zone:changed", viewer.person_id)
    db.session.commit()


def know_leave(viewer: Viewer) -> None:
    """Say that one was told what "Leave" does and does not; it is explained no more."""
    begin_write()
    scope.own_person(viewer).knows_leave = True
    db.session.commit()


def change_revealing(viewer: Viewer, passphrase: str, *, never: bool) -> None:
    """Choose whether one's own sent private answers can be shown again.

    Raises Invalid for a wrong pass phrase, and "stays_sealed" for letting them be shown while a reset by mail is not
    vouched for: the owner may have chosen it against whoever reads the mailbox.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    if person.never_reveals and not never and stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    person.never_reveals = never
    audit.record(viewer, "revealing:changed", viewer.person_id)
    db.session.commit()


def change_passphrase(viewer: Viewer, old: str, new: str, token: str) -> str:
    """Set a new pass phrase; other sessions and reset links end. Gives this session's new token; raises Invalid."""
    accounts.check_own_passphrase(viewer, old)
    hashed = accounts.hash_passphrase(new)  # before the lock: it takes its time on purpose
    begin_write()
    person = scope.own_person(viewer)
    passphrases.check(new, names=(person.display_name, scope.own_practice(viewer).name))
    person.password_hash = hashed
    web_sessions.end_all_but(viewer, token)
    accounts.revoke_tokens(person, TokenPurpose.RESET)
    fresh = web_sessions.renew(viewer, token)
    audit.record(viewer, "passphrase:changed", person.id)
    db.session.commit()
    return fresh
