"""What holds for every request: its host, verb and size, the headers of its reply, and the pages of what went wrong."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy import text
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from portal import HOUSE, MAX_REQUEST_BYTES, clock, create_app
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.extensions import db
from portal.output.render import NotRendered
from portal.services.transactions import DatabaseBusy
from portal.services.vault import Erased
from tests.conftest import START, Browser, settings_for
from tests.web.route_table import TABLE
from tests.web.test_routes import path_of
from tests.web.world import World

HTTPS = "https://portal.example"
WRITTEN = "I count the days until he is away"
NUMBER = re.compile(r'<span class="number">([0-9A-Z]{5}-[0-9A-Z]{5})</span>')
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
IN_OUR_FRAME = "/coach/questionnaires/drafts/<uuid:draft_id>/preview/phone"
POLICY = ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action ")
STATIC = sorted(path for path in (HOUSE / "portal" / "static").rglob("*") if path.is_file())
ODD_VERBS = ("TRACE", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH", "BREW", "X" * 200)
NO_HOSTS_OF_OURS = (
    "evil.example",
    "evil.example:443",
    "portal.example.evil.example",
    "evilportal.example",
    "evil.example#portal.example",
    "portal.example@evil.example",
    "portal.example, evil.example",
    "127.0.0.1.evil.example",
    "[::2]",
    "10.0.0.1",
    "0.0.0.0",  # noqa: S104 - what somebody may claim, not what is listened at
    "",
)


def _raise(kind: type[Exception], *said: str) -> Callable[[], object]:
    def now() -> None:
        raise kind(*said)

    return now


def _ask_for_what_is_not_there() -> object:
    return db.session.execute(text("SELECT * FROM nowhere WHERE words = :words"), {"words": WRITTEN})


def _break_while_mending() -> None:
    try:
        int(WRITTEN)
    except ValueError as error:
        raise RuntimeError(WRITTEN) from error


BROKEN: dict[str, Callable[[], object]] = {
    "invalid-400": _raise(Invalid, "something"),
    "absent-404": _raise(NotFound),
    "erased-404": _raise(Erased),
    "conflict-409": _raise(Conflict, "something"),
    "refused-409": _raise(NotAllowed, "something"),
    "large-413": lambda: abort(413),
    "often-429": lambda: abort(429),
    "teapot-418": lambda: abort(418),
    "error-500": _raise(ValueError, WRITTEN),
    "twice-500": _break_while_mending,
    "database-500": _ask_for_what_is_not_there,
    "busy-503": _raise(DatabaseBusy, WRITTEN),
    "paper-503": _raise(NotRendered, WRITTEN),
}


def check_headers(reply: TestResponse, *, is_kept: bool = False, is_framed: bool = False) -> None:
    """What every reply has; `is_kept` for the files that are the same for everybody, `is_framed` in our own frame."""
    framed = {"X-Frame-Options": "SAMEORIGIN"} if is_framed else {}
    assert {name: reply.headers.get(name) for name in EVERYWHERE} == EVERYWHERE | framed
    policy = reply.headers["Content-Security-Policy"]
    if is_framed:
        assert "frame-ancestors 'self'" in policy
        policy = policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    assert "unsafe" not in policy
    assert [part for part in POLICY if part not in policy] == []
    assert is_kept or reply.headers["Cache-Control"] == "no-store"
    assert "charset=utf-8" in reply.content_type or not reply.content_type.startswith("text/")
    assert not {"X-Request-Id", "X-Powered-By", "Access-Control-Allow-Origin"} & set(reply.headers.keys())


@pytest.fixture(scope="module")
def world(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world behind HTTPS, with an address for each thing that can go wrong."""
    with clock.reading(lambda: START):
        app = create_app(settings_for(databases("requests"), tmp_path_factory.mktemp("requests"), base_url=HTTPS))
        for name, broken in BROKEN.items():
            app.add_url_rule(f"/broken/{name}", name, broken)
        yield World(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def ask(world: World, method: str, path: str, role: str = "nobody", **how: Any) -> TestResponse:
    browser = world.browser(role)
    browser.get("/healthz")  # lets go of what the last request kept
    return browser.client.open(path, method=method, **how)


@pytest.mark.parametrize("role", ["nobody", "ines", "ana"])
def test_every_reply_of_every_address_has_its_headers(world: World, role: str) -> None:
    seen = set()
    for entry in TABLE:
        for method in ("GET", "HEAD", "POST", "OPTIONS", "TRACE"):
            if entry.rule.endswith(".pdf") and method in ("GET", "HEAD") and role == "ines":
                continue  # a paper takes its time; its headers are looked at below
            reply = ask(world, method, path_of(entry, world.ids), role)
            is_framed = entry.rule == IN_OUR_FRAME and reply.status_code == 200 and method in ("GET", "HEAD")
            check_headers(reply, is_framed=is_framed)
            assert reply.status_code < 500
            seen.add(reply.status_code)
    assert seen >= {200, 303, 400, 405}


def test_a_paper_has_its_headers(world: World) -> None:
    reply = ask(world, "GET", f"/coach/sessions/{world.ids['session_id']}/brief.pdf", "ines")
    assert reply.mimetype == "application/pdf"
    check_headers(reply)


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_every_file_that_is_the_same_for_everybody_has_its_headers(world: World, path: Path) -> None:
    reply = ask(world, "GET", f"/static/{path.relative_to(HOUSE / 'portal' / 'static')}", "ana")
    assert reply.status_code == 200
    check_headers(reply, is_kept=True)
    assert not reply.headers.getlist("Set-Cookie")


def test_a_file_that_is_cut_for_this_house_has_its_headers_too(world: World) -> None:
    folder = world.app.extensions["portal.settings"].instance / "cache" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source-sans-3.woff2").write_bytes(b"wOF2")
    reply = ask(world, "GET", "/static/fonts/source-sans-3.woff2")
    assert (reply.status_code, reply.mimetype) == (200, "font/woff2")
    check_headers(reply, is_kept=True)


@pytest.mark.parametrize(
    "path", ["../portal.db", "%2e%2e/settings.py", "..%2f..%2fapp.py", "fonts/", "", "fonts/../../settings.py"]
)
def test_no_way_leads_out_of_the_folder_of_files_or_lists_it(world: World, path: str) -> None:
    reply = ask(world, "GET", f"/static/{path}")
    assert reply.status_code == 404
    check_headers(reply)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("role", ["nobody", "ana"])
def test_what_goes_wrong_is_said_kindly_with_a_number_and_nothing_else(world: World, name: str, role: str) -> None:
    status = int(name[-3:])
    with capture_logs() as lines:
        reply = ask(world, "GET", f"/broken/{name}", role)
        again = ask(world, "GET", f"/broken/{name}", role)
    assert reply.status_code == status
    check_headers(reply)
    page = reply.text
    [number] = NUMBER.findall(page)
    assert number not in again.text
    assert NUMBER.sub("", page) == NUMBER.sub("", again.text)
    assert re.search(r"<h1>[A-Z][^<]{8,}</h1>", page)
    assert 'href="/"' in page
    assert [line["request"] for line in lines if line["endpoint"] == name] == [number, *NUMBER.findall(again.text)]
    for quoted in (WRITTEN, "Traceback", "ValueError", "SELECT"):
        assert quoted not in page


def test_the_log_says_what_broke_and_where_and_quotes_nothing(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines:
        ask(world, "GET", "/broken/twice-500", "ana")
    [line] = lines
    assert line["kinds"] == ["RuntimeError", "ValueError"]
    assert line["where"][-1].startswith(f"{__file__}:")
    assert line["where"][-1].endswith(" _break_while_mending")
    told = {"Referer": f"{HTTPS}/{WRITTEN}", "User-Agent": WRITTEN}
    for name in BROKEN:
        ask(world, "GET", f"/broken/{name}?words={WRITTEN}", "ana", headers=told)
    said = capsys.readouterr()
    assert "broke" in said.out
    for quoted in (WRITTEN, "I+count", "ana@", "Ana"):
        assert quoted not in said.out + said.err + caplog.text


@pytest.mark.parametrize("verb", ODD_VERBS)
@pytest.mark.parametrize("path", ["/sign-in", "/exit", "/healthz", "/my/", "/coach/couples/", "/static/portal.css"])
def test_a_verb_that_an_address_does_not_know_gets_a_page_that_names_those_it_knows(
    world: World, path: str, verb: str
) -> None:
    known = {method for rule in world.app.url_map.iter_rules() if rule.rule == path for method in rule.methods or ()}
    known = known or {"GET", "HEAD", "OPTIONS"}  # files
    for role in ("nobody", "ines", "ana"):
        reply = ask(world, verb, path, role)
        assert reply.status_code == 405
        assert set(reply.headers["Allow"].split(", ")) == known
        assert NUMBER.search(reply.text)
        check_headers(reply)


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_and_no_field_makes_one_verb_another(world: World, header: str) -> None:
    ana = world.browser("ana")
    assert ask(world, "GET", "/sign-out?_method=POST", "ana", headers={header: "POST"}).status_code == 405
    assert ask(world, "PROPFIND", "/sign-in", headers={header: "GET"}).status_code == 405
    assert ask(world, "POST", "/my/account", "ana", headers={header: "GET"}, data={"_method": "GET"}).status_code == 400
    assert ana.get("/my/").status_code == 200


@pytest.mark.parametrize("host", NO_HOSTS_OF_OURS)
def test_a_request_for_another_house_is_refused_at_every_door(world: World, host: str) -> None:
    fresh = Browser(create_app(world.app.extensions["portal.settings"]).test_client())  # with no page compiled yet
    for path in ("/sign-in", "/my", "/healthz", "/static/portal.css", "/nothing"):
        reply = fresh.get(path, headers={"Host": host})
        assert reply.status_code == 400
        assert "evil" not in f"{reply.text}{reply.headers}"
        check_headers(reply)


@pytest.mark.parametrize("host", ["portal.example", "PORTAL.example:443", "127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_a_request_for_this_house_or_from_its_own_machine_is_answered(world: World, host: str) -> None:
    assert ask(world, "GET", "/healthz", headers={"Host": host}).text == "ok\n"


def test_what_a_proxy_may_say_is_not_believed_without_one(world: World) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-Prefix": "/evil"}
    reply = ask(world, "GET", "/my", headers=forged)
    assert "evil" not in f"{reply.text}{reply.headers}"
    assert reply.headers["Location"].startswith(("/", "http://localhost/my/"))


@pytest.mark.parametrize("size", [1, 2 * MAX_REQUEST_BYTES])
def test_a_body_without_a_length_is_not_read(world: World, size: int) -> None:
    stream = io.BytesIO(b"email=" + b"x" * size)
    reply = ask(
        world,
        "POST",
        "/exit",
        input_stream=stream,
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert (reply.status_code, stream.tell()) == (411, 0)
    check_headers(reply)


def test_a_body_of_countless_parts_is_refused(world: World) -> None:
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % number for number in range(1_001)
    )
    reply = ask(
        world,
        "POST",
        "/sign-in",
        data=parts + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert reply.status_code == 413
    check_headers(reply)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "evil", ""])
@pytest.mark.parametrize("path", ["/sign-in", "/my/account", "/coach/account", "/sign-out", "/exit"])
def test_no_other_site_posts_here(world: World, path: str, site: str) -> None:
    for role in ("nobody", "ines", "ana"):
        assert ask(world, "POST", path, role, headers={"Sec-Fetch-Site": site}).status_code == 400
    assert world.browser("ana").get("/my/").status_code == 200


def test_health_says_one_word_to_everybody(world: World) -> None:
    words = {
        (path, ask(world, "GET", path, role, headers=asked).text)
        for path in ("/healthz", "/readyz")
        for role in ("nobody", "ines", "ana")
        for asked in ({}, {"Accept": "application/json"}, {"Authorization": "Bearer x"})
    }
    assert words == {("/healthz", "ok\n"), ("/readyz", "ready\n")}


def test_the_app_runs_without_a_debugger(world: World) -> None:
    app: Flask = world.app
    assert not app.debug
    assert not app.testing
    assert app.config["PROPAGATE_EXCEPTIONS"] is None
