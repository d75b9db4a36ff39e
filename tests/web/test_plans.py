"""No page and no form reads a table from end to end: each finds its rows by an index, however many there are."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from portal.extensions import Base, db
from tests.cast import address_of
from tests.conftest import Browser
from tests.web import world as worlds
from tests.web.route_table import PLACE, TABLE, WORDS
from tests.web.world import World

# what may be read whole: the house's practices (one, as a rule), what no row of a table is, and the few that stand
SMALL = ("practices", "alembic_version", "sqlite_master", "CONSTANT ROW", r"\(")
WHOLE = re.compile(rf"SCAN (?:{'|'.join(SMALL)}|\w+ USING (?:COVERING )?INDEX uq_(?:erasures|holds)_standing\b)")
NOTHING = "0 = 1"  # a question to which the answer is known: no row
READERS = ("ines", "noor", "ana", "ben")

Asked = list[tuple[str, str, Any]]


@pytest.fixture(scope="module")
def asked(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Asked]]:
    """Every statement that the addresses of the route table send, by whose page it was."""
    with worlds.standing(databases, tmp_path_factory.mktemp("plans"), "plans") as world:
        with world.app.app_context():
            if db.engine.dialect.name != "sqlite":
                pytest.skip("PostgreSQL reads a small table whole, whatever indexes there are")
            engine = db.engine
        found: Asked = []
        page = "the sign-in"

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                found.append((page, statement, values))

        event.listen(engine, "before_cursor_execute", note)
        for role in READERS:
            Browser(world.app.test_client()).sign_in(address_of(role))
            for entry in sorted(TABLE, key=lambda entry: (entry.method, entry.rule)):
                browser = world.browser(role)
                page = f"{role}: {entry.method} {entry.rule}"
                path = PLACE.sub(lambda place, entry=entry: _filled(world, entry.named, place[1]), entry.rule)
                if entry.method == "GET":
                    browser.get(path)
                else:
                    browser.post(path, dict(entry.data), page="/reset")
        event.remove(engine, "before_cursor_execute", note)
        yield world, found


def _filled(world: World, named: dict[str, str], name: str) -> str:
    if name in WORDS:
        return named.get(name, WORDS[name])
    return str(world.ids[named.get(name, name)])


def plan_of(connection: Connection, statement: str, values: Any) -> list[str]:
    return [row[-1] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values)]


def read_whole(plan: list[str]) -> list[str]:
    return [line for line in plan if line.startswith("SCAN ") and not WHOLE.match(line)]


def test_no_address_reads_a_table_from_end_to_end(asked: tuple[World, Asked]) -> None:
    world, found = asked
    assert len({page for page, *_ in found}) > 100
    with world.app.app_context(), db.engine.connect() as connection:
        once = {statement: (page, values) for page, statement, values in reversed(found)}
        whole = {
            statement: (page, lines)
            for statement, (page, values) in once.items()
            if NOTHING not in statement and (lines := read_whole(plan_of(connection, statement, values)))
        }
    assert not whole, "\n\n".join(f"{page}: {lines}\n{statement}" for statement, (page, lines) in whole.items())


def test_a_table_that_is_read_whole_is_told(asked: tuple[World, Asked]) -> None:
    world, _ = asked
    with world.app.app_context(), db.engine.connect() as connection:
        for table in Base.metadata.tables:
            whole = f"SELECT * FROM {table} AS t_1"  # noqa: S608 - the name of one of our tables
            assert read_whole(plan_of(connection, whole, ())) == ["SCAN t_1"]
