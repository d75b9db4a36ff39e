"""Commands beside a running server: another process comes and goes, and what the server writes afterwards is there."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.extensions import db, key_store
from portal.models.key_store import DataKey

LOOK = """
import sqlite3, sys
found = sqlite3.connect(sys.argv[1])
print(found.execute(sys.argv[2]).fetchone()[0])
found.close()
"""


def another_process(path: Path, question: str) -> str:
    """What somebody else finds in the file, who opens it and closes it again as a command does."""
    asked = [sys.executable, "-c", LOOK, str(path), question]
    return subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def held_by_two(engine: Engine) -> Path:
    """The file of a database that this process has open by two connections at once, as a server with threads does."""
    if engine.dialect.name != "sqlite":
        pytest.skip("a file and its locks are SQLite's")
    return Path(str(engine.url.database))


@pytest.mark.parametrize("store", ["answers", "keys"])
def test_what_is_written_after_a_command_has_come_and_gone_is_in_the_file(app: Flask, store: str) -> None:
    engine, table = (db.engine, "people") if store == "answers" else (key_store.engine, DataKey.__tablename__)
    path, question = held_by_two(engine), f"SELECT count(*) FROM {table}"  # noqa: S608 - our own tables
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(text(question)).one()
            connection.rollback()
        another_process(path, question)
        assert Path(f"{path}-wal").exists(), "the other process took the log away that this one writes into"
        one.execute(text("CREATE TABLE afterwards (one INTEGER)"))
        one.commit()
        assert another_process(path, "SELECT count(*) FROM sqlite_master WHERE name = 'afterwards'") == "1"
