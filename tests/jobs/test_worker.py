"""The embedded worker: one leader among all processes of a machine, and nobody leads where nothing is served."""

import base64
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from threading import Event
from threading import enumerate as all_threads

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from portal import clock
from portal.extensions import db
from portal.jobs.press import Press
from portal.jobs.worker import Worker
from portal.models.rendered_briefs import RenderedBrief
from portal.output.mail import Mailer
from portal.output.render import Rendered
from portal.services import resets
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_for

HOUSE = Path(__file__).parents[2]
INVITED = 8  # the mails of the gathered cast, which wait when a test begins
HOLDER = (
    "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); time.sleep(60)"
)


def until(is_so: Callable[[], object], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(is_so())


@pytest.fixture
def worker(app: Flask, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(app.app_context, Mailer("file:", tmp_path / "mail", "Portal", "x.example"), "/my/", tmp_path / "lock")
    made.every = 0.05
    yield made
    made.stop()


def mails(folder: Path) -> int:
    return len(list((folder / "mail").glob("*.eml")))


def test_a_mail_that_is_asked_for_goes_by_itself(app: Flask, cast: Cast, worker: Worker, tmp_path: Path) -> None:
    thread = worker.start()
    assert until(lambda: mails(tmp_path) == INVITED)
    resets.ask_for_reset("ana@home.example", "/reset/{token}")
    assert until(lambda: mails(tmp_path) == INVITED + 1)
    worker.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_papers_are_set_beside_the_mails_and_no_mail_waits_for_one(
    app: Flask, cast: Cast, worker: Worker, tmp_path: Path
) -> None:
    goes_on = Event()

    def set_slowly(html: str) -> Rendered:
        goes_on.wait(30)
        return Rendered(html.encode(), fallback=False)

    def is_kept() -> bool:
        db.session.remove()
        return bool(db.session.scalars(select(RenderedBrief).where(RenderedBrief.content.is_not(None))).first())

    factories.session(cast.couples["gil"], clock.now() + timedelta(days=1))
    db.session.remove()
    worker.press = Press("Portal", set_slowly)
    worker.start()
    assert until(lambda: mails(tmp_path) == INVITED)
    assert not is_kept()
    goes_on.set()
    assert until(is_kept)


def test_only_the_holder_of_the_lock_works_and_another_follows_when_it_dies(
    app: Flask, worker: Worker, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        thread = worker.start()
        assert not until(lambda: mails(tmp_path), seconds=0.5)
        holder.kill()
    assert until(lambda: mails(tmp_path))
    worker.stop()
    thread.join(5)


def test_a_stumble_is_logged_without_its_words_and_the_worker_goes_on(tmp_path: Path) -> None:
    stumbled = []

    def fail() -> None:
        stumbled.append(1)
        raise ValueError("what Ana wrote")

    worker = Worker(
        lambda: fail() or nullcontext(), Mailer("file:", tmp_path, "P", "x"), "/my/", tmp_path / "lock", 0.02
    )
    with capture_logs() as logs:
        thread = worker.start()
        assert until(lambda: len(stumbled) > 2)
        worker.stop()
        thread.join(5)
    assert {tuple(sorted(entry.items())) for entry in logs} == {
        (("event", "worker stumbled"), ("kind", "ValueError"), ("log_level", "error"))
    }


def test_a_folder_that_is_closed_stops_nothing(tmp_path: Path) -> None:
    worker = Worker(nullcontext, Mailer("file:", tmp_path, "P", "x"), "/my/", tmp_path / "no" / "lock", 0.02)
    thread = worker.start()
    time.sleep(0.1)
    assert thread.is_alive()
    worker.stop()
    thread.join(5)


def test_no_worker_runs_in_a_test_or_a_command(app: Flask) -> None:
    app.test_client().get("/healthz")
    assert "worker" not in {thread.name for thread in all_threads()}


@pytest.fixture
def served(databases: Callable[[str], str], tmp_path: Path) -> Iterator[Path]:
    """The house as it is served, with two processes, on a folder of its own; gives that folder."""
    for name in ("app.py", "gunicorn.conf.py"):
        shutil.copyfile(HOUSE / name, tmp_path / name)
    given = settings_for(databases("served"), tmp_path)
    environment = os.environ | {
        "PYTHONPATH": str(HOUSE),
        "PORTAL_SECRET_KEY": given.secret_key,
        "PORTAL_VAULT_KEYS": "1:" + base64.urlsafe_b64encode(given.vault_keys[1]).decode(),
        "PORTAL_DATABASE_URL": given.database_url,
        "PORTAL_KEYS_URL": given.key_store_url,
    }
    command = [sys.executable, "-m", "gunicorn", "app:app", "--bind", "127.0.0.1:0", "--workers", "2"]
    with subprocess.Popen([*command, "--no-control-socket"], cwd=tmp_path, env=environment) as process:
        yield tmp_path / "instance"
        process.send_signal(signal.SIGTERM)


def holders(lock: Path) -> list[int]:
    """The processes that hold a lock, as the system's own list says."""
    if not lock.exists():
        return []
    ending = f":{lock.stat().st_ino}"
    lines = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return [int(line[4]) for line in lines if "->" not in line and line[5].endswith(ending)]


def test_of_two_served_processes_one_leads_and_the_other_follows(served: Path) -> None:
    assert until(lambda: mails(served) == INVITED, seconds=40)
    first = holders(served / "worker.lock")
    assert len(first) == 1
    os.kill(first[0], signal.SIGKILL)
    assert until(lambda: holders(served / "worker.lock") not in ([], first))
    assert len(holders(served / "worker.lock")) == 1
    assert mails(served) == INVITED
