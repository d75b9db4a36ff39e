"""What the list of couples costs as a practice grows: the page with 1,000 and 10,000 couples, held against it with 10.

Three houses are asked in turn, in an order that changes from round to round; the time of this process counts, for the
database lies in it, and of the rounds' ratios the median. `python -m benchmarks.caseload` prints them.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from runpy import run_path

from benchmarks.statements import world_in
from tests import many

SIZES = (10, 1_000, 10_000)
ROUNDS = 80
WARM_UPS = 10
CONFIGURATION = "gunicorn.conf.py"
PAGE = "/coach/couples/"


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Ratios of a page's time to that of the page with ten couples, and the milliseconds of the latter."""
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    with ExitStack() as stack:
        browsers = {}
        for size in SIZES:
            world = stack.enter_context(world_in(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
            with world.app.app_context():
                many.add_couples(world.cast.ines, size)
            browsers[size] = world.browser("ines")
        for size in SIZES * WARM_UPS:
            browsers[size].get(PAGE)
        with _looking_as_served():
            for number in range(rounds):
                for size in SIZES if number % 2 else reversed(SIZES):
                    gc.collect(1)
                    start = time.process_time()
                    status = browsers[size].get(PAGE).status_code
                    times[size].append(time.process_time() - start)
                    assert status == 200
    few = SIZES[0]
    ratios = {
        f"couples_{size}_vs_{few}": statistics.median(
            many_ / one for many_, one in zip(times[size], times[few], strict=True)
        )
        for size in SIZES[1:]
    }
    return ratios | {"couples_ms": 1000 * statistics.median(times[few])}


@contextmanager
def _looking_as_served() -> Iterator[None]:
    """Look for garbage as the server does: seldom, and not among what is loaded."""
    usual = gc.get_threshold()
    run_path(CONFIGURATION)["when_ready"](None)
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
