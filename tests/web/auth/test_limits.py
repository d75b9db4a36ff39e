"""Limits by address: what is counted, whose address it is behind proxies, and whom it spares."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal import create_app
from portal.extensions import db
from portal.web.limits import address_prefix
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser, Wall, settings_for

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
