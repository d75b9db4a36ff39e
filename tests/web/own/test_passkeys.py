"""Passkeys by direct posts: a challenge is good once and for five minutes, origin and count are checked."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from portal import clock, create_app
from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent
from portal.models.second_factors import Passkey
from portal.models.users import Person
from tests import cast as gathered
from tests.authenticator import Authenticator
from tests.cast import address_of
from tests.conftest import Browser, Wall, settings_for

KEY = "/account/second-key"
ORIGIN = "http://localhost:8000"
Options = dict[str, object]


@pytest.fixture
def named(databases: Callable[[str], str], wall: Wall, tmp_path: Path) -> Iterator[Flask]:
    """The portal at an address with a name: browsers give no passkeys to a number."""
    made = create_app(settings_for(databases("named"), tmp_path, base_url=ORIGIN))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def asked(browser: Browser, path: str, page: str) -> Options:
    reply = browser.post(path, page=page)
    assert reply.status_code == 200, reply.text
    found: Options = json.loads(reply.text)
    return found


def options_to_make(browser: Browser) -> Options:
    return asked(browser, f"{KEY}/passkeys/challenge", f"{KEY}/set-up")


def add(browser: Browser, credential: str, name: str = "My phone"):  # type: ignore[no-untyped-def]
    return browser.post(f"{KEY}/passkeys", {"name": name, "credential": credential}, page=f"{KEY}/set-up")


def use(browser: Browser, credential: str):  # type: ignore[no-untyped-def]
    return browser.post(f"{KEY}/passkey", {"credential": credential}, page=KEY)


@pytest.fixture
def ana(named: Flask) -> Browser:
    """Ana's browser; she has given her pass phrase once more."""
    return Browser(named.test_client()).sign_in(address_of("ana")).step_up()


@pytest.fixture
def phone(ana: Browser) -> Authenticator:
    """Ana's phone, whose passkey she has added."""
    made = Authenticator()
    assert add(ana, made.make(options_to_make(ana), ORIGIN)).status_code == 200
    return made


@pytest.fixture
def door(named: Flask, phone: Authenticator) -> Browser:
    """Another browser of Ana's, with the pass phrase given."""
    return Browser(named.test_client()).give_passphrase(address_of("ana"))


def options_to_use(door: Browser) -> Options:
    return asked(door, f"{KEY}/passkey/challenge", KEY)


def test_a_passkey_is_added_under_a_name_and_asked_for_from_then_on(
    ana: Browser, phone: Authenticator, door: Browser
) -> None:
    assert "My phone" in ana.get(f"{KEY}/set-up").text
    assert door.get("/my/").location.startswith(KEY)
    text = door.get(KEY).text
    assert "Use your passkey" in text
    assert "six digits" not in text  # she has no app
    assert use(door, phone.use(options_to_use(door), ORIGIN)).location == "/my/"
    assert door.get("/my/").status_code == 200


def test_what_is_asked_of_a_browser_names_no_person(ana: Browser, phone: Authenticator) -> None:
    options = options_to_make(ana)
    assert options["rp"] == {"name": "Portal", "id": "localhost"}
    user: Options = options["user"]  # type: ignore[assignment]
    assert (user["name"], user["displayName"]) == ("Portal", "Portal")
    wanted: Options = options["authenticatorSelection"]  # type: ignore[assignment]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("discouraged", "preferred")
    assert len(options["excludeCredentials"]) == 1  # type: ignore[arg-type]


def test_a_challenge_is_good_once(door: Browser, phone: Authenticator, named: Flask) -> None:
    options = options_to_use(door)
    assert use(door, phone.use(options, "http://elsewhere.example")).status_code == 422  # refused, and used up
    assert use(door, phone.use(options, ORIGIN)).status_code == 422
    again = phone.use(options_to_use(door), ORIGIN)
    assert use(door, again).status_code == 303
    fresh = Browser(named.test_client()).give_passphrase(address_of("ana"))
    assert use(fresh, again).status_code == 422  # recorded, and posted in another session
    options_to_use(fresh)
    assert use(fresh, again).status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(299, 303), (300, 422)])
def test_a_challenge_is_good_for_five_minutes(
    door: Browser, phone: Authenticator, wall: Wall, seconds: int, status: int
) -> None:
    options = options_to_use(door)
    wall.forward(seconds=seconds)
    assert use(door, phone.use(options, ORIGIN)).status_code == status


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://elsewhere.example", "localhost"),
        ("http://localhost:8001", "localhost"),
        ("https://localhost:8000", "localhost"),
        (ORIGIN, "elsewhere.example"),
    ],
)
def test_another_origin_or_host_opens_nothing(door: Browser, phone: Authenticator, origin: str, host: str) -> None:
    assert use(door, phone.use(options_to_use(door), origin, host)).status_code == 422
    assert door.get("/my/").status_code == 303


@pytest.mark.parametrize(("origin", "host"), [("http://elsewhere.example", "localhost"), (ORIGIN, "elsewhere.example")])
def test_none_is_added_from_another_origin_or_host(ana: Browser, origin: str, host: str) -> None:
    made = Authenticator().make(options_to_make(ana), origin, host)
    assert add(ana, made).status_code == 422
    assert db.session.scalars(select(Passkey)).all() == []


def test_none_is_added_with_a_challenge_of_before(ana: Browser, wall: Wall) -> None:
    options = options_to_make(ana)
    options_to_make(ana)
    assert add(ana, Authenticator().make(options, ORIGIN)).status_code == 422
    options = options_to_make(ana)
    assert add(ana, Authenticator().make(options, ORIGIN), name="").status_code == 422
    assert add(ana, Authenticator().make(options, ORIGIN)).status_code == 422  # used up by the one without a name


def test_a_count_that_does_not_rise_opens_nothing(door: Browser, phone: Authenticator, named: Flask) -> None:
    assert use(door, phone.use(options_to_use(door), ORIGIN)).status_code == 303
    db.session.rollback()
    assert db.session.scalar(select(Passkey.sign_count)) == 1
    fresh = Browser(named.test_client()).give_passphrase(address_of("ana"))
    phone.count = 0  # a copy of the phone
    assert use(fresh, phone.use(options_to_use(fresh), ORIGIN)).status_code == 422


def test_anothers_passkey_opens_nothing(door: Browser, phone: Authenticator, named: Flask) -> None:
    ben, bens = Browser(named.test_client()).sign_in(address_of("ben")).step_up(), Authenticator()
    assert add(ben, bens.make(options_to_make(ben), ORIGIN)).status_code == 200
    assert use(door, bens.use(options_to_use(door), ORIGIN)).status_code == 422
    assert add(ben, phone.make(options_to_make(ben), ORIGIN)).status_code == 422  # and hers is not added twice


@pytest.mark.parametrize(
    "junk", ["", "{}", "null", "[]", "x" * 500, '{"id": 1}', '{"rawId": "AA", "id": "AA"}', "\u0000"]
)
def test_what_is_no_answer_of_a_key_is_refused_calmly(ana: Browser, door: Browser, junk: str) -> None:
    options_to_use(door)
    assert use(door, junk).status_code == 422
    options_to_make(ana)
    assert add(ana, junk).status_code == 422


def test_one_is_taken_away_by_its_owner_alone(ana: Browser, phone: Authenticator, named: Flask) -> None:
    passkey_id = db.session.scalar(select(Passkey.id))
    ben = Browser(named.test_client()).sign_in(address_of("ben")).step_up()
    assert ben.post(f"{KEY}/passkeys/{passkey_id}/remove", page="/my/").status_code == 404
    assert ana.post(f"{KEY}/passkeys/{passkey_id}/remove", page="/my/").status_code == 303
    assert Browser(named.test_client()).give_passphrase(address_of("ana")).get("/").location == "/my/"
    events = db.session.scalars(select(AuditEvent.event).where(AuditEvent.event.like("second_factor:passkey%")))
    assert list(events) == ["second_factor:passkey_added", "second_factor:passkey_removed"]


def test_none_is_added_or_taken_away_while_a_reset_by_mail_is_not_vouched_for(
    ana: Browser, phone: Authenticator, named: Flask
) -> None:
    options, passkey_id = options_to_make(ana), db.session.scalar(select(Passkey.id))
    people = update(Person).where(Person.display_name == "Ana")
    begin_write()
    db.session.execute(people.values(reset_at=clock.now()))
    db.session.commit()
    made = {"name": "Another", "credential": Authenticator().make(options, ORIGIN)}
    tries = ((f"{KEY}/passkeys/challenge", {}), (f"{KEY}/passkeys", made), (f"{KEY}/passkeys/{passkey_id}/remove", {}))
    for path, typed in tries:
        reply = ana.post(path, typed, page=f"{KEY}/set-up")
        assert (reply.status_code, "It stays as it is for now" in reply.text) == (409, True), path
    assert list(db.session.scalars(select(Passkey.id))) == [passkey_id]


def test_ten_are_enough(ana: Browser, phone: Authenticator) -> None:
    for number in range(9):
        assert add(ana, Authenticator().make(options_to_make(ana), ORIGIN), f"Stick {number}").status_code == 303
    reply = add(ana, Authenticator().make(options_to_make(ana), ORIGIN))
    assert reply.status_code == 422
    assert "Take one away first." in reply.text


def test_the_name_lies_sealed(ana: Browser, phone: Authenticator) -> None:
    assert "My phone" not in repr(db.session.execute(text("SELECT * FROM passkeys")).all())


def test_staff_may_set_up_a_passkey_before_anything_else(named: Flask) -> None:
    cast = gathered.find()
    gathered.practices.add_coach(cast.ines, gathered.NewCoach("Nell", "nell@north.example", gathered.PASSPHRASE))
    nell = Browser(named.test_client()).give_passphrase("nell@north.example")
    assert nell.get("/coach/").status_code == 303
    assert add(nell, Authenticator().make(options_to_make(nell), ORIGIN)).status_code == 200
    assert nell.get("/coach/").status_code == 200


def test_where_the_address_is_a_number_none_is_offered(app: Flask) -> None:
    ana = Browser(app.test_client()).sign_in(address_of("ana")).step_up()
    assert "passkey" not in ana.get(f"{KEY}/set-up").text.lower()
    assert ana.post(f"{KEY}/passkeys/challenge", page="/my/").status_code == 404
