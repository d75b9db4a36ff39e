"""Work that many do at the same moment, and what each of them was told."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence

from flask import Flask

from portal.domain.errors import Refused
from portal.extensions import db

LONGEST = 60.0  # seconds


def at_once(app: Flask, works: Sequence[Callable[[], object]]) -> Counter[str]:
    """Let everybody go at the same moment; what each was told: "done", the code of a refusal, or the fault's name."""
    db.session.remove()  # what the test itself has read must not stand still in an older state
    gate, told = threading.Barrier(len(works)), Counter[str]()

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait(LONGEST)
            try:
                work()
                told["done"] += 1
            except Refused as refusal:
                told[refusal.code] += 1
            except Exception as fault:
                told[type(fault).__name__] += 1
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
    return told
