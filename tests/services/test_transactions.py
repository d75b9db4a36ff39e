"""Which errors of a database pass by themselves: told by its codes, whatever words stand in a statement or a name."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from portal.extensions import db, work_for
from portal.models.users import Person
from portal.services.transactions import DatabaseBusy
from tests.cast import Cast
from tests.threads import at_once, on_postgresql


def test_words_in_a_statement_make_no_passing_trouble(app: Flask) -> None:
    with pytest.raises(DBAPIError) as broken:
        db.session.execute(text("SELECT locked_busy_connection FROM nowhere"))
    assert not DatabaseBusy.is_cause_of(broken.value)


def test_a_file_that_another_holds_passes_and_one_that_is_no_database_does_not(tmp_path: Path) -> None:
    held = tmp_path / "held.db"
    with closing(sqlite3.connect(held)) as one, closing(sqlite3.connect(held, timeout=0)) as other:
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as busy:
            other.execute("CREATE TABLE notes (id)")
    assert DatabaseBusy.is_cause_of(busy.value)
    with closing(sqlite3.connect(held)) as one, pytest.raises(sqlite3.OperationalError) as broken:
        one.execute("SELECT id FROM locked")
    assert not DatabaseBusy.is_cause_of(broken.value)


@on_postgresql
def test_two_that_wait_for_each_other_are_parted_and_it_passes(app: Flask, cast: Cast) -> None:
    """A real deadlock: PostgreSQL ends one of the two."""
    gate, ended = Barrier(2), list[bool]()

    def hold(person_id: UUID) -> None:
        db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())

    def take(first: UUID, second: UUID) -> None:
        work_for(cast.ana.practice_id)
        hold(first)
        gate.wait(10)
        try:
            hold(second)
        except OperationalError as error:
            ended.append(DatabaseBusy.is_cause_of(error))
            db.session.rollback()

    ana, ben = cast.ana.person_id, cast.ben.person_id
    assert at_once(app, [partial(take, ana, ben), partial(take, ben, ana)]) == {"done": 2}
    assert ended == [True]
