"""How many statements each page costs, with a few couples of one coach and with many."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ground import gathered_house, quick_hashes
from portal import clock
from portal.extensions import db
from tests import many
from tests.conftest import START
from tests.web.route_table import PLACE, TABLE, WORDS
from tests.web.world import ROLES, World

FEW, MANY = 10, 1000
MOST = 12
READERS = {"ines": "/coach/", "ana": "/my/"}
NOT_PAGES = (".pdf", "/slip")


def measure() -> dict[str, tuple[int, int]]:
    """Statements by page, with ten couples and with a thousand."""
    with tempfile.TemporaryDirectory() as folder, world_in(Path(folder)) as world:
        few = counts(world, FEW)
        return {page: (few[page], many_) for page, many_ in counts(world, MANY - FEW).items()}


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    app = gathered_house(folder)
    with quick_hashes():
        with clock.reading(lambda: START):
            yield World(app)
        with app.app_context():
            db.engine.dispose()


def pages(world: World) -> Iterator[tuple[str, str]]:
    """Whose page, and its address: every page of Ines's and Ana's that the route table knows."""
    places = {**world.ids, **WORDS}
    for entry in TABLE:
        for role, area in READERS.items():
            is_shown = entry.method == "GET" and entry.statuses[ROLES.index(role)] == 200
            if is_shown and entry.rule.startswith(area) and not entry.rule.endswith(NOT_PAGES):
                named = entry.named
                yield role, PLACE.sub(lambda found: str(places[named.get(found[1], found[1])]), entry.rule)  # noqa: B023 - used at once


def counts(world: World, couples: int) -> dict[str, int]:
    """Statements by page of Ines's and Ana's, once Ines has `couples` more couples.

    Each page was looked at before: the first look of a day at what partners have sent writes besides that it was read.
    """
    found = {}
    with world.app.app_context():
        many.add_couples(world.cast.ines, couples)
    for role, path in pages(world):
        browser = world.browser(role)
        browser.get(path)
        with world.app.app_context(), many.counted() as sent:
            status = browser.get(path).status_code
        assert status == 200, (role, path, status)
        found[_without_ids(path)] = max(len(sent), found.get(_without_ids(path), 0))
    return found


def _without_ids(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "-", path)
