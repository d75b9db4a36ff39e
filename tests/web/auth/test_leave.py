"""Leaving: at once, without a token, and for good."""

from collections.abc import Callable

from flask import Flask

from tests.conftest import Browser, Wall

Open = Callable[[str | None], Browser]
NEUTRAL = "https://www.wikipedia.org/"


def cookie_of(browser: Browser) -> str:
    found = browser.client.get_cookie("id")
    assert found is not None
    return found.value


def leave(browser: Browser):  # type: ignore[no-untyped-def]
    """Post as a page would whose token has gone stale: with none."""
    browser.get("/healthz")
    return browser.client.post("/exit")


def test_leaving_needs_no_token_and_goes_to_the_neutral_site(browser: Open) -> None:
    reply = leave(browser("ana"))
    assert (reply.status_code, reply.location) == (303, NEUTRAL)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_session_is_dead_on_the_server_too(browser: Open, app: Flask) -> None:
    ana = browser("ana")
    before = cookie_of(ana)
    leave(ana)
    assert ana.get("/my/").status_code == 303
    client = app.test_client()
    client.set_cookie("id", before)
    assert Browser(client).get("/").location == "/sign-in"


def test_other_devices_and_other_people_stay(browser: Open) -> None:
    phone, laptop, ben = browser("ana"), browser("ana"), browser("ben")
    leave(phone)
    assert [somebody.get("/").location for somebody in (laptop, ben)] == ["/my/", "/my/"]


def test_leaving_works_for_nobody_and_for_a_session_that_has_ended(browser: Open, wall: Wall) -> None:
    ana = browser("ana")
    wall.forward(hours=13)
    for somebody in (browser(None), ana, ana):
        assert leave(somebody).location == NEUTRAL


def test_a_look_leaves_nobody(browser: Open) -> None:
    ana = browser("ana")
    assert ana.get("/exit").status_code in (404, 405)
    assert ana.get("/sign-out").status_code in (404, 405)
    assert ana.get("/").location == "/my/"


def test_another_site_cannot_make_somebody_leave(browser: Open) -> None:
    ana = browser("ana")
    assert ana.client.post("/exit", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    assert ana.get("/").location == "/my/"


def test_leave_stands_at_the_top_of_every_page_of_a_partner(browser: Open) -> None:
    ana = browser("ana")
    for path in ("/my/", "/my/shared", "/my/account", "/my/export", "/help-now"):
        page = ana.get(path).text
        assert page.index('action="/exit"') < page.index("<h1"), path


def test_the_browser_may_post_to_the_neutral_site(browser: Open) -> None:
    policy = browser("ana").get("/my/").headers["Content-Security-Policy"]
    assert "form-action 'self' https://www.wikipedia.org" in policy
