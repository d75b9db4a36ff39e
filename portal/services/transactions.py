"""What may go wrong with the database itself: it is busy, or its disk is full; the text is kept and tried again."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.extensions import db

PASSING = (
    "locked",
    "busy",
    "full",
    "disk i/o",
    "readonly",
    "connection",
    "starting up",
    "shutting down",
    "lock timeout",
)


class DatabaseBusy(Exception):  # noqa: N818 - a state of the database, and it passes
    """The database cannot take this now; it may in a moment."""

    @staticmethod
    def is_cause_of(error: Exception) -> bool:
        """Whether `error` is one of those that pass by themselves."""
        if isinstance(error, PoolTimeout):
            return True
        cause = error.orig if isinstance(error, DBAPIError) else error
        return isinstance(error, OperationalError | sqlite3.OperationalError) and any(
            word in str(cause).lower() for word in PASSING
        )


def give_up() -> None:
    """Undo what was begun: after an error PostgreSQL answers nothing more, not even who is asking, until then."""
    db.session.rollback()


def stand_still() -> None:
    """See one moment of the database until the transaction ends, whatever others write; SQLite does so by itself."""
    db.session.rollback()
    if db.engine.dialect.name != "sqlite":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def database_trouble() -> tuple[type[Exception], ...]:
    """The errors of which some pass."""
    return (OperationalError, PoolTimeout, DatabaseBusy)
