"""The second factor: a code works once, a spare code works once, and nothing of either lies open in the database."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.second_factors import RecoveryCode, SecondFactor
from portal.models.users import Person, WebSession
from portal.services import accounts, second_factors, vault
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall
from tests.threads import at_once as together

AT_ONCE = 6
LINK = "http://127.0.0.1:8000/my/account"


class Door:
    """Somebody who stands at the door with the pass phrase given, and the app on their phone."""

    def __init__(self, viewer: Viewer, name: str) -> None:
        self.viewer, self.name = viewer, name
        self.token = self.knock()

    def knock(self) -> str:
        token = accounts.sign_in(address_of(self.name), PASSPHRASE, None)
        assert token
        return token

    def set_up(self, wall: Wall) -> tuple[str, ...]:
        """Set up an app; gives the spare codes that came with it."""
        second_factors.begin_app(self.viewer)
        self.app = pyotp.TOTP(second_factors.seed_to_confirm(self.viewer))
        changed = second_factors.confirm_app(self.viewer, self.app.at(wall.now), self.token, LINK)
        self.token = changed.token
        return changed.spare_codes

    def enters(self, typed: str) -> bool:
        token = self.knock()
        try:
            return second_factors.enter(self.viewer, typed, token) is not None
        except Invalid:  # it waits
            return False


@pytest.fixture
def ana(cast: Cast) -> Door:
    return Door(cast.ana, "ana")


def at_once(app: Flask, act: Callable[[], object]) -> list[object]:
    def inside(_: int) -> object:
        with app.app_context():
            found = act()
            db.session.remove()
            return found

    db.session.remove()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(inside, range(AT_ONCE)))


def events_of(viewer: Viewer) -> list[str]:
    db.session.rollback()
    mine = select(AuditEvent.event).where(AuditEvent.actor_id == viewer.person_id).order_by(AuditEvent.at)
    return [event for event in db.session.scalars(mine) if not event.startswith("sign_in")]


@pytest.mark.parametrize(("off", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_one_step_off_and_not_two(ana: Door, wall: Wall, off: int, is_taken: bool) -> None:
    ana.set_up(wall)
    wall.forward(minutes=5)
    assert ana.enters(ana.app.at(wall.now + timedelta(seconds=off))) is is_taken


def test_a_code_works_once_and_none_before_it_works_after_it(ana: Door, wall: Wall) -> None:
    ana.set_up(wall)
    assert not ana.enters(ana.app.at(wall.now))  # it was typed when the app was set up
    wall.forward(minutes=5)
    before, code = ana.app.at(wall.now - timedelta(seconds=30)), ana.app.at(wall.now)
    assert ana.enters(f"{code[:3]} {code[3:]}")  # as apps show it
    assert not ana.enters(code)
    assert not ana.enters(before)
    wall.forward(seconds=30)
    assert not ana.enters(code)
    wall.forward(seconds=1)  # the fourth that opened nothing
    assert ana.enters(ana.app.at(wall.now))


def test_of_many_who_come_at_once_with_one_code_one_comes_in(app: Flask, ana: Door, wall: Wall) -> None:
    spare, *_ = ana.set_up(wall)
    wall.forward(minutes=5)
    code = ana.app.at(wall.now)
    for typed in (code, spare):
        assert sum(map(bool, at_once(app, lambda typed=typed: ana.enters(typed)))) == 1  # type: ignore[misc]


def test_the_seed_lies_sealed_and_opens_in_its_own_place_alone(ana: Door, cast: Cast, wall: Wall) -> None:
    ana.set_up(wall)
    row = db.session.scalars(select(SecondFactor).where(SecondFactor.person_id == cast.ana.person_id)).one()
    assert vault.unseal(row.person_id, second_factors.SEED, row.id, row.seed) == ana.app.secret
    assert ana.app.secret.encode() not in row.seed
    for place in ((cast.ben.person_id, row.id), (row.person_id, UUID(int=1))):
        with pytest.raises(vault.VaultError):
            vault.unseal(place[0], second_factors.SEED, place[1], row.seed)


def test_an_app_counts_from_its_first_code_on(ana: Door, cast: Cast, wall: Wall) -> None:
    with pytest.raises(NotFound):
        second_factors.confirm_app(ana.viewer, "000000", ana.token, LINK)
    second_factors.begin_app(ana.viewer)
    first = second_factors.seed_to_confirm(ana.viewer)
    second_factors.begin_app(ana.viewer)  # begun anew: the picture before it is worth nothing
    assert second_factors.seed_to_confirm(ana.viewer) != first
    with pytest.raises(Invalid):
        second_factors.confirm_app(ana.viewer, pyotp.TOTP(first).at(wall.now), ana.token, LINK)
    db.session.rollback()
    assert not db.session.scalar(select(Person.has_second_factor).where(Person.id == cast.ana.person_id))
    assert not ana.enters(pyotp.TOTP(second_factors.seed_to_confirm(ana.viewer)).at(wall.now))
    ana.set_up(wall)
    with pytest.raises(NotAllowed):
        second_factors.begin_app(ana.viewer)


def test_two_taps_that_begin_an_app_at_once_leave_one(app: Flask, ana: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    look = second_factors._app_or_none

    def look_slowly(viewer: Viewer) -> SecondFactor | None:
        found = look(viewer)
        time.sleep(0.3)  # long enough for the other to look as well
        return found

    monkeypatch.setattr(second_factors, "_app_or_none", look_slowly)
    assert together(app, [lambda: second_factors.begin_app(ana.viewer)] * 2) == {"done": 2}
    assert second_factors.seed_to_confirm(ana.viewer)


def test_ten_spare_codes_open_once_each_however_they_are_spelled(ana: Door, wall: Wall) -> None:
    codes = ana.set_up(wall)
    assert len(set(codes)) == 10
    assert all(len(code.replace(" ", "")) * 5 >= 80 for code in codes)  # bits that nobody guesses
    spelled = codes[0].upper().replace(" ", "-").replace("0", "O").replace("1", "l")
    assert ana.enters(spelled)
    assert not ana.enters(codes[0])
    assert all(ana.enters(code) for code in codes[1:])
    assert not any(ana.enters(code) for code in codes)
    assert second_factors.own(ana.viewer).spare_left == 0


def test_new_spare_codes_take_the_place_of_the_old_ones(ana: Door, wall: Wall) -> None:
    old = ana.set_up(wall)
    new = second_factors.new_spare_codes(ana.viewer, ana.token).spare_codes
    assert not set(old) & set(new)
    assert not ana.enters(old[0])
    assert ana.enters(new[0])


def test_the_database_holds_no_spare_code(ana: Door, wall: Wall) -> None:
    codes = ana.set_up(wall)
    rows = repr(db.session.execute(text("SELECT * FROM recovery_codes")).all())
    assert not any(code in rows or code.replace(" ", "") in rows for code in codes)


def test_anothers_codes_open_nothing(ana: Door, cast: Cast, wall: Wall) -> None:
    ben = Door(cast.ben, "ben")
    spare, ben_spare = ana.set_up(wall), ben.set_up(wall)
    wall.forward(minutes=5)
    assert not ana.enters(ben.app.at(wall.now))
    assert not ana.enters(ben_spare[0])
    assert not ben.enters(spare[0])
    assert ana.enters(spare[0])


def test_taking_the_last_one_away_takes_the_spare_codes_along_and_ends_other_sessions(ana: Door, wall: Wall) -> None:
    ana.set_up(wall)
    other = ana.knock()
    changed = second_factors.remove_app(ana.viewer, ana.token, LINK)
    assert changed.spare_codes == ()
    assert db.session.scalars(select(RecoveryCode)).all() == []
    still_open = select(WebSession.token_hash).where(WebSession.ended_at.is_(None))
    assert list(db.session.scalars(still_open)) == [accounts.hash_of(changed.token)]
    assert accounts.hash_of(other) != accounts.hash_of(changed.token)
    with pytest.raises(NotFound):
        second_factors.remove_app(ana.viewer, changed.token, LINK)


def test_each_step_goes_on_record_and_no_code_does(ana: Door, wall: Wall) -> None:
    spare, *_ = ana.set_up(wall)
    wall.forward(minutes=5)
    ana.enters(ana.app.at(wall.now))
    wall.forward(seconds=1)
    ana.enters("000 000")
    wall.forward(seconds=1)
    ana.enters(spare)
    wall.forward(seconds=1)
    ana.token = second_factors.new_spare_codes(ana.viewer, ana.token).token
    wall.forward(seconds=1)
    second_factors.remove_app(ana.viewer, ana.token, LINK)
    happened = ("app_set_up", "given", "refused", "spare_code_used", "spare_codes_made", "app_removed")
    assert events_of(ana.viewer)[-6:] == [f"second_factor:{event}" for event in happened]
