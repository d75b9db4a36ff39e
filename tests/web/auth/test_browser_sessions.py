"""Signing in, out and away: equal answers, own paths, sessions that end when they should."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.users import Person, WebSession
from portal.services import accounts, standing
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall, settings_for

Open = Callable[[str | None], Browser]
CHANGES = re.compile(r'value="[^"]{60,}"|nonce="[^"]+"|[a-z]+@home\.example')  # tokens, and what was typed


def answer(reply) -> tuple[int, str, list[str]]:  # type: ignore[no-untyped-def]
    return reply.status_code, CHANGES.sub("", reply.text), sorted(name for name, _ in reply.headers)


def test_known_and_unknown_addresses_get_the_same_answer(browser: Open) -> None:
    nobody = browser(None)
    replies = [
        nobody.post("/sign-in", {"email": f"{name}@home.example", "password": "not the right words"}, page="/sign-in")
        for name in ("ana", "gil", "nobody")  # who is in, who is invited, who never was
    ]
    first, *others = map(answer, replies)
    assert first[0] == 422
    assert "do not belong together" in first[1]
    assert [other == first for other in others] == [True, True]


def test_known_and_unknown_addresses_cost_the_same_work(
    app: Flask, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    verify = accounts._verify
    monkeypatch.setattr(
        accounts,
        "_verify",
        lambda kept, typed: hashed.append(kept.rpartition("$")[0].rpartition("$")[0]) or verify(kept, typed),
    )
    for name in ("ana", "gil", "nobody"):
        accounts.sign_in(f"{name}@home.example", "not the right words", None)
    assert len(hashed) == 3
    assert len(set(hashed)) == 1  # argon2 with the same cost


def test_an_address_is_taken_in_any_spelling(browser: Open) -> None:
    reply = browser(None).post("/sign-in", {"email": " ANA@Home.Example ", "password": PASSPHRASE}, page="/sign-in")
    assert reply.status_code == 303


def test_who_is_invited_and_has_not_come_in_has_no_pass_phrase_to_guess(app: Flask) -> None:
    assert accounts.sign_in("gil@home.example", "", None) is None
    assert accounts.sign_in("gil@home.example", PASSPHRASE, None) is None


@pytest.mark.parametrize(("name", "home"), [("ana", "/my/"), ("ines", "/coach/")])
def test_each_audience_has_its_own_home(browser: Open, name: str, home: str) -> None:
    here = browser(name)
    for path in ("/", "/sign-in"):
        reply = here.get(path)
        assert (reply.status_code, reply.location) == (303, home)


@pytest.mark.parametrize("wanted", ["/my/account", "/my/shared?y=1"])
def test_who_was_sent_to_the_door_goes_on_where_they_wanted(browser: Open, wanted: str) -> None:
    nobody = browser(None)
    door = nobody.get(wanted)
    assert door.status_code == 303
    reply = nobody.post(door.location, {"email": "ana@home.example", "password": PASSPHRASE}, page="/sign-in")
    assert (reply.status_code, reply.location) == (303, wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%5Cevil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "http:evil.example",
        "/my/..\\..//evil.example",
    ],
)
def test_next_leads_to_no_other_site(browser: Open, wanted: str) -> None:
    reply = browser(None).client
    here = Browser(reply)
    token = here.token("/sign-in")
    sent = {"csrf_token": token, "email": "ana@home.example", "password": PASSPHRASE}
    answered = reply.post("/sign-in", query_string={"next": wanted}, data=sent)
    assert answered.status_code == 303
    assert re.fullmatch(r"/(?![/\\])[^\\\s]*", answered.location), answered.location
    assert "evil" not in answered.location or answered.location.startswith("/%5C")


def test_a_form_without_its_token_is_refused(browser: Open) -> None:
    sent = {"email": "ana@home.example", "password": PASSPHRASE}
    assert browser(None).client.post("/sign-in", data=sent).status_code == 400
    for path in ("/reset", "/sign-out", "/reset/x", "/invitations/x"):
        assert browser(None).client.post(path, data=sent).status_code == 400
    assert browser("ana").client.post("/my/account", data={"zone": "UTC"}).status_code == 400


def test_a_form_from_another_site_is_refused(browser: Open) -> None:
    sent = {"email": "ana@home.example", "password": PASSPHRASE}
    for site, status in (("cross-site", 400), ("same-site", 400), ("same-origin", 303), ("none", 303)):
        reply = browser(None).post("/sign-in", sent, page="/sign-in", headers={"Sec-Fetch-Site": site})
        assert reply.status_code == status


def cookie_of(reply) -> str:  # type: ignore[no-untyped-def]
    (found,) = [value for value in reply.headers.getlist("Set-Cookie") if "=;" not in value]
    return str(found)


def test_the_cookie_is_out_of_reach_and_tells_nothing(browser: Open) -> None:
    reply = browser(None).post("/sign-in", {"email": "ana@home.example", "password": PASSPHRASE}, page="/sign-in")
    cookie = cookie_of(reply)
    assert re.match(r"id=", cookie)
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert not re.search(r"Domain|Expires|Max-Age", cookie)


def test_under_https_the_cookie_is_bound_to_the_host(databases: Callable[[str], str], wall: Wall, tmp_path) -> None:  # type: ignore[no-untyped-def]
    made = create_app(settings_for(databases("https"), tmp_path, base_url="https://portal.example"))
    with made.app_context():
        here = made.test_client()
        page = here.get("/sign-in", base_url="https://portal.example")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        sent = {"csrf_token": token[1], "email": "ana@home.example", "password": PASSPHRASE}
        head = {"Referer": "https://portal.example/sign-in"}
        cookie = cookie_of(here.post("/sign-in", base_url="https://portal.example", data=sent, headers=head))
        db.session.remove()
        db.engine.dispose()
    assert cookie.startswith("__Host-id=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "max-age" in page.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("name", "home", "minutes"), [("ana", "/my/", 10), ("ines", "/coach/", 30)])
def test_a_session_ends_when_nobody_uses_it(browser: Open, wall: Wall, name: str, home: str, minutes: int) -> None:
    here = browser(name)
    wall.forward(minutes=minutes)
    assert here.get(home).status_code == 200
    wall.forward(minutes=minutes, seconds=1)
    reply = here.get(home)
    assert (reply.status_code, reply.location.partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize(("name", "home"), [("ana", "/my/"), ("ines", "/coach/")])
def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    browser: Open, wall: Wall, name: str, home: str
) -> None:
    here = browser(name)
    for _ in range(80):
        wall.forward(minutes=9)
        assert here.get(home).status_code == 200
    wall.forward(seconds=1)
    assert here.get(home).status_code == 303


def test_looking_writes_that_one_was_here_once_a_minute_at_most(browser: Open, wall: Wall) -> None:
    here = browser("ana")
    begun = wall.now

    def seen() -> object:
        db.session.rollback()
        return db.session.scalar(select(WebSession.seen_at).where(WebSession.ended_at.is_(None)))

    wall.forward(seconds=59)
    here.get("/my/")
    assert seen() == begun
    wall.forward(seconds=1)
    here.get("/my/")
    assert seen() == wall.now


@pytest.mark.parametrize("path", ["/sign-out", "/exit"])
def test_leaving_ends_the_session_on_the_server_at_once(browser: Open, path: str) -> None:
    here = browser("ana")
    kept = here.client.get_cookie("id")
    assert kept is not None
    reply = here.post(path)
    assert reply.status_code == 303
    here.client.set_cookie("id", kept.value)  # somebody who copied the cookie before
    assert here.get("/my/").status_code == 303


def test_leaving_goes_to_a_neutral_site_without_a_token_and_for_anybody(browser: Open) -> None:
    for here in (browser("ana"), browser(None)):
        reply = here.client.post("/exit")
        assert (reply.status_code, reply.location) == (303, "https://www.wikipedia.org/")
        assert reply.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert reply.headers["Cache-Control"] == "no-store"


def test_signing_in_makes_a_new_session_and_ends_the_old_one(browser: Open, cast: Cast) -> None:
    here = browser("ana")
    kept = here.client.get_cookie("id")
    assert kept is not None
    accounts.sign_in("ana@home.example", PASSPHRASE, None)  # another device, which stays
    token = here.token("/help-now")
    here.client.post("/sign-in", data={"csrf_token": token, "email": "ben@home.example", "password": PASSPHRASE})
    db.session.rollback()
    still_open = select(WebSession.person_id).where(WebSession.ended_at.is_(None))
    assert sorted(map(str, db.session.scalars(still_open))) == sorted(
        str(viewer.person_id) for viewer in (cast.ana, cast.ben)
    )
    here.client.set_cookie("id", kept.value)
    assert here.get("/my/").status_code == 303


def test_the_database_holds_no_token_that_opens_a_session(app: Flask) -> None:
    token = accounts.sign_in("ana@home.example", PASSPHRASE, None)
    assert token
    assert len(token) * 6 >= 128
    row = db.session.scalars(select(WebSession)).one()
    assert token.encode() not in row.token_hash
    assert standing.standing_or_none(row.token_hash.hex()) is None


def test_a_pass_phrase_that_was_reset_meanwhile_opens_nothing(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check takes its time outside the transaction: what it found must hold inside."""
    verify = accounts._verify

    def slowly(hashed: str, passphrase: str) -> bool:
        is_right = verify(hashed, passphrase)
        person = db.session.scalars(select(Person).where(Person.id == cast.ana.person_id)).one()
        person.password_hash = accounts.hash_passphrase("other words altogether")
        db.session.commit()
        return is_right

    monkeypatch.setattr(accounts, "_verify", slowly)
    assert accounts.sign_in("ana@home.example", PASSPHRASE, None) is None


def test_signing_in_and_failing_go_on_record(app: Flask, cast: Cast) -> None:
    accounts.sign_in("ana@home.example", PASSPHRASE, None)
    accounts.sign_in("ana@home.example", "not the right words", None)
    accounts.sign_in("nobody@home.example", "not the right words", None)
    events = db.session.execute(
        select(AuditEvent.event, AuditEvent.actor_id).where(AuditEvent.event.like("sign_in:%"))
    ).all()
    assert sorted(map(str, events)) == sorted(
        str(row)
        for row in (
            ("sign_in:done", cast.ana.person_id),
            ("sign_in:refused", cast.ana.person_id),
            ("sign_in:refused", None),
        )
    )


def test_a_page_at_the_door_has_a_neutral_title(browser: Open) -> None:
    for path in ("/sign-in", "/reset", "/reset/x", "/invitations/x"):
        assert "<title>Portal</title>" in browser(None).get(path).text
