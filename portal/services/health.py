"""Whether the house can work: the database answers and stands at the newest migration."""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations" / "versions"
DURABLE = {"journal_mode": ("wal",), "synchronous": (2, 3), "foreign_keys": (1,)}


def is_ready() -> bool:
    """Whether the database answers, and stands at the newest migration."""
    try:
        return database_revision() == newest_revision()
    except SQLAlchemyError:
        return False


@cache
def newest_revision() -> str:
    """The migration that this version of the house needs."""
    return max(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def database_revision() -> str | None:
    """The migration that the database stands at; None for an empty one."""
    if "alembic_version" not in inspect(db.engine).get_table_names():
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def weak_pragmas() -> list[str]:
    """The settings of SQLite that do not keep what was acknowledged; none on PostgreSQL."""
    if db.engine.dialect.name != "sqlite":
        return []
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in DURABLE}
    return [f"{name} is {value}" for name, value in found.items() if value not in DURABLE[name]]
