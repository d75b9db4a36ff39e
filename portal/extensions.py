"""The parts that an app is bound to: database, sign-in, form tokens, rates, languages, keys, key store."""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVarTuple
from uuid import UUID

from flask import Flask, current_app
from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from limits import RateLimitItem
from sqlalchemy import (
    Connection,
    Delete,
    Dialect,
    Engine,
    Insert,
    MetaData,
    NullPool,
    Result,
    Select,
    Update,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from portal.counting import Counts
from portal.keys import Keys

BUSY_MILLISECONDS = 8_000
PRACTICE = "portal.practice"  # where a database session keeps whose rows it may reach
Columns = TypeVarTuple("Columns")


class Base(DeclarativeBase):
    """Every table; constraints carry names, so that a migration can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Breached:
    """The operator's file of pass phrases that were breached elsewhere, if there is one."""

    def init_app(self, app: Flask, file: Path | None) -> None:
        app.extensions["portal.breached"] = file

    @property
    def file(self) -> Path | None:
        found: Path | None = current_app.extensions["portal.breached"]
        return found


class Limiter:
    """Counts failures, in the process or in Redis; asked by the few views that have a limit, and by no other page."""

    def init_app(self, app: Flask, storage: str) -> None:
        app.extensions["portal.limiter"] = Counts(storage)

    def has_room(self, limit: RateLimitItem, *who: str) -> bool:
        """Whether one more failure would still be within the limit; counts nothing."""
        return self._counts().has_room(limit, *who)

    def count(self, limit: RateLimitItem, *who: str) -> None:
        self._counts().count(limit, *who)

    def _counts(self) -> Counts:
        found: Counts = current_app.extensions["portal.limiter"]
        return found


class KeyStoreError(Exception):
    """The key store has another form than this version of the house needs."""


class KeyStore:
    """The database of people's wrapped keys, apart from the main one, so that its backups can be kept apart too."""

    def init_app(self, app: Flask, url: str, schema: MetaData) -> None:
        app.extensions["portal.key_store"] = _BoundKeyStore(url, schema)

    @property
    def engine(self) -> Engine:
        """Its engine, for all but the question of every page; each use has a connection of its own."""
        self.prepare()
        return self._bound().engine

    @property
    def is_sqlite(self) -> bool:
        return self._bound().engine.dialect.name == "sqlite"

    @property
    def trouble(self) -> tuple[type[Exception], ...]:
        """What is raised where it cannot be reached, or is busy."""
        return self._bound().trouble

    def prepare(self) -> None:
        """Make its tables where they are missing."""
        self._bound().prepare()

    def ask(self, statement: str, places: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Rows by a statement in the driver's own words, on the one connection that this thread keeps.

        It is asked on every page: a statement through the engine would cost ten times what the file takes to answer.
        """
        return self._bound().ask(statement, places)

    def _bound(self) -> "_BoundKeyStore":
        found: _BoundKeyStore = current_app.extensions["portal.key_store"]
        return found


class _BoundKeyStore:
    def __init__(self, url: str, schema: MetaData) -> None:
        self.engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
        self.trouble = (self.engine.dialect.loaded_dbapi.Error, DBAPIError, OSError, KeyStoreError)
        self._schema = schema
        self._is_prepared = False
        self._kept = threading.local()
        event.listen(self.engine, "connect", _overwrite_what_goes)

    def prepare(self) -> None:
        if self._is_prepared:
            return
        with self.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            if connection.dialect.name == "postgresql":  # two processes may begin at once
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7061)")
            _check_apart(connection)
            self._schema.create_all(connection)
            _check_columns(connection, self._schema)
        self._is_prepared = True

    def ask(self, statement: str, places: tuple[object, ...]) -> list[tuple[Any, ...]]:
        kept = getattr(self._kept, "connection", None)
        if kept is None or self._kept.process != os.getpid():  # a connection does not come along into a fork
            kept = self._connect()
        try:
            found = kept.execute(statement, places)
        except self.trouble:  # the server may have been started anew since
            found = self._connect().execute(statement, places)
        return found.fetchall() if found.description else []

    def _connect(self) -> Any:
        self.prepare()
        self._kept.proxy = self.engine.raw_connection()  # closes with its thread
        driver = self._kept.proxy.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            driver.autocommit = True
        self._kept.connection, self._kept.process = driver, os.getpid()
        return driver


db = SQLAlchemy(model_class=Base)
login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter()
babel = Babel()
keys = Keys()
key_store = KeyStore()
breached = Breached()


def begin_write(patience: int | None = None) -> None:
    """Begin the transaction of a command: it takes SQLite's write lock at once, so that no read turns stale.

    What was read before (the guard's look at who is asking) is let go of first: inside its transaction SQLite would
    ignore the wish for the lock. `patience` is for what is not worth the usual wait: milliseconds for each lock.
    """
    db.session.rollback()
    connection = db.session.connection(execution_options={"begin": "BEGIN IMMEDIATE", "patience": patience})
    if patience is not None and connection.dialect.name == "postgresql":  # there, 0 would be to wait for ever
        connection.exec_driver_sql("SELECT set_config('lock_timeout', %s, true)", (f"{max(patience, 1)}ms",))


def work_for(practice_id: UUID | None) -> None:
    """Reach the rows of one practice alone from now on; with None, those that are looked up before one is known.

    PostgreSQL holds to it by row-level security. It never changes inside a transaction: what was begun for another
    practice is let go of first.
    """
    session = db.session()
    if session.info.get(PRACTICE) != practice_id:
        session.rollback()
        session.info[PRACTICE] = practice_id


def ask(statement: Select[*Columns], **places: object) -> Result[*Columns]:
    """Rows of columns by a statement that was built once, with a value for each of its places (`bindparam`).

    Building a statement and sending it through the ORM's session cost several times what the database takes to
    answer it. What the session holds and has not flushed is not seen.
    """
    return db.session.connection().execute(statement, places)


def put(statement: Insert | Update | Delete, **values: object) -> int:
    """Change rows by a statement that was built once, with a value for each of its places; gives how many it met.

    As `ask`, it goes past the session's objects; what the session holds is flushed first, for a row may point at it.
    """
    db.session.flush()
    return db.session.connection().execute(statement, values).rowcount


@event.listens_for(db.session, "after_begin")
def _say_for_whom(session: Session, _transaction: object, connection: Connection) -> None:
    """Tell PostgreSQL, for as long as this transaction lasts, whose rows it may reach."""
    practice_id = session.info.get(PRACTICE)
    if practice_id is not None and connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config('app.practice', %s, true)", (str(practice_id),))


@event.listens_for(Engine, "do_connect")
def _make_file(dialect: Dialect, _record: object, where: list[str], _options: object) -> None:
    """A file that SQLite is to make is nobody else's to read; those beside it follow it.

    One that is there is never opened: closing it again would let go of every lock that this process has on it, and the
    next command that comes and goes would take away the log into which this process goes on writing.
    """
    if dialect.name == "sqlite" and where and where[0] != ":memory:" and not where[0].startswith("file:"):
        with suppress(OSError):  # SQLite says it in its own words
            os.close(os.open(where[0], os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _check_apart(connection: Connection) -> None:
    """Where migrations were run, answers lie: a backup of them would hold the keys too."""
    if inspect(connection).has_table("alembic_version"):
        raise KeyStoreError("this is the database of the answers, and keys need one of their own")


def _check_columns(connection: Connection, schema: MetaData) -> None:
    there = inspect(connection)
    for table in schema.tables.values():
        missing = set(table.columns.keys()) - {column["name"] for column in there.get_columns(table.name)}
        if missing:
            raise KeyStoreError(f"{table.name} lacks {', '.join(sorted(missing))}: another version made this key store")


def _overwrite_what_goes(connection: Any, _record: object) -> None:
    """A key that is deleted must not be left in a free page of the file."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA secure_delete=ON")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    options = connection.get_execution_options()
    driver: Any = connection.connection.driver_connection
    wanted, patience = options.get("begin"), options.get("patience")
    if wanted is None:
        driver.execute("BEGIN")
        return
    if patience is not None:
        driver.execute(f"PRAGMA busy_timeout={patience}")
    try:  # it may have to wait, and fail: through the engine, which knows how to say so
        connection.exec_driver_sql(wanted)
    finally:
        if patience is not None:
            driver.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
