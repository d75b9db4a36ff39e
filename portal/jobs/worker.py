"""The embedded worker: one thread in one process of the machine, the holder of a file lock, drains and sweeps."""

import fcntl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread
from typing import IO

import structlog

from portal.extensions import db
from portal.jobs.drain import drain
from portal.jobs.sweep import sweep
from portal.output.mail import Mailer

DRAIN_EVERY = 2.0  # seconds
SWEEP_EVERY = 30  # drains
log = structlog.get_logger()


class Worker:
    """Works in the background while the process lives, if no other process of this machine does."""

    def __init__(
        self, context: Callable[[], AbstractContextManager[object]], mailer: Mailer, home: str, lock: Path
    ) -> None:
        self.context = context
        self.mailer = mailer
        self.home = home
        self.lock = lock
        self.stopped = Event()
        self._held: IO[str] | None = None

    def start(self) -> None:
        """Start the thread; it ends with the process."""
        Thread(target=self.run, name="worker", daemon=True).start()

    def run(self) -> None:
        """Wait for the lock, then drain every two seconds and sweep every minute."""
        turn = 0
        while not self.stopped.wait(DRAIN_EVERY if turn else 0):
            turn += 1
            if self._leads():
                self._work(is_sweep=turn % SWEEP_EVERY == 1)

    def _leads(self) -> bool:
        if self._held is not None:
            return True
        candidate = self.lock.open("w")
        try:
            fcntl.flock(candidate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            candidate.close()
            return False
        self._held = candidate
        return True

    def _work(self, *, is_sweep: bool) -> None:
        with self.context():
            try:
                if is_sweep:
                    sweep(self.mailer, self.home)
                else:
                    drain(self.mailer)
            except Exception as error:
                log.error("worker stumbled", kind=type(error).__name__)  # noqa: TRY400 - a trace could hold what people wrote
            finally:
                db.session.remove()
