"""Whether the house can work: database and key store answer, at the newest migration, with a key for everybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import disk_usage
from stat import S_IROTH, S_IXOTH
from uuid import UUID

from sqlalchemy import NullPool, Select, Table, create_engine, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import Base, db
from portal.models.couples import Couple
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import audit_seals, key_store, tenants, vault
from portal.services.transactions import DatabaseBusy

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations" / "versions"
_ROLE = text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_TABLES = text(
    """
    SELECT relname, relrowsecurity AND relforcerowsecurity, relowner = current_user::regrole FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
    """
)
DURABLE = {"journal_mode": ("wal",), "synchronous": (2, 3), "foreign_keys": (1,)}
DURABLE_ON_POSTGRESQL = {
    "fsync": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
    "full_page_writes": ("on",),
}
LEAST_ROOM = 8 * 1024 * 1024
# one server and one database of it, whichever role asks
_WHICH = text("SELECT current_database(), pg_postmaster_start_time()")


def is_ready() -> bool:
    """Whether the database stands at the newest migration, and both secrets are those of what lies there."""
    try:
        is_at_newest = database_revision() == newest_revision()
        return is_at_newest and not vault.closed_versions() and audit_seals.fit()
    except (SQLAlchemyError, DatabaseBusy):
        return False


@cache
def newest_revision() -> str:
    """The migration that this version of the house needs."""
    return max(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def is_newer(revision: str | None) -> bool:
    """Whether a migration is one that this version of the house does not know: a newer one came to it."""
    return revision is not None and not (MIGRATIONS / f"{revision}.py").exists()


def database_revision() -> str | None:
    """The migration that the database stands at; None for an empty one."""
    if "alembic_version" not in inspect(db.engine).get_table_names():
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def without_keys() -> int:
    """How many people and couples have no key that could open their texts, and were not erased either."""
    known = key_store.known_owners()
    missing = 0
    for practice_id in tenants.each():
        owners = (db.session.scalars(_ids(table, practice_id)) for table in (Person, Couple))
        missing += sum(owner_id not in known for found in owners for owner_id in found)
    return missing


def _ids(table: type[Person | Couple], practice_id: UUID) -> Select[UUID]:
    return select(table.id).where(table.practice_id == practice_id)


def keys_by_vault_key() -> dict[int, int]:
    """How many data keys each version of the vault key wraps."""
    return key_store.versions()


@dataclass(frozen=True, slots=True)
class RowLocks:
    """How PostgreSQL parts practices: the application's role, whether anything binds it, and tables without a lock."""

    role: str
    is_unbound: bool
    owns_tables: bool
    unlocked: tuple[str, ...]


def row_locks() -> RowLocks | None:
    """How the rows of practices are locked apart; None on SQLite, which has no such locks."""
    if db.engine.dialect.name != "postgresql":
        return None
    role, is_unbound = db.session.execute(_ROLE).one()
    state = {name: (is_forced, is_own) for name, is_forced, is_own in db.session.execute(_TABLES)}
    unlocked = [name for name, table in Base.metadata.tables.items() if _is_of_practice(table) and not state[name][0]]
    return RowLocks(role, is_unbound, any(is_own for _, is_own in state.values()), tuple(sorted(unlocked)))


def _is_of_practice(table: Table) -> bool:
    return "practice_id" in table.columns or table is Practice.__table__


def is_on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def weak_settings() -> list[str]:
    """The settings of the database that do not keep what was acknowledged."""
    ask, durable = ("PRAGMA", DURABLE) if is_on_sqlite() else ("SHOW", DURABLE_ON_POSTGRESQL)
    found = {name: db.session.scalar(text(f"{ask} {name}")) for name in durable}
    return [f"{name} is {value}" for name, value in found.items() if value not in durable[name]]


def is_elsewhere(owners_url: str | None) -> bool:
    """Whether the address for the owner of the tables leads to another database than the one that is worked with."""
    if owners_url is None or is_on_sqlite():
        return False
    with create_engine(owners_url, poolclass=NullPool).connect() as connection:
        return connection.execute(_WHICH).one() != db.session.execute(_WHICH).one()


def folders_without_room(folders: Iterable[Path]) -> list[Path]:
    """Those whose disk is full."""
    return sorted(folder for folder in set(folders) if folder.is_dir() and disk_usage(folder).free < LEAST_ROOM)


def readable_by_all(paths: Iterable[Path]) -> list[Path]:
    """The files that every account of this machine can read, where it can come into their folder."""
    found = sorted({path for path in paths if path.is_file()})
    return [path for path in found if _lets_all(path, S_IROTH) and _lets_all(path.parent, S_IXOTH)]


def _lets_all(path: Path, bit: int) -> bool:
    return bool(path.stat().st_mode & bit)
