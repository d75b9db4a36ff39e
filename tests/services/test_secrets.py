"""Another secret key, while people work: what the older one made still holds for as long as it stands behind."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.domain.accounts import same_address
from portal.domain.audit_chain import Link, canonical_head
from portal.extensions import db, keys, work_for
from portal.models.audit import AuditEvent, AuditHead
from portal.models.users import SignIn
from portal.services import accounts, audit_chain, resets, rotation
from tests.audit import change, untie
from tests.cast import PASSPHRASE, address_of, find
from tests.conftest import Browser, settings_for

OLD = "a secret of the tests of 32 characters"
NEW = "a newer secret of the tests of 32 and more"

House = Callable[[str], Flask]


@pytest.fixture
def house(databases: Callable[[str], str], tmp_path: Path, wall: object) -> House:
    """The same house as often as it is started, each time with the secrets that are given; its data are of OLD."""
    url = databases("secrets")
    return lambda secrets: create_app(settings_for(url, tmp_path, secret_key=secrets))


def let_in(app: Flask, name: str) -> bool:
    with app.app_context():
        found = accounts.sign_in(address_of(name), PASSPHRASE, None) is not None
        db.session.remove()
        return found


def faults(app: Flask) -> set[str]:
    with app.app_context():
        return {fault.code for chain in audit_chain.verify() for fault in chain.faults}


def test_whoever_is_in_stays_in_and_whoever_was_known_is_known(house: House) -> None:
    before = house(OLD)
    ana = Browser(before.test_client()).sign_in(address_of("ana"))
    token, cookies = ana.token("/my/account"), ana.client._cookies
    after = house(f"{NEW},{OLD}")
    later = Browser(after.test_client())
    later.client._cookies = cookies
    assert later.get("/my/").status_code == 200
    zone = {"zone": "Asia/Tokyo", "csrf_token": token}
    assert later.client.post("/my/account", data=zone).status_code == 303
    assert let_in(after, "ben")
    assert faults(after) == set()


def test_a_reset_by_mail_reaches_who_is_known_by_the_older_secret(house: House) -> None:
    app = house(f"{NEW},{OLD}")
    with app.app_context():
        resets.ask_for_reset(address_of("ana"), "http://127.0.0.1:8000/reset/{token}")
        resets.ask_for_reset("nobody@home.example", "http://127.0.0.1:8000/reset/{token}")
        resets.answer_requests()
        db.session.remove()
    assert app.test_cli_runner().invoke(args=["jobs", "drain"]).output.startswith("9 sent")


def test_after_the_names_are_taken_over_the_older_secret_is_needed_for_the_record_alone(house: House) -> None:
    app = house(f"{NEW},{OLD}")
    with app.app_context():
        work_for(find().ana.practice_id)
        every = len(db.session.scalars(select(SignIn.lookup)).all())
        db.session.remove()
    said = app.test_cli_runner().invoke(args=["keys", "rotate"]).output
    assert "names at the door taken over from an older PORTAL_SECRET_KEY" in said
    with app.app_context():
        work_for(find().ana.practice_id)
        kept = db.session.scalars(select(SignIn.lookup)).all()
        assert len(kept) == every
        assert keys.lookup(same_address(address_of("ana"))) in kept
        assert rotation.rewrap_all().names == 0
        db.session.remove()
    assert let_in(house(NEW), "ana")
    assert "was_changed" in faults(house(NEW))
    assert faults(house(f"{NEW},{OLD}")) == set()
    assert not let_in(house(OLD), "ana")


def test_nothing_is_recorded_by_an_older_secret_once_a_newer_one_was_used(house: House) -> None:
    """Who has stolen the older one cannot write the record on with it."""
    let_in(house(OLD), "ana")
    let_in(house(f"{NEW},{OLD}"), "ben")
    let_in(house(f"{NEW},{OLD}"), "ana")
    assert faults(house(f"{NEW},{OLD}")) == set()
    with house(OLD).app_context():
        practice_id = find().ana.practice_id
        of_practice = select(AuditEvent).where(AuditEvent.chain_id == practice_id)
        last = db.session.scalars(of_practice.order_by(AuditEvent.number.desc())).first()
        assert last is not None
        values = {name: getattr(last, {"event_id": "id"}.get(name, name)) for name in Link.__dataclass_fields__}
        forged = keys.audit(Link(**values).canonical())
        head = keys.audit(canonical_head(last.chain_id, last.number, forged))
        number, chain_id = last.number, last.chain_id
        untie()
        change("hash", forged, audit_chain._lies_as(chain_id), number)
        found = db.session.scalars(select(AuditHead).where(AuditHead.chain_id == chain_id)).one()
        found.last, found.seal = forged, head
        db.session.commit()
    assert {"was_changed"} <= faults(house(f"{NEW},{OLD}"))
