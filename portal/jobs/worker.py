"""The embedded worker: one process of the machine, the holder of a file lock, drains and sweeps, and prints beside it.

Papers are set in a thread of their own: no mail waits for one.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import IO

import structlog

from portal.extensions import db
from portal.jobs.drain import drain
from portal.jobs.press import Press
from portal.jobs.sweep import sweep
from portal.output.mail import Mailer
from portal.services import bulk_giving
from portal.services.piecemeal import apart

DRAIN_EVERY = 2.0  # seconds
SWEEP_EVERY = 30  # turns, so each minute
log = structlog.get_logger()


@contextmanager
def nobody_working(lock: Path) -> Iterator[bool]:
    """Keep every worker waiting meanwhile; gives False, and keeps nobody, where one is at work already."""
    held = _taken(lock)
    try:
        yield held is not None
    finally:
        if held is not None:
            held.close()


def _taken(lock: Path) -> IO[str] | None:
    """The lock, held until it is closed; None where another process holds it or its folder is closed."""
    try:
        candidate = lock.open("w")
    except OSError:  # the doctor says so
        return None
    try:
        fcntl.flock(candidate, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        candidate.close()
        return None
    return candidate


class Worker:
    """Works in the background while the process lives, if no other process of this machine does.

    `context` makes the app context that each turn runs in; `home` is the link in the mails that a sweep writes.
    Without a `press` nothing is printed ahead.
    """

    def __init__(
        self,
        context: Callable[[], AbstractContextManager[object]],
        mailer: Mailer,
        home: str,
        lock: Path,
        every: float = DRAIN_EVERY,
        press: Press | None = None,
    ) -> None:
        self.context = context
        self.mailer = mailer
        self.home = home
        self.lock = lock
        self.every = every
        self.press = press
        self._stopped = Event()
        self._held: IO[str] | None = None

    def start(self) -> Thread:
        """Start the thread, and the press beside it; they end with the process."""
        thread = Thread(target=self.run, name="worker", daemon=True)
        thread.start()
        if self.press is not None:
            Thread(target=self._print, args=(self.press,), name="press", daemon=True).start()
        return thread

    def stop(self) -> None:
        """End after the present turn, and let another process lead."""
        self._stopped.set()

    def run(self) -> None:
        """Drain every two seconds and sweep every minute, as long as this process leads; wait for that otherwise."""
        turns = 0
        while not self._stopped.is_set():
            if self._leads():
                self._turn(is_sweep=turns % SWEEP_EVERY == 0)
                turns += 1
            self._stopped.wait(self.every)
        if self._held is not None:
            self._held.close()

    def _print(self, press: Press) -> None:
        """Print what is asked for every two seconds, and ahead every minute, while this process leads."""
        turns = 0
        while not self._stopped.is_set():
            if self._held is not None:
                self._apart(lambda: press.turn(looks_ahead=turns % SWEEP_EVERY == 0))  # noqa: B023 - called at once
                turns += 1
            self._stopped.wait(self.every)

    def _leads(self) -> bool:
        """Whether this process holds the lock; the system lets go of it when the process ends, however it ends."""
        self._held = self._held or _taken(self.lock)
        return self._held is not None

    def _turn(self, *, is_sweep: bool) -> None:
        self._apart(self._sweep if is_sweep else self._drain)

    def _sweep(self) -> None:
        sweep(self.mailer, self.home)

    def _drain(self) -> None:
        with apart("many couples"):  # whoever asked looks on as it goes
            bulk_giving.carry_out(self.home)
        drain(self.mailer)

    def _apart(self, act: Callable[[], object]) -> None:
        """Do one turn in a context of its own; what goes wrong in it is logged, and the next one comes."""
        try:
            with self.context():
                try:
                    act()
                finally:
                    db.session.remove()
        except Exception as error:
            log.error("worker stumbled", kind=type(error).__name__)  # noqa: TRY400 - a trace could hold what people wrote
