"""Limits by address: what is counted, whose address it is behind proxies, and whom it spares."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import create_app
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.doors import ResetRequest
from portal.web.limits import address_prefix
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser, Wall, settings_for
from tests.pages import still

Open = Callable[[str | None], Browser]
HOME, OFFICE = "198.51.100.7", "203.0.113.9"


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_two_hundred_failures_with_forged_headers_reach_the_limit(
    databases: Callable[[str], str], wall: Wall, tmp_path: Path, proxies: int
) -> None:
    """Whoever asks may write what they like in front; only what our own proxies added counts."""
    app = create_app(settings_for(databases(f"limits{proxies}"), tmp_path, proxies=proxies))
    with app.app_context():
        here = Browser(app.test_client())
        token = here.token("/sign-in")

        def fail(number: int, seen_by_proxy: str) -> int:
            added = [seen_by_proxy, "10.0.0.1"][:proxies]
            forged = ", ".join([f"192.0.2.{number % 250}", *added])
            typed = {"csrf_token": token, "email": f"nobody{number}@home.example", "password": "not these words"}
            peer = {"REMOTE_ADDR": "10.0.0.2" if proxies else seen_by_proxy}
            head = {"X-Forwarded-For": forged}
            return here.client.post("/sign-in", data=typed, headers=head, environ_overrides=peer).status_code

        assert [fail(number, HOME) for number in range(200)] == [422] * 100 + [429] * 100
        assert fail(300, OFFICE) == 422
        db.session.remove()
        db.engine.dispose()


def test_the_limit_spares_a_browser_that_somebody_was_signed_in_on_before(browser: Open) -> None:
    phone, here = browser("ana"), browser(None)
    phone.post("/sign-out")
    token = here.token("/sign-in")
    for number in range(101):
        typed = {"csrf_token": token, "email": f"nobody{number}@home.example", "password": "not these words"}
        last = here.client.post("/sign-in", data=typed)
    assert last.status_code == 429
    assert "Retry-After" in last.headers
    ana = {"email": address_of("ana"), "password": PASSPHRASE}
    assert browser(None).post("/sign-in", ana, page="/sign-in").status_code == 429
    assert phone.post("/sign-in", ana, page="/sign-in").status_code == 303


def on_record() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def asked(here: Browser, path: str, address: str = HOME) -> int:
    """Ask, as many as fifty times; gives how many were heard."""
    sent = {"csrf_token": here.token("/reset"), "email": "zoe@home.example"}
    peer = {"REMOTE_ADDR": address}
    replies = [here.client.post(path, data=sent, environ_overrides=peer) for _ in range(50)]
    assert {reply.status_code for reply in replies} <= {200, 429}
    return sum(reply.status_code == 200 for reply in replies)


@pytest.mark.parametrize("path", ["/reset", "/reset/unknown/again", "/invitations/unknown/again"])
def test_asking_is_bounded_by_address_and_fills_no_record(browser: Open, path: str) -> None:
    before = on_record()
    assert asked(browser(None), path) == 30
    assert asked(browser(None), "/reset") == 0  # nor at any other door of this kind
    assert db.session.scalar(select(func.count()).select_from(ResetRequest)) == (0 if "invitations" in path else 30)
    assert asked(browser(None), path, OFFICE) == 30
    assert on_record() == before


def test_asking_is_bounded_alike_for_known_and_unknown(browser: Open) -> None:
    here = browser(None)
    asked(here, "/reset", "127.0.0.1")
    names = (address_of("ana"), address_of("gil"), "zoe@home.example")
    replies = [still(here.post("/reset", {"email": name}, page="/reset"), name) for name in names]
    assert [status for status, _, _ in replies] == [429] * 3
    assert replies[0] == replies[1] == replies[2]


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_a_household_is_one_address_of_version_4_and_one_prefix_of_version_6(
    browser: Open, address: str, prefix: str
) -> None:
    app = browser(None).client.application
    with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
        assert address_prefix() == prefix
