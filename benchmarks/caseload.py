"""What the list of couples costs as a practice grows: the page with 1,000 and 10,000 couples, held against it with 10.

Three houses are asked in turn, in an order that changes from round to round; the time of this process counts, for the
database lies in it, and of the rounds' ratios the median. `python -m benchmarks.caseload` prints them.
"""

import gc
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.statements import world_in
from tests import many

SIZES = (10, 1_000, 10_000)
ROUNDS = 80
WARM_UPS = 10
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
        for number in range(rounds + WARM_UPS):
            for size in SIZES if number % 2 else reversed(SIZES):
                gc.collect(1)
                start = time.process_time()
                status = browsers[size].get(PAGE).status_code
                times[size].append(time.process_time() - start)
                assert status == 200
    kept = {size: taken[WARM_UPS:] for size, taken in times.items()}
    few = SIZES[0]
    ratios = {
        f"couples_{size}_vs_{few}": statistics.median(
            many_ / one for many_, one in zip(kept[size], kept[few], strict=True)
        )
        for size in SIZES[1:]
    }
    return ratios | {"couples_ms": 1000 * statistics.median(kept[few])}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
