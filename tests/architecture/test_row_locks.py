"""Locks on rows: in PostgreSQL every table of a practice's has one, and the application's role cannot go round it."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from portal.extensions import Base, db
from portal.models import row_locks
from tests import tenants
from tests.architecture.house import ROOT
from tests.cast import Cast

# tables without a practice, which have no lock, and why; alembic_version aside
OPEN = {
    "door_delays": "failures of a typed name, known or not: HMAC of it, and a count",
    "reset_requests": "asked for before anybody has looked up by whom; the worker does",
}
# tables with a lock that lets some rows be looked up besides those of the practice that is worked for, and why
LOOKED_UP = {
    "practices": "commands and jobs go through the practices one by one; the help page knows of one alone",
    "web_sessions": "a browser brings a token, by whose hash its person and practice are found",
    "tokens": "a link brings a token, by whose hash its person and practice are found",
    "calendar_feeds": "a calendar brings a token, by whose hash its person and practice are found",
    "known_devices": "the limits at a door spare a browser that was signed in before, whoever it was: hash and ids",
    "sign_ins": "a name at the door, or one that may be taken elsewhere: HMAC of it, and an id",
}
COLUMN = {"practices": "id", "audit_events": "chain_id", "audit_heads": "chain_id"}  # whose row it is
PRACTICES = sorted(set(Base.metadata.tables) - set(OPEN))


@pytest.fixture
def _on_postgresql(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no locks on rows")


def locked_by_migrations() -> set[str]:
    """The tables that migrations say they lock: `LOCKED` in each that makes one of a practice's."""
    locked: set[str] = set()
    for path in sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py")):
        spec = importlib.util.spec_from_file_location(f"revision_{path.stem}", path)
        assert spec
        assert spec.loader
        revision = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(revision)
        locked |= set(getattr(revision, "LOCKED", ()))
    return locked


def test_a_table_without_a_practice_and_a_lock_is_listed_with_its_reason() -> None:
    """On SQLite too: who adds a table learns of it before PostgreSQL is asked."""
    assert locked_by_migrations() == set(PRACTICES)
    assert all(OPEN.values())


@pytest.mark.usefixtures("_on_postgresql")
def test_every_lock_is_forced_and_lets_through_what_is_listed_and_no_more(app: Flask) -> None:
    with tenants.engine().connect() as owner:
        forced = set(owner.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")))
        policies = owner.execute(text("SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies"))
        found = {(row.tablename, row.policyname): row for row in policies}
    assert forced == set(PRACTICES)
    for table in PRACTICES:
        own, every = found.pop((table, "own_practice")), found.pop((table, row_locks.EVERY_PRACTICE))
        assert own.qual == own.with_check
        assert "current_setting('app.practice'" in own.qual
        assert (own.cmd, every.roles) == ("ALL", [tenants.OWNER])
    assert {table: row.cmd for (table, _), row in found.items()} == dict.fromkeys(LOOKED_UP, "SELECT")


@contextmanager
def as_application(practice_id: object = "") -> Iterator[Connection]:
    """A transaction of the application's role, which works for this practice."""
    with db.engine.connect() as connection:
        connection.execute(text("SELECT set_config('app.practice', :id, true)"), {"id": str(practice_id)})
        yield connection
        connection.rollback()


def reached(connection: Connection) -> dict[str, set[object]]:
    """The practices whose rows are reached without any condition, by table."""
    return {
        table: set(connection.scalars(text(f"SELECT DISTINCT {COLUMN.get(table, 'practice_id')} FROM {table}")))  # noqa: S608 - our own tables
        for table in PRACTICES
    }


@pytest.mark.usefixtures("_on_postgresql")
def test_without_any_condition_one_practice_is_reached_and_before_one_is_known_what_is_looked_up(cast: Cast) -> None:
    with tenants.engine().connect() as owner:
        both = reached(owner)
    assert len(both["people"]) == len(both["tasks"] | both["couples"]) == 2
    with as_application(cast.sol.practice_id) as connection:
        found = reached(connection)
    assert found.pop("sign_ins") == both["sign_ins"]
    assert set().union(*found.values()) == {cast.sol.practice_id}
    with as_application() as connection:
        found = {table: practices for table, practices in reached(connection).items() if practices}
    assert found == {table: both[table] for table in LOOKED_UP if both[table]}


@pytest.mark.usefixtures("_on_postgresql")
def test_nothing_is_written_for_another_practice(cast: Cast) -> None:
    with as_application(cast.sol.practice_id) as connection:
        foreign = {"id": cast.ines.practice_id}
        for table in PRACTICES:
            column = COLUMN.get(table, "practice_id")
            for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608 - likewise
                assert connection.execute(text(f"{statement} WHERE {column} = :id"), foreign).rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(
                text("UPDATE people SET practice_id = :id WHERE id = :sol"), foreign | {"sol": cast.sol.person_id}
            )


@pytest.mark.usefixtures("_on_postgresql")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE people NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own_practice ON people",
        "CREATE POLICY mine ON people USING (true)",
        "CREATE TABLE mine (id int)",
        "ALTER ROLE application BYPASSRLS",
        "UPDATE alembic_version SET version_num = 'x'",
    ],
)
def test_the_role_of_the_application_cannot_take_a_lock_away(app: Flask, statement: str) -> None:
    with (
        db.engine.connect() as connection,
        pytest.raises(ProgrammingError, match=r"must be (owner|superuser)|permission denied"),
    ):
        connection.execute(text(statement))


@pytest.mark.usefixtures("_on_postgresql")
def test_the_role_of_the_application_cannot_ask_for_every_practice(app: Flask) -> None:
    with db.engine.connect() as connection:
        connection.execute(text("SELECT set_config('app.every_practice', 'yes', true)"))
        assert connection.scalar(text("SELECT count(*) FROM people")) == 0
        connection.execute(text("SET LOCAL row_security = off"))
        with pytest.raises(ProgrammingError, match="would be affected by row-level security"):
            connection.execute(text("SELECT count(*) FROM people"))
