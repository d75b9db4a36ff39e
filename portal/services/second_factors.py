"""The second factor: an app's codes and spare codes, set up, given at the door, and taken away."""

import base64
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from portal import clock, randomness
from portal.domain.accounts import stays_sealed
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Role, Viewer
from portal.domain.second_factors import (
    SEED_BYTES,
    SPARE_BYTES,
    SPARE_CODES,
    could_be_code,
    in_groups,
    matching_step,
    same_spare_code,
    spare_code,
)
from portal.extensions import begin_write, db
from portal.models.second_factors import Passkey, RecoveryCode, SecondFactor
from portal.models.users import Person
from portal.services import accounts, audit, delays, devices, outbox, scope, vault, web_sessions
from portal.services.accounts import hash_of

SEED = "second_factors.seed"
NAME = "passkeys.name"


class StandsStill(NotAllowed):
    """A partner's pass phrase was reset by a mail, and the coach has not vouched: the second key stays as it is."""


@dataclass(frozen=True, slots=True)
class PasskeyShown:
    """One of one's own passkeys, by the name that was given to it."""

    passkey_id: UUID
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has set up; `spare_left` counts the codes that still work."""

    app_since: datetime | None
    passkeys: tuple[PasskeyShown, ...]
    spare_left: int

    @property
    def has_any(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change gives: this session's new token, and spare codes where they were made; they are shown this once."""

    token: str
    spare_codes: tuple[str, ...] = ()


def own(viewer: Viewer) -> Factors:
    """What the viewer has set up."""
    app = _app_or_none(viewer)
    stored = db.session.scalars(select(Passkey).where(*of(viewer, Passkey)).order_by(Passkey.created_at, Passkey.id))
    shown = (PasskeyShown(k.id, vault.unseal(k.person_id, NAME, k.id, k.name), k.created_at) for k in stored.all())
    unused = (*of(viewer, RecoveryCode), RecoveryCode.used_at.is_(None))
    left = db.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0
    return Factors(app.confirmed_at if app else None, tuple(shown), left)


def of(viewer: Viewer, table: type[SecondFactor | Passkey | RecoveryCode]) -> tuple[ColumnElement[bool], ...]:
    """What narrows one of the three tables to the viewer's own rows."""
    return table.practice_id == viewer.practice_id, table.person_id == viewer.person_id


def _app_or_none(viewer: Viewer) -> SecondFactor | None:
    return db.session.scalars(select(SecondFactor).where(*of(viewer, SecondFactor))).one_or_none()


def stands_still(viewer: Viewer) -> bool:
    """Whether nothing of one's own second key can be changed: it may be another who reads the mailbox.

    They would shut the owner out for good, for a reset by mail never takes a second key away. Staff are asked for one
    before anything else opens, so theirs can always be set up.
    """
    person = scope.own_person(viewer)
    return viewer.role is Role.PARTNER and stays_sealed(person.reset_at, person.vouched_at)


def check_may_change(viewer: Viewer) -> None:
    """Raise StandsStill where the viewer's second key stays as it is."""
    if stands_still(viewer):
        raise StandsStill("stays_sealed")


def begin_app(viewer: Viewer) -> None:
    """Make a new seed; it counts for nothing before one of its codes was given. Raises NotAllowed where an app is."""
    begin_write()
    _hold(viewer)
    check_may_change(viewer)
    app = _app_or_none(viewer)
    if app is not None and app.confirmed_at is not None:
        raise NotAllowed("app_stands_already")
    if app is None:
        ids = {"practice_id": viewer.practice_id, "person_id": viewer.person_id}
        app = SecondFactor(id=randomness.new_id(), **ids, created_at=clock.now())
        db.session.add(app)
    seed = base64.b32encode(randomness.some_bytes(SEED_BYTES)).decode()
    app.seed = vault.seal(viewer.person_id, SEED, app.id, seed)
    db.session.commit()


def _hold(viewer: Viewer) -> None:
    """Let of two taps the second wait for the first: there is no row of an app yet that could be held."""
    own_row = (Person.practice_id == viewer.practice_id, Person.id == viewer.person_id)
    db.session.execute(select(Person.id).where(*own_row).with_for_update())


def seed_to_confirm(viewer: Viewer) -> str:
    """The seed (base 32) that was made and not confirmed yet; raises NotFound, and StandsStill."""
    check_may_change(viewer)
    app = _app_or_none(viewer)
    if app is None or app.confirmed_at is not None:
        raise NotFound
    return _seed_of(app)


def _seed_of(app: SecondFactor) -> str:
    return vault.unseal(app.person_id, SEED, app.id, app.seed)


def confirm_app(viewer: Viewer, code: str, token: str, link: str) -> Changed:
    """Let the app count from its first code on. Raises NotFound without a new seed, Invalid for a wrong code."""
    begin_write()
    seed_to_confirm(viewer)
    if not _takes_code(viewer, code):
        raise Invalid("code_not_of_app")
    confirmed = update(SecondFactor).where(*of(viewer, SecondFactor)).values(confirmed_at=clock.now())
    db.session.execute(confirmed)
    changed = after_change(viewer, token, "second_factor:app_set_up", link)
    db.session.commit()
    return changed


def remove_app(viewer: Viewer, token: str, link: str) -> Changed:
    """Let the app's codes open nothing any more. Raises NotFound where there is none, and StandsStill."""
    begin_write()
    check_may_change(viewer)
    app = _app_or_none(viewer)
    if app is None or app.confirmed_at is None:
        raise NotFound
    db.session.execute(delete(SecondFactor).where(*of(viewer, SecondFactor)))
    changed = after_change(viewer, token, "second_factor:app_removed", link)
    db.session.commit()
    return changed


def after_change(viewer: Viewer, token: str, event: str, link: str) -> Changed:
    """What follows each change: the record, the first spare codes or the end of the last, other sessions ended.

    A partner gets a neutral mail: look at your account page (`link`). This session goes on under a new id; it has
    proved as much as there is to prove. The caller commits.
    """
    db.session.flush()
    factors, person = own(viewer), scope.own_person(viewer)
    is_first = factors.has_any and not person.has_second_factor
    person.has_second_factor = factors.has_any
    codes = _make_spare_codes(viewer) if is_first else ()
    if not factors.has_any:
        db.session.execute(delete(RecoveryCode).where(*of(viewer, RecoveryCode)))
    audit.record(viewer, event, viewer.person_id)
    if viewer.role is Role.PARTNER:
        outbox.enqueue(person, "account_changed", f"second-key:{randomness.new_id()}", {"link": link})
    web_sessions.end_all_but(viewer, token)
    return Changed(web_sessions.renew(viewer, token, proved_at=clock.now() if factors.has_any else None), codes)


def new_spare_codes(viewer: Viewer, token: str) -> Changed:
    """Make ten new spare codes in the place of the old ones. Raises StandsStill; NotFound where nothing is set up."""
    begin_write()
    check_may_change(viewer)
    if not scope.own_person(viewer).has_second_factor:
        raise NotFound
    changed = Changed(web_sessions.renew(viewer, token), _make_spare_codes(viewer))
    audit.record(viewer, "second_factor:spare_codes_made", viewer.person_id)
    db.session.commit()
    return changed


def _make_spare_codes(viewer: Viewer) -> tuple[str, ...]:
    db.session.execute(delete(RecoveryCode).where(*of(viewer, RecoveryCode)))
    codes = tuple(spare_code(randomness.some_bytes(SPARE_BYTES)) for _ in range(SPARE_CODES))
    ids = {"practice_id": viewer.practice_id, "person_id": viewer.person_id}
    for code in codes:
        row = RecoveryCode(id=randomness.new_id(), **ids, code_hash=hash_of(code), created_at=clock.now())
        db.session.add(row)
    return tuple(map(in_groups, codes))


def enter(viewer: Viewer, typed: str, token: str, browser: str = "") -> str | None:
    """Give the second factor at the door: a code of the app, or a spare code; `browser` is what the browser carries.

    Gives the new token of the session, which opens everything from now on; None for a code that opens nothing. Raises
    Invalid "door_waits" (with `seconds`) while the app's codes wait after wrong ones. Spare codes and passkeys, which
    nobody guesses, never wait, nor does an app's code where the viewer was signed in before: nobody is locked out.
    """
    fresh, seconds = _tried(viewer, typed, token, browser)
    if seconds:
        raise Invalid("door_waits", seconds=seconds)
    return fresh


def _tried(viewer: Viewer, typed: str, token: str, browser: str) -> tuple[str | None, int]:
    """The new token, if it opens, and how many seconds codes wait from now on; what was tried goes on record."""
    begin_write()
    waits = delays.hold_codes(viewer.person_id, browser)
    is_heard = not waits.name or (devices.knows(browser, viewer.person_id) and not waits.browser)
    by_app = is_heard and _takes_code(viewer, typed, is_confirmed=True)
    by_spare = not by_app and _takes_spare_code(viewer, typed)
    fresh = web_sessions.renew(viewer, token, proved_at=clock.now()) if by_app or by_spare else None
    is_guess = fresh is None and could_be_code(typed)
    if is_guess:
        delays.count_failure(waits)
    audit.record(
        viewer,
        "second_factor:given" if by_app else "second_factor:spare_code_used" if by_spare else "second_factor:refused",
        viewer.person_id,
    )
    db.session.commit()
    return fresh, waits.seconds if is_guess else 0


def _takes_code(viewer: Viewer, typed: str, *, is_confirmed: bool = False) -> bool:
    """Whether this is a code of the app that was not used before, nor one after it; it is used up by the asking."""
    app = _app_or_none(viewer)
    if app is None or (app.confirmed_at is not None) is not is_confirmed:
        return False
    step = matching_step(_seed_of(app), typed, clock.now())
    if step is None:
        return False
    # the condition stands in the statement: of two who come with one code at once, the second meets no row
    unused = or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
    used = update(SecondFactor).where(*of(viewer, SecondFactor), unused).values(last_step=step)
    return bool(db.session.execute(used.returning(SecondFactor.id)).all())


def _takes_spare_code(viewer: Viewer, typed: str) -> bool:
    wanted = (RecoveryCode.code_hash == hash_of(same_spare_code(typed)), RecoveryCode.used_at.is_(None))
    used = update(RecoveryCode).where(*of(viewer, RecoveryCode), *wanted).values(used_at=clock.now())
    return bool(db.session.execute(used.returning(RecoveryCode.id)).all())


def remove_lost(name: str) -> None:
    """Take away, by the operator's hand, whatever the person of this address or user name has set up.

    All their sessions end. For who has lost the key and every spare code, once it is clear that it is they who ask.
    Raises NotFound.
    """
    person_id = accounts.id_of(name)
    begin_write()
    person = db.session.scalars(select(Person).where(Person.id == person_id)).one()
    if not person.has_second_factor:
        raise NotFound
    for table in (SecondFactor, Passkey, RecoveryCode):
        db.session.execute(delete(table).where(table.person_id == person.id))
    person.has_second_factor = False
    accounts.end_sessions_of(person.id)
    audit.record_before_sign_in(person.practice_id, None, "second_factor:removed_by_operator", person.id)
    db.session.commit()
