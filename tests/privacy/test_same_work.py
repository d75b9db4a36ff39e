"""Ben's pages ask the same of the database whether Ana has nothing private or two thousand rows of it."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event

from portal import clock
from portal.domain.assignments import For
from portal.extensions import db
from portal.services import assignments, programme
from portal.services.assignments import NewAssignment
from tests import many_private, tenants
from tests.cast import PASSPHRASE
from tests.conftest import START
from tests.given import assign, floor, send, task_of
from tests.many import QUIET
from tests.privacy.houses import House
from tests.privacy.looks import OWN, filled

MANY = 2_000
HARDLY = 40  # steps: what a form that is open to Ben too takes, whatever Ana did with it
SETTLES = ("SELECT set_config", "SELECT pg_", "SET ")  # not a question to a table
# tables that hold what somebody wrote, or tell that somebody did
OF_PEOPLE = (
    "responses",
    "earlier_versions",
    "drafts",
    "parked_texts",
    "feedback",
    "signals",
    "notes",
    "tasks",
    "nudges",
    "offered_choices",
    "task_questions",
)
TELLING = ("assignments", "audit_events", "web_sessions", "sessions")
IN_FULL = re.compile(
    rf"^\s*(?:->)?\s*(?:SCAN|Seq Scan on) (?:{'|'.join(OF_PEOPLE + TELLING)})(?:_\d+)?\b", re.MULTILINE
)
# PostgreSQL reads a small table as a whole, whatever indexes there are: told to think of them as if all were large
# and of two indexes that find one row by its id, with and without the practice, either may be the cheaper one
BY_ID = re.compile(r" using (?:pk_\w+|uq_\w+_practice_id_id) ")
DETAIL = re.compile(r"^\s*(?:Index Cond|Filter|Join Filter):.*\n?", re.MULTILINE)
DEAR = ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material", "memoize")


@dataclass(frozen=True)
class Work:
    """What a page asked: its statements in their order, how the database goes about each, and the number of rows.

    And how many steps of its machine SQLite takes: what is read and then left out is among them.
    """

    statements: tuple[str, ...]
    plans: tuple[str, ...]
    rows: tuple[int, ...]
    steps: tuple[int, ...]


@pytest.fixture(scope="module")
def works(
    databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Work], dict[str, Work]]]:
    """What each page of Ben's costs, with nothing private of Ana's and then with two thousand rows."""
    with clock.reading(lambda: START):
        house = House(databases("same_work"), tmp_path_factory.mktemp("same_work"))
        with house.inside():
            given = [assign(house.cast, slug) for slug in ("one-holds-the-floor", "weekly-check-in")]
            lay_others(house)
        paths = list(pages(house, given))
        count_up(house)
        without = {name: work_of(house, name, path) for name, path in paths}
        with house.inside():
            ours = many_private.CoupleOf(house.cast.ana, house.cast.ines, house.cast.couples["ana"])
            many_private.lay(ours, given[0], MANY)
        count_up(house)
        yield without, {name: work_of(house, name, path) for name, path in paths}
        house.close()


def lay_others(house: House) -> None:
    """As much of another couple of the practice, so that the tables are as large as they are in a house at work."""
    cast = house.cast
    cleos = many_private.CoupleOf(cast.cleo, cast.omar, cast.couples["cleo"])
    entry = next(entry for entry in programme.library(cast.omar) if entry.slug == "one-holds-the-floor")
    new = NewAssignment(entry.id, For.BOTH, START.date() + timedelta(days=7))
    many_private.lay(cleos, assignments.assign(cast.omar, cleos.couple_id, new), MANY)


def count_up(house: House) -> None:
    """Let the database take stock of how much there is, as it does by itself in time."""
    with house.inside():
        tenants.take_stock()


def pages(house: House, given: list[UUID]) -> Iterator[tuple[str, str]]:
    """Every page of Ben's own, with a form that he sent and one that is open."""
    with house.inside():
        ids = [task_of(house.cast.ben, one) for one in given]
        send(house.cast.ben, ids[0], floor())
    for rule in sorted({rule.rule for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}):
        if rule.startswith(OWN):
            for number, path in enumerate(filled(rule, tuple(ids))):
                yield f"{rule} {number}", path
    for path in ("/my/account/readings", "/my/account/data", "/my/before-session", "/my/export"):
        yield f"POST {path}", path
    yield "POST copy", f"/my/tasks/{ids[0]}/copy"


def work_of(house: House, name: str, path: str) -> Work:
    """Ask twice, and take the second: the first may put down that somebody looked."""
    browser = house.browser("ben")
    asked: dict[str, object] = {"passphrase": PASSPHRASE, "act": "show", "kind": "csv"}
    for _ in range(2):
        with heard(house) as sent:
            browser.post(path, asked, page="/help-now") if name.startswith("POST") else browser.get(path)
    with house.inside():
        found = [(statement, *looked_into(house, statement, values)) for statement, values in sent]
    return Work(*zip(*found, strict=True)) if found else Work((), (), (), ())


@contextmanager
def heard(house: House) -> Iterator[list[tuple[str, Any]]]:
    """The statements that ask or change rows, with the values that they were given."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if not statement.upper().startswith(QUIET) and not statement.startswith(SETTLES):
            sent.append((statement, values))

    with house.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def looked_into(house: House, statement: str, values: Any) -> tuple[str, int, int]:
    """How the database would go about it, how many rows it gives, and in how many steps; nothing is changed."""
    if statement.startswith("INSERT"):
        return "", 0, 0
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if not is_sqlite:
            settle(connection, house)
        asked = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN (COSTS OFF) "
        plan = connection.exec_driver_sql(asked + statement, values).all()
        with stepping(connection) as steps:
            found = connection.exec_driver_sql(statement, values)
            rows = len(found.all()) if found.returns_rows else 0
        return "\n".join(str(row[-1]) for row in plan), rows, len(steps)


def settle(connection: Connection, house: House) -> None:
    practice = str(house.cast.ben.practice_id)
    connection.exec_driver_sql("SELECT set_config('app.practice', %s, true)", (practice,))
    for way in DEAR:
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    connection.exec_driver_sql("SET LOCAL join_collapse_limit = 1")  # tables are met in the order of our words


@contextmanager
def stepping(connection: Connection) -> Iterator[list[None]]:
    """The steps of SQLite's machine; of PostgreSQL none are known."""
    steps: list[None] = []
    driver: Any = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection):
        driver.set_progress_handler(lambda: steps.append(None), 1)
    yield steps
    if isinstance(driver, sqlite3.Connection):
        driver.set_progress_handler(None, 1)


def test_a_table_that_is_read_in_full_is_told() -> None:
    """What reads a table of answers from end to end is told by either database."""
    assert IN_FULL.search("SCAN responses USING COVERING INDEX ix_responses_person_sent")
    assert IN_FULL.search("SCAN responses_1")
    assert IN_FULL.search("Sort\n  ->  Seq Scan on drafts\n")
    assert not IN_FULL.search("SEARCH responses USING INDEX uq_responses_task_id (task_id=?)")


def test_the_same_statements_are_asked(works: tuple[dict[str, Work], dict[str, Work]]) -> None:
    without, much = works
    assert len(without) > 12
    for page, work in without.items():
        assert work.statements == much[page].statements, page


def test_they_give_as_many_rows(works: tuple[dict[str, Work], dict[str, Work]]) -> None:
    """What is not Ben's to read is not even fetched."""
    without, much = works
    for page, work in without.items():
        assert work.rows == much[page].rows, page


def test_they_take_as_many_steps(works: tuple[dict[str, Work], dict[str, Work]]) -> None:
    """What is not Ben's to read is not even looked at: no page takes longer for it."""
    without, much = works
    longer = {
        f"{page}: {before} and {after} steps\n{statement}"
        for page, work in without.items()
        for statement, before, after in zip(work.statements, work.steps, much[page].steps, strict=True)
        if abs(after - before) > HARDLY
    }
    assert not longer, "\n\n".join(sorted(longer))


def shape(plan: str) -> list[str]:
    """The steps of a plan, whichever of two that are joined PostgreSQL holds for the smaller."""
    return sorted(line.strip("-> ") for line in BY_ID.sub(" by id ", DETAIL.sub("", plan)).splitlines())


def test_they_are_gone_about_in_the_same_way(works: tuple[dict[str, Work], dict[str, Work]]) -> None:
    without, much = works
    for page, work in without.items():
        for statement, before, after in zip(work.statements, work.plans, much[page].plans, strict=True):
            assert shape(before) == shape(after), f"{page}\n{statement}"


def test_no_page_reads_a_table_of_answers_in_full(works: tuple[dict[str, Work], dict[str, Work]]) -> None:
    for work in works:
        for page, one in work.items():
            for statement, how in zip(one.statements, one.plans, strict=True):
                assert not IN_FULL.search(how), f"{page}\n{statement}\n{how}"
