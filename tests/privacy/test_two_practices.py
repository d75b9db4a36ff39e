"""Practice South sees nothing of North's with the database's locks on rows taken away, nor with the scope taken away.

Two locks hold: the application's scope, and row-level security in PostgreSQL. Each is taken away in turn, and Sol and
Eva ask for every address with the ids of North's. With both away the same pages tell: so it is the locks that hold.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from portal import clock, create_app
from portal.extensions import db
from tests import tenants
from tests.conftest import KEY_STORES, START, settings_for
from tests.web.route_table import TABLE
from tests.web.test_routes import path_of
from tests.web.world import ANAS_SECRET, WHY, World

STRANGERS = ("sol", "eva")
NORTHERN = re.compile(rf"\b(Ana|Ben|Cleo|Dov|Gil|Hana|Ines|Omar|Practice North|The tea|{ANAS_SECRET}|{WHY})\b")
# what the scope narrows by, as PostgreSQL's driver is given it
NARROWED = re.compile(r"\b(?:\w+\.(?:practice_id|coach_id|person_id)|practices\.id) = %\((\w+)\)s::UUID")


@contextmanager
def world_of(databases: Callable[[str], str], folder: Path, *, as_owner: bool) -> Iterator[World]:
    """A world whose application is bound by the locks on rows, or works as the owner who sees every practice."""
    url = databases("two_practices")
    keys = KEY_STORES[url]
    if as_owner and (owner := tenants.url_of_owner(url)) is not None:
        url = f"{owner}?options=-c%20app.every_practice%3Dyes"
    with clock.reading(lambda: START):
        world = World(create_app(settings_for(url, folder, keys_url=keys)))
        for name in STRANGERS:
            world.browser(name)
        yield world
        with world.app.app_context():
            db.engine.dispose()


@contextmanager
def without_scope(world: World) -> Iterator[list[str]]:
    """Let no statement be narrowed to the practice, the couples or the rows of who asks; gives what was cut."""
    theirs = {id_ for name in STRANGERS for id_ in (world.cast.viewers[name].person_id, world.cast.sol.practice_id)}
    with cut_scope(world.app, theirs) as cut:
        yield cut


@contextmanager
def cut_scope(app: Flask, theirs: set[UUID], spared: str = "-") -> Iterator[list[str]]:
    """Let no statement be narrowed by one of these ids, save in a column of this name; gives what was cut."""
    cut: list[str] = []

    def widen(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> tuple[str, Any]:
        def true(found: re.Match[str]) -> str:
            if not isinstance(values, Mapping) or values[found[1]] not in theirs or f".{spared} " in found[0]:
                return found[0]
            cut.append(found[0])
            return "true"

        return (NARROWED.sub(true, statement) if statement.startswith("SELECT") else statement), values

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", widen, retval=True)
    try:
        yield cut
    finally:
        event.remove(engine, "before_cursor_execute", widen)


def foreign(world: World) -> set[str]:
    """The addresses that tell Sol or Eva a word of practice North's, in a page or in a header."""
    told = set()
    for name in STRANGERS:
        for entry in TABLE:
            if entry.method == "GET" and not entry.rule.endswith(".pdf"):
                reply = world.browsers[name].get(path_of(entry, world.ids))
                if NORTHERN.search(reply.text + str(reply.headers)):
                    told.add(f"{name} {entry.rule}")
    return told


@pytest.mark.parametrize(
    ("as_owner", "is_scoped"),
    [(True, True), (False, False), (True, False)],
    ids=["without row locks", "without scope", "without either"],
)
def test_nothing_of_another_practice_is_told_while_one_of_two_locks_holds(
    databases: Callable[[str], str], tmp_path: Path, as_owner: bool, is_scoped: bool
) -> None:
    if not is_scoped and os.environ.get("PORTAL_TEST_DATABASE") != "postgresql":
        pytest.skip("SQLite has no locks on rows: its scope is never taken away")
    with world_of(databases, tmp_path, as_owner=as_owner) as world:
        with nullcontext(["-"]) if is_scoped else without_scope(world) as cut:
            told = foreign(world)
        assert cut
        if as_owner and not is_scoped:
            assert {f"sol /coach/{page}" for page in ("couples/", "couples/<uuid:couple_id>")} <= told
        else:
            assert told == set()
