"""Looking changes nothing: every page, asked for by every role, leaves each row as it was but what is named here."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from portal import clock
from portal.extensions import Base, db, key_store
from portal.models.audit import AuditEvent, AuditHead
from portal.models.key_store import KeyStoreBase
from portal.models.users import WebSession
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser
from tests.web import world as worlds
from tests.web.route_table import KEY, TABLE
from tests.web.test_routes import path_of
from tests.web.world import ROLES, World

# what a look may put on record, by who looked; whoever is not named here puts nothing there
CLINICAL = {"response:read", "response:read_in_brief", "brief:read"}
REACHING = "safe_way:read"
OF_COACHES = {"signals:looked_at", "signal:read"}
ASKED = "question:read"
ON_RECORD = {
    "ines": {*CLINICAL, *OF_COACHES, REACHING, ASKED},
    "omar": {*OF_COACHES, "response:read"},
    "noor": {*CLINICAL, "couple:read"},
    "sol": {*OF_COACHES, "response:read"},
    "ana": {"response:read_by_author"},
}
# pages that open only where the pass phrase was given again, or a sealed form is open: they must have been seen
SEEN_OPEN = {
    "ines": {f"{KEY}/set-up"},
    "ana": {f"{KEY}/set-up", f"{KEY}/app", "/my/tasks/<uuid:task_id>/correction"},
}
CHAIN = {AuditHead.__tablename__, AuditEvent.__tablename__}
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@pytest.fixture(scope="module")
def world(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.standing(databases, tmp_path_factory.mktemp("looks"), "looks") as made:
        yield made


def looker(world: World, role: str) -> Browser:
    """A browser for which all is open that can be opened: by the pass phrase, and Ana's sent form, too."""
    browser = Browser(world.app.test_client())
    if role == "nobody":
        return browser
    browser.sign_in(address_of(role)).step_up()
    if role in ("ana", "ben", "eva"):
        browser.post(f"{KEY}/app/new", page=f"{KEY}/set-up")
    if role == "ana":
        asked = {"passphrase": PASSPHRASE}
        sent = f"/my/tasks/{world.ids['sent_task_id']}"
        assert browser.post(f"{sent}/reveal", asked, page=sent).status_code == 303
    return browser


def look(world: World, browser: Browser) -> set[str]:
    """Ask for every page, and its head alone; gives the rules of those that opened."""
    opened = set()
    for entry in TABLE:
        if entry.method == "GET":
            path = path_of(entry, world.ids)
            if browser.get(path).status_code == 200:
                opened.add(entry.rule)
            browser.client.head(path)
            if entry.rule.endswith("/brief.pdf"):
                browser.get(f"{path}?copy=joint")
    return opened


@pytest.mark.parametrize("role", ROLES)
def test_looking_writes_nothing_but_that_somebody_looked(world: World, role: str) -> None:
    browser = looker(world, role)
    before = rows_of(world)
    opened = look(world, browser)
    after = rows_of(world)
    assert opened >= SEEN_OPEN.get(role, set())
    assert changes(before, after, besides=CHAIN) == []
    came = only_added(world, role, before, after)
    refused = {"door:refused"} if role != "nobody" else set()
    assert {event for event, _ in came} == ON_RECORD.get(role, set()) | refused
    assert {actor for _, actor in came} <= {getattr(world.cast, role).person_id if came else None}


@pytest.mark.parametrize("role", ["ines", "ana"])
def test_a_look_after_a_minute_moves_only_when_that_browser_was_last_seen(world: World, role: str) -> None:
    browser = looker(world, role)
    before, later = rows_of(world), clock.now() + timedelta(minutes=2)
    with clock.reading(lambda: later):
        look(world, browser)
    after = rows_of(world)
    assert changes(before, after, besides={*CHAIN, WebSession.__tablename__}) == []
    moved = changes(before, after, besides=CHAIN)
    assert [(table, column, value) for table, _, column, value in moved] == [
        (WebSession.__tablename__, "seen_at", later)
    ]


def changes(before: dict[str, Rows], after: dict[str, Rows], besides: set[str]) -> list[tuple[str, Any, str, Any]]:
    """What differs, one line for each value: table, key, column, and what stands there now."""
    found: list[tuple[str, Any, str, Any]] = []
    for name in before.keys() - besides:
        columns = [column.name for column in tables()[name].columns]
        for key in before[name].keys() | after[name].keys():
            old, new = before[name].get(key), after[name].get(key)
            if old is None or new is None:
                found.append((name, key, "a row", new))
            else:
                found += [(name, key, c, b) for c, a, b in zip(columns, old, new, strict=True) if a != b]
    return found


def only_added(world: World, role: str, before: dict[str, Rows], after: dict[str, Rows]) -> list[tuple[str, Any]]:
    """The events that came, with who did them: behind those that were there, and each head moved by as many."""
    old, new = (rows[AuditEvent.__tablename__] for rows in (before, after))
    assert {key: new.get(key) for key in old} == old
    place = {column.name: index for index, column in enumerate(AuditEvent.__table__.columns)}
    came = [row for key, row in new.items() if key not in old]
    chain = {row[place["chain_id"]] for row in came}
    assert chain <= ({getattr(world.cast, role).practice_id} if role != "nobody" else set())
    heads = changes(before, after, besides=before.keys() - {AuditHead.__tablename__})
    assert {column for _, _, column, _ in heads} <= {"length", "last", "seal"}
    assert {key[0] for _, key, _, _ in heads} == chain
    length = [column.name for column in AuditHead.__table__.columns].index("length")
    added = [sum(row[length] for row in rows[AuditHead.__tablename__].values()) for rows in (before, after)]
    assert added[1] - added[0] == len(came)
    return [(row[place["event"]], row[place["actor_id"]]) for row in came]


def tables() -> dict[str, Table]:
    return {**Base.metadata.tables, **KeyStoreBase.metadata.tables}


def rows_of(world: World) -> dict[str, Rows]:
    """Every row of the database and of the key store, by its key."""
    with world.app.app_context(), key_store.engine.connect() as keys:
        found = {}
        for name, table in tables().items():
            place = [table.columns.keys().index(column.name) for column in table.primary_key]
            asked = (keys if name in KeyStoreBase.metadata.tables else db.session).execute(select(table))
            found[name] = {tuple(row[index] for index in place): tuple(row) for row in asked}
        db.session.remove()
    return found
