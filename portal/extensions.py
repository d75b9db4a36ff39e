"""The parts that an app is bound to: database, migrations, sign-in, form tokens, rates, languages and keys."""

import hashlib
import hmac
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVarTuple

from flask import Flask, current_app
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from limits import RateLimitItem
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Connection, Delete, Engine, Insert, MetaData, Result, Select, Update, event
from sqlalchemy.orm import DeclarativeBase

BUSY_MILLISECONDS = 8_000
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


class Keys:
    """The secrets that services work with: the vault's keys by version, and the key of the look-up by address."""

    def init_app(self, app: Flask, vault: Mapping[int, bytes], lookup: bytes) -> None:
        app.extensions["portal.keys"] = (dict(vault), lookup)

    @property
    def vault(self) -> Mapping[int, bytes]:
        """The vault keys by version; the highest version seals."""
        keys: Mapping[int, bytes] = current_app.extensions["portal.keys"][0]
        return keys

    def lookup(self, value: str) -> bytes:
        """32 bytes that stand for an address in the table of sign-ins, and tell nothing without the key."""
        key: bytes = current_app.extensions["portal.keys"][1]
        return hmac.new(key, value.encode(), hashlib.sha256).digest()


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
        app.extensions["portal.limiter"] = FixedWindowRateLimiter(storage_from_string(storage))

    def has_room(self, limit: RateLimitItem, *who: str) -> bool:
        """Whether one more failure would still be within the limit; counts nothing."""
        return self._counted().test(limit, *who)

    def count(self, limit: RateLimitItem, *who: str) -> None:
        self._counted().hit(limit, *who)

    def _counted(self) -> FixedWindowRateLimiter:
        found: FixedWindowRateLimiter = current_app.extensions["portal.limiter"]
        return found


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter()
babel = Babel()
keys = Keys()
breached = Breached()


def begin_write() -> None:
    """Begin the transaction of a command: it takes SQLite's write lock at once, so that no read turns stale.

    What was read before (the guard's look at who is asking) is let go of first: inside its transaction SQLite would
    ignore the wish for the lock.
    """
    db.session.rollback()
    db.session.connection(execution_options={"begin": "BEGIN IMMEDIATE"})


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


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    wanted = connection.get_execution_options().get("begin")
    if wanted is not None:  # it may have to wait, and fail: through the engine, which knows how to say so
        connection.exec_driver_sql(wanted)
    elif connection.connection.dbapi_connection is not None:
        connection.connection.dbapi_connection.execute("BEGIN")
