"""What may go wrong with the database itself: it is busy, or its disk is full; the text is kept and tried again."""

import sqlite3

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.extensions import db

# PostgreSQL's classes and conditions: https://www.postgresql.org/docs/15/errcodes-appendix.html
PASSING_STATES = ("08", "40001", "40P01", "53", "55P03", "57P")
# SQLite's primary result codes: https://www.sqlite.org/rescode.html
PASSING_CODES = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
)
PRIMARY = 0xFF


class DatabaseBusy(Exception):  # noqa: N818 - a state of the database, and it passes
    """The database cannot take this now; it may in a moment."""

    @staticmethod
    def is_cause_of(error: Exception) -> bool:
        """Whether `error` is one of those that pass by themselves."""
        if isinstance(error, PoolTimeout):
            return True
        cause = error.orig if isinstance(error, OperationalError) else error
        if isinstance(cause, sqlite3.OperationalError):
            return cause.sqlite_errorcode & PRIMARY in PASSING_CODES
        state = getattr(cause, "sqlstate", None)  # none where no server answered
        return isinstance(error, OperationalError) and (state is None or state.startswith(PASSING_STATES))


def give_up() -> None:
    """Undo what was begun: after an error PostgreSQL answers nothing more, not even who is asking, until then."""
    db.session.rollback()


def let_the_log_go() -> None:
    """Empty SQLite's log: the pages in it tell still what stood there before an erasure."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def stand_still() -> None:
    """See one moment of the database until the transaction ends, whatever others write; SQLite does so by itself."""
    db.session.rollback()
    if db.engine.dialect.name != "sqlite":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def database_trouble() -> tuple[type[Exception], ...]:
    """The errors of which some pass."""
    return (OperationalError, PoolTimeout, DatabaseBusy)
