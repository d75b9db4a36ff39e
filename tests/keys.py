"""The second keys of the cast: an app for each of the staff, and its code whenever the door asks for one."""

import base64

import pyotp
from flask import Flask
from sqlalchemy import select, update

from portal import clock, randomness
from portal.domain.accounts import same_address
from portal.domain.people import Viewer
from portal.extensions import begin_write, db, keys
from portal.models.second_factors import Passkey, SecondFactor
from portal.models.users import Person, SignIn
from portal.services import second_factors, vault


def give_app(viewer: Viewer) -> None:
    """Set up an app that was confirmed long ago."""
    begin_write()
    factor_id, now = randomness.new_id(), clock.now()
    seed = base64.b32encode(randomness.some_bytes(20)).decode()
    db.session.add(
        SecondFactor(
            id=factor_id,
            practice_id=viewer.practice_id,
            person_id=viewer.person_id,
            seed=vault.seal(viewer.person_id, second_factors.SEED, factor_id, seed),
            last_step=0,
            created_at=now,
            confirmed_at=now,
        )
    )
    db.session.execute(update(Person).where(Person.id == viewer.person_id).values(has_second_factor=True))
    db.session.commit()


def code_of(app: SecondFactor) -> str:
    """What somebody's app shows now."""
    seed = vault.unseal(app.person_id, second_factors.SEED, app.id, app.seed)
    return pyotp.TOTP(seed).at(clock.now())


def code_at_the_door(made: Flask, address: str) -> str:
    """What the app of the person at this address shows now, as if half a minute had gone by since its last code.

    The clock of a test stands still, and a code works once: who signs in twice at one instant needs it again.
    """
    with made.app_context():
        begin_write()
        of_address = SignIn.lookup == keys.lookup(same_address(address))
        found = select(SecondFactor).join(SignIn, SignIn.person_id == SecondFactor.person_id).where(of_address)
        app = db.session.scalars(found).one()
        app.last_step = 0
        code = code_of(app)
        db.session.commit()
        db.session.remove()
    return code


def a_passkey(viewer: Viewer) -> Passkey:
    """A passkey that nothing holds the other half of."""
    passkey_id = randomness.new_id()
    return Passkey(
        id=passkey_id,
        practice_id=viewer.practice_id,
        person_id=viewer.person_id,
        name=vault.seal(viewer.person_id, second_factors.NAME, passkey_id, "A small stick"),
        credential=passkey_id.bytes,
        public_key=b"a key",
        sign_count=0,
        created_at=clock.now(),
    )
