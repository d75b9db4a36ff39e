"""Acknowledged is kept: a real server is killed while three people write, and no answer that it took is lost."""

import base64
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.domain.assignments import For
from portal.extensions import db
from portal.models.assignments import Task
from portal.services import assignments, programme, responses
from portal.services.assignments import NewAssignment
from tests.architecture.house import ROOT
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import TOKEN

WRITERS = {"ana": "ines", "ben": "ines", "eva": "sol"}
MOST_IN_A_LIFE = 12  # answers that are acknowledged before the next kill
SLOWEST = 30.0  # seconds in which a life must come to its end
COOKIE = re.compile(r"\bid=[^; ]+")


class Writer:
    """Somebody whose browser saves a text of 2 kB again and again, and remembers what the server said that it took."""

    def __init__(self, name: str, task_id: UUID, port: int) -> None:
        self.name, self.task_id, self.port = name, task_id, port
        self.cookie = self.token = ""
        self.version = self.tried = 0
        self.taken = self.last = ""
        self.acknowledged = 0

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request(method, path, urlencode({"csrf_token": self.token, **data}) if data else None, headers)
            reply = connection.getresponse()
            text = reply.read().decode()
            found = COOKIE.search(" ".join(reply.headers.get_all("Set-Cookie") or ()))
            self.cookie = found[0] if found else self.cookie
            return reply.status, text
        finally:
            connection.close()

    def sign_in(self) -> None:
        self.token = self._token("/sign-in")
        status, _ = self.ask("POST", "/sign-in", {"email": address_of(self.name), "password": PASSPHRASE})
        assert status == 303
        self.token = self._token("/help-now")

    def _token(self, path: str) -> str:
        found = TOKEN.search(self.ask("GET", path)[1])
        assert found
        return found[1]

    def write_until(self, over: threading.Event) -> None:
        while not over.is_set():
            self.tried += 1
            self.last = f"{self.tried} " + "so we sat down " * 130
            data = {"version": str(self.version), "understood": self.last}
            try:
                status, text = self.ask("POST", f"/my/tasks/{self.task_id}/draft", data)
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                self.version, self.taken = json.loads(text)["version"], self.last
                self.acknowledged += 1

    def check(self, cast: Cast) -> None:
        """What stands in the database is the last that was acknowledged, or the one that was on its way."""
        kept = responses.open_for(cast.viewers[self.name], self.task_id)
        assert kept.version >= self.version
        text = kept.typed.raw.get("understood", "")
        assert text.strip() in (self.taken.strip(), self.last.strip())
        self.version, self.taken = kept.version, text


@contextmanager
def server(app: Flask, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Gunicorn with two workers on the test's database; its children are killed by the test, it starts others."""
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    environment = {
        "PATH": os.environ["PATH"],
        "PORTAL_SECRET_KEY": "a secret of the tests of 32 characters",
        "PORTAL_VAULT_KEYS": f"1:{key}",
        "PORTAL_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "PORTAL_KEYS_URL": app.extensions["portal.settings"].key_store_url,
        "PORTAL_TEST_INSTANCE": str(folder),
    }
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--threads", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", str(folder), "--log-level", "critical"]
    with subprocess.Popen([*command, "tests.reliability.served:app"], cwd=ROOT, env=environment) as running:
        try:
            _wait_for(port)
            yield running
        finally:
            for child in _children(running.pid):
                os.kill(child, signal.SIGKILL)
            running.kill()


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError("the server did not come up")


def task_for(cast: Cast, name: str) -> UUID:
    coach = cast.viewers[WRITERS[name]]
    couple_id = cast.couples["eva" if name == "eva" else "ana"]
    entry = next(entry for entry in programme.library(coach) if entry.slug == "one-holds-the-floor")
    mine = select(Task.id).where(Task.person_id == cast.viewers[name].person_id)
    if db.session.scalar(mine) is None:
        day = clock.now().date().replace(day=28)
        assignments.assign(coach, couple_id, NewAssignment(entry.id, For.BOTH, day, "", "", False, None))
    return db.session.scalars(mine).one()


def one_life(writers: list[Writer], parent: int, drawn: Random) -> None:
    """Let everybody write, and after some acknowledged answers kill whatever answers, all of it at once."""
    over = threading.Event()
    threads = [threading.Thread(target=writer.write_until, args=(over,)) for writer in writers]
    wanted = sum(writer.acknowledged for writer in writers) + drawn.randint(1, MOST_IN_A_LIFE)
    end = time.monotonic() + SLOWEST
    for thread in threads:
        thread.start()
    while sum(writer.acknowledged for writer in writers) < wanted and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(drawn.uniform(0, 0.03))  # somewhere in the midst of the next ones
    for child in _children(parent):
        os.kill(child, signal.SIGKILL)
    over.set()
    for thread in threads:
        thread.join()


def test_no_answer_is_lost_that_was_acknowledged(
    app: Flask, cast: Cast, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the cluster of the tests is told not to wait for its disk")
    port = _free_port()
    writers = [Writer(name, task_for(cast, name), port) for name in WRITERS]
    db.session.remove()
    lives = Random(2026)  # noqa: S311 - when the server dies
    with server(app, port, tmp_path) as running:
        for writer in writers:
            writer.sign_in()
        for _ in range(request.config.getoption("--kills")):
            one_life(writers, running.pid, lives)
            _wait_for(port)
            for writer in writers:
                writer.check(cast)
            db.session.remove()
    assert sum(writer.acknowledged for writer in writers) >= request.config.getoption("--kills")
    check_file(app)


def check_file(app: Flask) -> None:
    path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
