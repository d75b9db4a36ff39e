"""How migrations run: in one transaction, SQLite's foreign keys off (a rebuilt parent would lose its children).

On PostgreSQL they run as the owner of the tables, who sees every practice meanwhile.

A migration writes its tables itself, as they were on its day. Three things it takes from the house as it is: how a
trail is chained (0008), where keys lie (0009), and how rows are locked (0014, 0015). What stands has to fit what is
written from then on, so whoever changes one of these changes it for old rows too.
"""

import click
from alembic import context
from flask import current_app
from sqlalchemy import Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.cli import ground
from portal.extensions import key_store
from portal.models import row_locks
from portal.models.columns import Instant

ASKED = "A downgrade takes tables away, with all that people wrote into them. Go on?"
settings = current_app.extensions["portal.settings"]
owner = settings.migration_url
engine = create_engine(owner, poolclass=NullPool) if owner else current_app.extensions["migrate"].db.engine
metadata = current_app.extensions["migrate"].db.metadata


def is_sure() -> bool:
    """Whether a script has said so beforehand: `flask db -x yes downgrade`."""
    return "yes" in context.get_x_argument()


def is_ours(_object: object, name: str | None, kind: str, reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and reflected and name == "alembic_version")


def written(kind: str, item: object, _context: object) -> str | bool:
    """No migration knows our column types: they are written as what the database sees."""
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
    is_postgresql = connection.dialect.name == "postgresql"
    with context.begin_transaction():
        if is_postgresql:
            row_locks.see_every_practice(connection)
        context.run_migrations()
        role = make_url(settings.database_url).username
        if is_postgresql and owner and role and role != engine.url.username:
            row_locks.grant(connection, role)


try:
    key_store.prepare()  # before the rest: people's keys may have to move there
except key_store.trouble as error:
    raise SystemExit(f"The key store cannot be used ({error}). Check PORTAL_KEYS_URL; nothing was changed.") from error

if (command := click.get_current_context(silent=True)) and command.info_name == "downgrade" and not is_sure():
    click.confirm(ASKED, abort=True)

try:
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.rollback()
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        run(connection)
        connection.commit()
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")
except (OperationalError, ProgrammingError, OSError) as error:  # another is a fault of ours, and shows where
    raise SystemExit(f"Error: {ground.broken_off(error)}") from error
