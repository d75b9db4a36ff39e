"""Fifty people sign in at one moment, on a real server with pass phrases at their real cost: all of them get in."""

import base64
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import update

from portal.extensions import db
from portal.models.users import Person
from tests.architecture.house import ROOT
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import TOKEN

AT_ONCE = 50
MOST_MIB = 512
SECRET = "a secret of the tests of 32 characters"
COOKIE = re.compile(r"\bid=[^; ]+")


def ask(port: int, method: str, path: str, cookie: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        head = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(data) if data else None, head)
        reply = connection.getresponse()
        found = COOKIE.search(" ".join(reply.headers.get_all("Set-Cookie") or ()))
        return reply.status, reply.read().decode(), found[0] if found else cookie
    finally:
        connection.close()


@contextmanager
def served(url: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Two workers of 25 threads each; gives port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "PORTAL_SECRET_KEY": SECRET,
        "PORTAL_VAULT_KEYS": "1:" + base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "PORTAL_DATABASE_URL": url,
        "PORTAL_TEST_INSTANCE": str(folder),
    }
    command = [sys.executable, "-m", "gunicorn", "tests.reliability.served:app", "--bind", f"127.0.0.1:{port}"]
    more = ["--workers", "2", "--worker-class", "gthread", "--threads", "25", "--no-control-socket"]
    process = subprocess.Popen([*command, *more, "--log-level", "error"], cwd=ROOT, env=environ)
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            assert ask(port, "GET", "/healthz", "")[0] == 200
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")


def resident(pid: int) -> float:
    """MiB of the server and its workers; a page that they share counts once (Pss of the kernel)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in (str(pid), *children)]
    return sum(int(re.findall(r"^Pss:\s+(\d+)", page, re.MULTILINE)[0]) for page in pages) / 1024


def test_fifty_at_once_get_in_and_the_server_stays_small(
    app: Flask, cast: Cast, databases: Callable[[str], str], tmp_path: Path
) -> None:
    real = PasswordHasher().hash(PASSPHRASE)  # as dear as it is in production
    db.session.execute(update(Person).where(Person.id == cast.ana.person_id).values(password_hash=real))
    db.session.commit()
    url = db.engine.url.render_as_string(hide_password=False)
    db.session.remove()
    peaks, over = [0.0], Event()

    with served(url, tmp_path) as (port, pid), ThreadPoolExecutor(AT_ONCE) as pool:

        def watch() -> None:
            while not over.wait(0.1):
                peaks.append(resident(pid))

        def sign_in(_number: int) -> int:
            _, page, cookie = ask(port, "GET", "/sign-in", "")
            token = TOKEN.search(page)
            assert token
            typed = {"csrf_token": token[1], "email": address_of("ana"), "password": PASSPHRASE}
            return ask(port, "POST", "/sign-in", cookie, typed)[0]

        watching = Thread(target=watch)
        watching.start()
        got = Counter(pool.map(sign_in, range(AT_ONCE)))
        over.set()
        watching.join()
    assert got == {303: AT_ONCE}
    assert max(peaks) < MOST_MIB
    print(f"at most {max(peaks):.0f} MiB")
