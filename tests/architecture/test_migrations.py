"""Migrations: every revision down and up again on rows of every table; what they make is what the models say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from portal import clock
from portal.extensions import Base, db
from portal.models.columns import Instant
from portal.services import accounts, parked, resets, responses, reviews
from portal.services.responses import Typed
from tests.architecture.house import ROOT
from tests.cast import PASSPHRASE
from tests.web import world as worlds
from tests.web.world import World

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
REVISIONS = [path.stem for path in VERSIONS]


@contextmanager
def seeded(databases: Callable[[str], str], folder: Path, name: str) -> Iterator[World]:
    """A world with a row in every table."""
    with worlds.standing(databases, folder, name) as world, world.app.app_context():
        cast, ids = world.cast, world.ids
        responses.save_draft(cast.ben, ids["task_of_ben"], Typed({"understood": "half a thou"}, {}), 0)
        reviews.review(cast.ines, ids["response_id"], "Well held.")
        token = accounts.sign_in("ana@home.example", PASSPHRASE, None, "b" * 32)
        accounts.sign_in("ana@home.example", "not the right words", None)
        resets.ask_for_reset("ana@home.example", "/reset/{token}")
        park_a_text(str(token), ids["task_id"])
        db.session.remove()
        yield world
        db.session.remove()


def park_a_text(token: str, task_id: UUID) -> None:
    later = clock.now() + timedelta(minutes=11)
    with clock.reading(lambda: later):
        parked.park(token, task_id, lambda task: Typed({"understood": "half a sen"}, {}), 0)


Rows = dict[str, list[dict[str, object]]]


def rows() -> Rows:
    """Every row of every table that there is."""
    tables = [name for name in inspect(db.engine).get_table_names() if name != "alembic_version"]
    with db.engine.connect() as connection:
        every = {name: connection.execute(text(f"SELECT * FROM {name}")) for name in tables}  # noqa: S608 - our tables
        return {name: [dict(row._mapping) for row in found] for name, found in every.items()}


def as_known(found: Rows, then: Rows) -> dict[str, list[str]]:
    """The rows of the tables that there were then, with the columns that they had then."""
    columns = {name: set(listed[0]) for name, listed in then.items()}
    return {
        name: sorted(repr(sorted((key, value) for key, value in row.items() if key in columns[name])) for row in rows_)
        for name, rows_ in found.items()
        if name in columns
    }


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": _same_type, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def _same_type(*compared: object) -> bool | None:
    """Our instants are written as what the database sees."""
    declared = compared[-1]
    return False if isinstance(declared, Instant) else None


def broken_keys(app: Flask) -> list[object]:
    """Rows that point at nothing; PostgreSQL lets none of them be."""
    if db.engine.dialect.name != "sqlite":
        return []
    with db.engine.connect() as connection:
        return list(connection.execute(text("PRAGMA foreign_key_check")))


def test_a_revision_is_called_like_its_file_and_follows_the_one_before() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    found = list(scripts.walk_revisions())[::-1]
    assert [script.revision for script in found] == REVISIONS
    assert [script.down_revision for script in found] == [None, *REVISIONS[:-1]]


def test_models_and_migrations_make_the_same_tables(app: Flask) -> None:
    assert differences() == []


@pytest.mark.parametrize("revision", ["base", *REVISIONS[:-1]])
def test_down_to_a_revision_and_up_again_keeps_what_it_knew(
    databases: Callable[[str], str], tmp_path: Path, revision: str
) -> None:
    with seeded(databases, tmp_path, "migrated") as world:
        before = rows()
        assert [name for name, found in before.items() if not found] == []
        place = REVISIONS.index(revision) + 1 if revision in REVISIONS else 0
        for step in ["base", *REVISIONS][place:-1][::-1]:
            flask_migrate.downgrade(revision=step)
        kept = rows()
        assert as_known(kept, kept) == as_known(before, kept)
        assert not broken_keys(world.app)
        for step in REVISIONS[place:]:
            flask_migrate.upgrade(revision=step)
        assert as_known(rows(), kept) == as_known(kept, kept)
        assert set(rows()) == set(before)
        assert differences() == []
        assert not broken_keys(world.app)
