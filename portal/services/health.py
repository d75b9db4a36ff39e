"""Whether the house can work: database and key store answer, at the newest migration, with a key for everybody."""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db
from portal.models.couples import Couple
from portal.models.users import Person
from portal.services import key_store
from portal.services.transactions import DatabaseBusy

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations" / "versions"
DURABLE = {"journal_mode": ("wal",), "synchronous": (2, 3), "foreign_keys": (1,)}


def is_ready() -> bool:
    """Whether the database answers and stands at the newest migration, and the key store answers."""
    try:
        key_store.keys_of([])
        return database_revision() == newest_revision()
    except (SQLAlchemyError, DatabaseBusy):
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


def without_keys() -> int:
    """How many people and couples have no key that could open their texts, and were not erased either."""
    known = key_store.known_owners()
    owners = (db.session.scalars(select(column)) for column in (Person.id, Couple.id))
    return sum(owner_id not in known for found in owners for owner_id in found)


def keys_by_vault_key() -> dict[int, int]:
    """How many data keys each version of the vault key wraps."""
    return key_store.versions()


def weak_pragmas() -> list[str]:
    """The settings of SQLite that do not keep what was acknowledged; none on PostgreSQL."""
    if db.engine.dialect.name != "sqlite":
        return []
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in DURABLE}
    return [f"{name} is {value}" for name, value in found.items() if value not in DURABLE[name]]
