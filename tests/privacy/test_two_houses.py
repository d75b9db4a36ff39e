"""North sees nothing of whatever South does: histories lived twice, with all that South does and without any of it.

Two locks hold, as in the examples beside this: the application's scope, and the locks on rows of PostgreSQL. Each is
taken away in turn. Ben looks as in the other histories; Ines asks for the pages of hers, with South's real ids too,
each page in one of three histories.
"""

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal import create_app
from tests import tenants
from tests.cast import Cast
from tests.conftest import KEY_STORES, Browser, settings_for
from tests.privacy import acts
from tests.privacy.houses import House, Ids, drawing, form_tokens_from_the_stream
from tests.privacy.looks import TURNS, Look, Seen, compare, filled
from tests.privacy.test_two_practices import cut_scope
from tests.privacy.twin import BETWEEN_ACTS, EVENING, OPENING

AS = {"ines": "sol", "ana": "eva", "ben": "finn"}
PARTNERS = ("draft", "send", "reveal", "settings", "export", "own_data", "readings", "sign_out", "park", "look_around")
COACHES = ("assign_both", "assign_ana", "session_both", "session_ana", "agreed", "reminder", "look_at_couple")
NORTHS = (acts.Act("coach", "assign_both", 0), acts.Act("ben", "draft", 0), acts.Act("ben", "send", 0))
JOBS = (acts.Act("coach", "work"), acts.Act("coach", "drain"))


class South(House):
    """The other practice in the same house: its coach and its couple do what Ines, Ana and Ben do elsewhere."""

    def __init__(self, house: House) -> None:
        self.house, self.app, self.post = house, house.app, house.post
        self.for_both, self.for_ana, self.never_sent = [], [], set()
        self.first_steps, self.later_steps, self.sent_closed = [], [], []
        viewers = {name: house.cast.viewers[other] for name, other in AS.items()}
        self.cast = Cast(viewers, {"ana": house.cast.couples["eva"]})

    def browser(self, name: str) -> Browser:
        return self.house.browser(AS[name])

    def leave(self, name: str) -> None:
        self.house.leave(AS[name])


def souths() -> st.SearchStrategy[tuple[acts.Act, ...]]:
    by_partner = st.builds(acts.Act, st.sampled_from(("ana", "ben")), st.sampled_from(PARTNERS), st.integers(0, 40))
    by_coach = st.builds(acts.Act, st.just("coach"), st.sampled_from(COACHES), st.integers(0, 40))
    begun = st.just(acts.Act("coach", "assign_both", 2))
    return st.builds(lambda first, more: (first, *more), begun, st.lists(by_partner | by_coach, min_size=3, max_size=6))


def lived(
    house: House, history: tuple[acts.Act, ...], known: list[Ids], *, has_south: bool, cut: set[UUID], turn: int
) -> list[Seen]:
    """One life: North's acts and the jobs, with South's between them or not."""
    south, seen = South(house), list[Seen]()
    with form_tokens_from_the_stream(), time_machine.travel(EVENING, tick=False) as wall:
        for place, act in enumerate(history):
            wall.move_to(EVENING + BETWEEN_ACTS * (place + 1))
            _do(south if has_south else None, act, f"south {place}")
            _do(house, (NORTHS + JOBS)[place % 5], f"north {place}")
            if place % 3 == 2:
                seen.append(_look(house, known, len(seen), turn, has_south=has_south, cut=cut))
        wall.move_to(EVENING + OPENING + timedelta(minutes=1))
        seen.append(_look(house, known, len(seen), turn, has_south=has_south, cut=cut, is_last=True))
    return seen


def _do(house: House | None, act: acts.Act, name: str) -> None:
    if house is not None:
        with drawing(name):
            assert all(status < 500 for status in acts.do(house, act, changed=False)), name


def _look(
    house: House, known: list[Ids], place: int, turn: int, *, has_south: bool, cut: set[UUID], is_last: bool = False
) -> Seen:
    """Ben and Ines look; the scope is away meanwhile where ids are cut."""
    if has_south:
        known.append(house.ids())
    with cut_scope(house.app, cut, spared="person_id") if cut else nullcontext():
        return _seen(house, known, place, turn, is_last=is_last)


def _seen(house: House, known: list[Ids], place: int, turn: int, *, is_last: bool) -> Seen:
    seen = Look(house, known[place], place, is_last, turn=turn).all(f"look {place}")
    with drawing("ines", "comes", place):
        browser = house.browser("ines")
    others = known[place].hers[:3] + known[place].others[: 6 if is_last else 0]
    paths = _of_coach(house, (house.cast.couples["ana"], house.cast.couples["eva"], *others))
    for path in (path for number, path in enumerate(paths) if (number + turn) % TURNS == 0):
        with drawing("ines", path, place):
            seen.take(f"ines {path}", browser.get(path))
    return seen


def _of_coach(house: House, ids: tuple[UUID, ...]) -> list[str]:
    rules = {rule.rule for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return [path for rule in sorted(rules) if rule.startswith("/coach/") for path in filled(rule, ids)]


def house_of(databases: Callable[[str], str], folder: Path, name: str, *, as_owner: bool) -> House:
    url = databases(f"south_{name}")
    keys = KEY_STORES[url]
    if as_owner and (owner := tenants.url_of_owner(url)) is not None:
        url = f"{owner}?options=-c%20app.every_practice%3Dyes"
    return House(url, folder / name, create_app(settings_for(url, folder / name, keys_url=keys)))


@pytest.mark.parametrize(
    ("as_owner", "is_scoped"),
    [(True, True), (False, False)],
    ids=["without row locks", "without scope"],
)
def test_north_sees_the_same_whatever_south_does(
    databases: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest, as_owner: bool, is_scoped: bool
) -> None:
    if not is_scoped and os.environ.get("PORTAL_TEST_DATABASE") != "postgresql":
        pytest.skip("SQLite has no locks on rows: its scope is never taken away")

    numbers = count()

    @settings(
        max_examples=max(TURNS, request.config.getoption("--histories") // 50),
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(souths())
    def holds(history: tuple[acts.Act, ...]) -> None:
        known: list[Ids] = []
        lives, turn = [], next(numbers)
        for name, has_south in (("one", True), ("two", False)):
            house = house_of(databases, tmp_path, name, as_owner=as_owner)
            theirs = {house.cast.ines.practice_id, house.cast.ines.person_id}
            cut = set[UUID]() if is_scoped else theirs
            lives.append(lived(house, history, known, has_south=has_south, cut=cut, turn=turn))
            house.close()
        for one, other in zip(*lives, strict=True):
            compare(one, other)

    holds()
