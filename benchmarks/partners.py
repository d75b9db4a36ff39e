"""How evenly Ben's pages answer: in turn in a house where Ana has nothing private, and in one with 2,000 rows of it.

A pair is the same page of either house, in an order that changes from pair to pair; the median of the pairs'
differences counts, as milliseconds and as a share. `python -m benchmarks.partners` prints them.
"""

import gc
import operator
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.ground import gathered_house, quick_hashes
from portal import clock
from portal.extensions import db
from tests import cast as gathered
from tests import many_private
from tests.conftest import GATHERED_AT, START, Browser
from tests.given import assign, floor, send, task_of

PAIRS = 400
WARM_UPS = 20
HOUSES = {"without": 0, "with": 2_000}
PAGES = ("/my/", "/my/shared")
MOST_MS, MOST_SHARE = 2.0, 0.02


def measure(pairs: int = PAIRS) -> dict[str, float]:
    """For each page the median difference; "apart" is 1 or less where it is within 2 ms or 2 %, whichever is more."""
    found: dict[str, float] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(clock.reading(lambda: START))
        browsers = {name: stack.enter_context(_house(folder / name, count)) for name, count in HOUSES.items()}
        for path in PAGES:
            took = _pairs(browsers, path, pairs)
            name, usual = path.strip("/").replace("/", "_"), statistics.median(took["without"])
            apart = abs(statistics.median(map(operator.sub, took["with"], took["without"])))
            found[f"ms_of_{name}"] = usual
            found[f"ms_apart_of_{name}"] = apart
            found[f"apart_of_{name}"] = apart / max(MOST_MS, MOST_SHARE * usual)
    return found


@contextmanager
def _house(folder: Path, count: int) -> Iterator[Browser]:
    """Ben's browser in a house in which Ana has so many private rows of each kind, and both have shared one form."""
    folder.mkdir()
    app = gathered_house(folder)
    with app.app_context():
        _fill(gathered.find(), count)
    with quick_hashes():
        yield Browser(app.test_client()).sign_in(gathered.address_of("ben"))
    with app.app_context():
        db.engine.dispose()


def _fill(cast: gathered.Cast, count: int) -> None:
    with clock.reading(lambda: GATHERED_AT):
        shared = assign(cast, "one-holds-the-floor", due_on=GATHERED_AT.date())
        for viewer in (cast.ana, cast.ben):
            send(viewer, task_of(viewer, shared), floor())
    private = assign(cast, "one-holds-the-floor", due_on=START.date())
    if count:
        couple = many_private.CoupleOf(cast.ana, cast.ines, cast.couples["ana"])
        many_private.lay(couple, private, count)
    db.session.connection().exec_driver_sql("ANALYZE")
    db.session.commit()
    db.session.remove()


def _pairs(browsers: dict[str, Browser], path: str, pairs: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in browsers}
    gc.collect()
    gc.disable()  # else whoever comes first in a pair may pay for the other
    for number in range(pairs + WARM_UPS):
        for name in sorted(browsers, reverse=bool(number % 2)):
            start = time.perf_counter()
            status = browsers[name].get(path).status_code
            times[name].append(1000 * (time.perf_counter() - start))
            assert status == 200, status
    gc.enable()
    return {name: taken[WARM_UPS:] for name, taken in times.items()}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")
