"""The browsers one is signed in with: listed to their owner alone, ended at once; and when a copied cookie is dead."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.domain.people import PersonState
from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent
from portal.models.users import Person
from portal.services import web_sessions
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall

Open = Callable[[str | None], Browser]
END = re.compile(r'action="(/account/devices/[0-9a-f-]{36}/end)"')
SEED = re.compile(r'<code class="key">([A-Z2-7 ]{39})</code>')
FRESH = "orange ladder quiet harbour"
HOMES = {"ana": "/my/", "ines": "/coach/"}


def events() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.event).order_by(AuditEvent.at)))


@pytest.mark.parametrize("name", ["ana", "ines"])
def test_each_of_them_is_listed_and_one_is_ended_at_once(browser: Open, wall: Wall, name: str) -> None:
    home = HOMES[name]
    here, second = browser(name), browser(name)
    wall.forward(minutes=1)
    third, stranger = browser(name), browser("ben")
    wall.forward(minutes=2)
    text = here.get(f"{home}account").text
    assert (text.count("This device"), text.count("Another device")) == (1, 2)
    assert "signed in Monday 23 November, 20:00, last used 23 November" in text
    (end_third, end_second) = END.findall(text)
    assert here.post(end_second).location == f"{home}account"
    assert [one.get(home).status_code for one in (here, second, third)] == [200, 303, 200]
    assert here.post(end_second).status_code == 404  # it has ended
    assert here.post(end_third).status_code == 303
    assert [one.get(at).status_code for one, at in ((here, home), (third, home), (stranger, "/my/"))] == [200, 303, 200]
    assert events().count("session:ended") == 2


@pytest.mark.parametrize("name", ["ana", "ines"])
def test_all_others_are_ended_and_this_one_goes_on(browser: Open, name: str) -> None:
    here, others, ben = browser(name), [browser(name), browser(name)], browser("ben")
    assert here.post("/account/devices").location == f"{HOMES[name]}account"
    assert [one.get(HOMES[name]).status_code for one in (here, *others)] == [200, 303, 303]
    assert ben.get("/my/").status_code == 200
    assert "session:others_ended" in events()


def test_nobody_sees_or_ends_anothers(browser: Open, cast: Cast) -> None:
    ana, ben = browser("ana"), browser("ben")
    (device,) = web_sessions.own(cast.ana, "")
    assert "Another device" not in ben.get("/my/account").text
    for name in ("ben", "ines"):
        assert browser(name).post(f"/account/devices/{device.device_id}/end").status_code == 404
    assert ana.get("/my/").status_code == 200


def test_what_names_a_session_on_its_page_opens_nothing(browser: Open, cast: Cast) -> None:
    here = browser("ana")
    text = here.get("/my/account").text + browser("ana").get("/my/account").text
    kept = here.client.get_cookie("id")
    assert kept
    assert END.findall(text)
    for device in web_sessions.own(cast.ana, ""):
        thief = Browser(here.client.application.test_client())
        thief.client.set_cookie("id", str(device.device_id))
        assert thief.get("/my/").status_code == 303


def change_passphrase(here: Browser, wall: Wall, home: str) -> None:
    reply = here.post(f"{home}account/passphrase", {"old": PASSPHRASE, "new": FRESH})
    assert reply.status_code == 303


def change_second_factor(here: Browser, wall: Wall, home: str) -> None:
    """Another device takes the app away, or a partner sets one up."""
    key = "/account/second-key"
    elsewhere = Browser(here.client.application.test_client()).sign_in(address_of("ines" if "coach" in home else "ana"))
    elsewhere.step_up()
    if "coach" in home:
        assert elsewhere.post(f"{key}/app/remove", page=f"{key}/set-up").status_code == 303
        return
    elsewhere.post(f"{key}/app/new", page=f"{key}/set-up")
    seed = SEED.search(elsewhere.get(f"{key}/app").text)
    assert seed
    code = pyotp.TOTP(seed[1].replace(" ", "")).at(wall.now)
    assert elsewhere.post(f"{key}/app", {"code": code}, page=f"{key}/app").status_code == 200


def deactivate(here: Browser, wall: Wall, home: str) -> None:
    begin_write()
    db.session.execute(update(Person).where(Person.state == PersonState.ACTIVE).values(state=PersonState.DEACTIVATED))
    db.session.commit()


def keep_busy(here: Browser, wall: Wall, home: str) -> None:
    for _ in range(80):
        wall.forward(minutes=9, seconds=1)
        here.get(home)


ENDS: dict[str, Callable[[Browser, Wall, str], object]] = {
    "sign-out": lambda here, wall, home: here.post("/sign-out"),
    "exit": lambda here, wall, home: here.post("/exit"),
    "ended from elsewhere": lambda here, wall, home: here.post("/account/devices"),
    "pass phrase": change_passphrase,
    "second key": change_second_factor,
    "idle": lambda here, wall, home: wall.forward(minutes=30, seconds=1),
    "twelve hours": keep_busy,
    "deactivation": deactivate,
}


@pytest.mark.parametrize("name", ["ana", "ines"])
@pytest.mark.parametrize("how", ENDS)
def test_a_cookie_that_was_copied_before_is_dead_after_it(
    app: Flask, browser: Open, wall: Wall, how: str, name: str
) -> None:
    home, here, other = HOMES[name], browser(name), browser(name)
    copied = (other if how == "ended from elsewhere" else here).client.get_cookie("id")
    assert copied
    assert opens(app, copied.value, home)
    ENDS[how](here, wall, home)
    assert not opens(app, copied.value, home)


def opens(app: Flask, value: str, home: str) -> bool:
    thief = Browser(app.test_client())
    thief.client.set_cookie("id", value)
    return bool(thief.get(home).status_code == 200)
