"""How often a pass phrase may be guessed, counted across processes in a real Redis of the test's own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest
from flask import Flask
from limits import parse
from structlog.testing import capture_logs

from portal import counting, create_app
from portal.extensions import db
from tests.conftest import Browser, settings_for

GUESSES = 20
START_SECONDS = 10.0
LONGEST = 10.0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of a Redis on loopback that keeps nothing, and its process."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not installed: ./portal.sh test installs it"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as running:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0", running
        running.kill()


@pytest.fixture
def redis(served: tuple[str, "subprocess.Popen[bytes]"]) -> str:
    """The address of that Redis."""
    return served[0]


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


@pytest.mark.parametrize("signal", [SIGKILL, SIGSTOP], ids=["gone", "silent"])
def test_a_door_opens_while_redis_is_away_and_counts_in_the_process(
    app: Flask, other: Callable[[], Browser], served: tuple[str, "subprocess.Popen[bytes]"], signal: int
) -> None:
    here = other()
    here.sign_in("ana@home.example")
    served[1].send_signal(signal)
    begun = time.monotonic()
    with capture_logs() as lines:
        told = [guess(here) for _ in range(GUESSES + 1)]
        entered = other().sign_in("ben@home.example").get("/nothing/at/all").status_code
    assert told == [422] * GUESSES + [429]
    assert entered == 404
    assert time.monotonic() - begun < LONGEST
    assert 1 <= len([line for line in lines if line["event"] == "counting in the process"]) <= 2  # once a process


def test_redis_counts_again_once_it_is_back(
    other: Callable[[], Browser],
    served: tuple[str, "subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "TRY_AGAIN_SECONDS", 0.0)
    limit, counts = parse("1 per 10 minutes"), counting.Counts(served[0])
    served[1].send_signal(SIGSTOP)
    counts.count(limit, "here")
    assert not counts.has_room(limit, "here")
    served[1].send_signal(SIGCONT)
    assert counts.has_room(limit, "there")
    counts.count(limit, "there")
    assert not counting.Counts(served[0]).has_room(limit, "there")


def test_a_house_starts_while_redis_is_away() -> None:
    limit, counts = parse("1 per 10 minutes"), counting.Counts("redis://127.0.0.1:1/0")
    counts.count(limit, "here")
    assert not counts.has_room(limit, "here")
