"""How often a pass phrase may be guessed, counted across processes in a real Redis of the test's own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.extensions import db
from tests.conftest import Browser, settings_for

GUESSES = 20
START_SECONDS = 10.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis on loopback that keeps nothing."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not installed: ./portal.sh test installs it"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as running:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
        running.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("Redis did not start")


@pytest.fixture
def other(app: Flask, redis: str, tmp_path: Path) -> Iterator[Callable[[], Browser]]:
    """Gives a browser at a further process of the same house, which counts in Redis."""
    made: list[Flask] = []

    def start() -> Browser:
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        made.append(create_app(settings_for(url, tmp_path, jobs_url=redis)))
        return Browser(made[-1].test_client())

    yield start
    for one in made:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def guess(browser: Browser) -> int:
    data: dict[str, object] = {"old": "not the one", "new": "seven lamps on a river"}
    status: int = browser.post("/my/account/passphrase", data, page="/my/account").status_code
    return status


def test_guesses_are_counted_across_processes_and_by_browser_session(
    browser: Callable[[str], Browser], other: Callable[[], Browser]
) -> None:
    cookie = browser("ana").client.get_cookie("id")
    assert cookie
    one, two = other(), other()
    for process in (one, two):
        process.client.set_cookie("id", cookie.value)
    assert [guess((one, two)[place % 2]) for place in range(GUESSES)] == [422] * GUESSES
    assert [guess(one), guess(two)] == [429, 429]
    assert guess(other().sign_in("ana@home.example")) == 422
    assert guess(browser("ana")) == 422, "the app of the test counts in its own memory"
