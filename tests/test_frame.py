"""The frame: an app is made of its settings alone, two live side by side, and HTTPS hardens what a browser keeps."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from portal import HOUSE, create_app
from portal.services import programme
from tests.cast import Cast, address_of
from tests.conftest import Browser, settings_for

HTTPS = "https://portal.example"


def test_the_cast_is_gathered_with_a_programme(cast: Cast) -> None:
    people = {"ines", "omar", "sol", "mira", "noor", "ana", "ben", "gil", "hana", "cleo", "dov", "eva", "finn"}
    assert set(cast.viewers) == people
    assert len(programme.library(cast.ines)) == 26


def test_who_signs_in_comes_to_their_own_pages(browser: Callable[[str], Browser]) -> None:
    assert browser("ana").get("/").headers["Location"] == "/my/"
    assert browser("ines").get("/").headers["Location"] == "/coach/"


def test_two_apps_in_one_process_do_not_know_each_other(
    app: Flask, databases: Callable[[str], str], tmp_path: Path
) -> None:
    other = create_app(settings_for(databases("other"), tmp_path / "other", site_name="Harbour"))
    there = Browser(other.test_client()).sign_in(address_of("ana"))
    assert "Harbour" in there.get("/my/").text
    cookie = there.client.get_cookie("id")
    assert cookie
    here = app.test_client()
    here.set_cookie("id", cookie.value)
    assert here.get("/my/").status_code == 303


def test_under_https_cookies_are_bound_to_the_host_and_plain_http_is_left_for_good(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    safe = create_app(settings_for(databases("safe"), tmp_path, base_url=HTTPS))
    reply = safe.test_client().get("/sign-in", base_url=HTTPS)
    cookies = reply.headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["__Host-browser", "__Host-id"]
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert reply.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_body_that_is_too_large_is_refused(app: Flask) -> None:
    assert app.test_client().post("/exit", data=b"x" * (1024 * 1024 + 1)).status_code == 303  # leaving reads no body
    reply = app.test_client().post("/sign-in", data={"email": "x" * (1024 * 1024)})
    assert reply.status_code == 413


def test_a_server_loads_nothing_that_only_commands_and_papers_need() -> None:
    asked = (
        "import sys, portal.jobs.worker; print(*sorted({'alembic', 'mako', 'weasyprint', 'pydyf'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert loaded.stdout == "\n"
