"""How migrations run: in one transaction, SQLite's foreign keys off (a rebuilt parent would lose its children)."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from portal.extensions import key_store
from portal.models.columns import Instant

engine = current_app.extensions["migrate"].db.engine
metadata = current_app.extensions["migrate"].db.metadata


def is_ours(_object: object, name: str | None, kind: str, reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and reflected and name == "alembic_version")


def written(kind: str, item: object, _context: object) -> str | bool:
    """Migrations stand on their own: our column types are written as what the database sees."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=is_ours,
        render_item=written,
    )
    with context.begin_transaction():
        context.run_migrations()


try:
    key_store.prepare()  # before the rest: people's keys may have to move there
except key_store.trouble as error:
    raise SystemExit(f"The key store cannot be used ({error}). Check PORTAL_KEYS_URL; nothing was changed.") from error

with engine.connect() as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.rollback()
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
    run(connection)
    connection.commit()
    if is_sqlite:
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")
