"""How evenly the doors answer: known and unknown names in turn, with the pass phrases' real cost.

A pair is one try with a name that is known and one with a name that is not, in an order that changes from pair to pair;
the median of the pairs' differences counts. `python -m benchmarks.doors` prints them in milliseconds.
"""

import operator
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import flask_migrate

from portal import clock, create_app
from portal.cli import migrations
from portal.extensions import db
from tests import cast as gathered
from tests.conftest import START, Browser, settings_for

PAIRS = 300
WARM_UPS = 10
NAMES = {"known": gathered.address_of("ana"), "unknown": "zoe@home.example"}
DOORS = {"/sign-in": {"password": "not this one at all"}, "/reset": {}}


def measure(pairs: int = PAIRS) -> dict[str, float]:
    """Milliseconds between known and unknown in the median pair, for signing in and for asking for a reset."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(settings_for(f"sqlite:///{folder / 'portal.db'}", folder))
        migrations.bind(app)
        with app.app_context():  # with pass phrases as dear as in production
            flask_migrate.upgrade()
            gathered.gather()
            db.session.remove()
        found = {}
        for path, more in DOORS.items():
            browser = Browser(app.test_client())
            took = _pairs(browser, path, {"csrf_token": browser.token(path), **more}, pairs)
            place = path.strip("/").replace("-", "_")
            found[f"apart_ms_at_{place}"] = abs(statistics.median(map(operator.sub, took["known"], took["unknown"])))
            found[f"ms_at_{place}"] = statistics.median(took["known"])
        with app.app_context():
            db.engine.dispose()
    return found


def _pairs(browser: Browser, path: str, data: dict[str, str], pairs: int) -> dict[str, list[float]]:
    """What each took, in milliseconds. The clock moves on, so that no name has to wait and no address is full."""
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for number in range(pairs + WARM_UPS):
        now = START + timedelta(hours=2 * number)
        for kind in sorted(NAMES, reverse=bool(number % 2)):
            browser.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number % 250}"
            with clock.reading(lambda: now):  # noqa: B023 - read inside the turn that it belongs to
                start = time.perf_counter()
                browser.client.post(path, data={**data, "email": NAMES[kind]})
                times[kind].append(1000 * (time.perf_counter() - start))
    return {kind: taken[WARM_UPS:] for kind, taken in times.items()}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
