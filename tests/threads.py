"""Work that many do at the same moment, and what each of them was told."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import Select, text

from portal.domain.errors import Refused
from portal.extensions import db

LONGEST = 60.0  # seconds
Work = Callable[[], object]

on_postgresql = pytest.mark.skipif(os.environ.get("PORTAL_TEST_DATABASE") != "postgresql", reason="locks on rows")


def at_once(app: Flask, works: Sequence[Work]) -> Counter[str]:
    """Let everybody go at the same moment; what each was told: "done", the code of a refusal, or the fault's name."""
    db.session.remove()  # what the test itself has read must not stand still in an older state
    gate, told = threading.Barrier(len(works)), Counter[str]()

    def run(work: Work) -> None:
        with app.app_context():
            gate.wait(LONGEST)
            _tell(told, work)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    _join(threads)
    return told


def one_behind_the_other(app: Flask, held: Select[object], works: Sequence[Work]) -> Counter[str]:
    """As `at_once`, but each goes as far as it can before the next begins, while rows are held for which all wait.

    Once the last one waits they are let go. For PostgreSQL alone: on SQLite nobody would come as far as a row.
    """
    db.session.remove()
    told = Counter[str]()

    def run(work: Work) -> None:
        with app.app_context():
            _tell(told, work)

    db.session.execute(held.with_for_update())
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for number, thread in enumerate(threads, 1):
        thread.start()
        _wait_for(number)
    db.session.remove()
    _join(threads)
    return told


def _wait_for(number: int) -> None:
    """Until so many wait for a lock."""
    end = time.monotonic() + LONGEST
    while db.session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one() < number:
        assert time.monotonic() < end, f"fewer than {number} wait"
        time.sleep(0.01)


def _tell(told: Counter[str], work: Work) -> None:
    try:
        work()
        told["done"] += 1
    except Refused as refusal:
        told[refusal.code] += 1
    except Exception as fault:
        told[type(fault).__name__] += 1
    finally:
        db.session.remove()


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
