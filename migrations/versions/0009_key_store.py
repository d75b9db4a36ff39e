"""People's wrapped keys leave the main database for a key store; each of their texts says which key sealed it."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from portal.extensions import key_store

revision = "0009_key_store"
down_revision = "0008_audit_chain"
branch_labels = None
depends_on = None

KEYS = sa.table(
    "data_keys",
    sa.column("owner_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("practice_id", sa.Uuid()),
    sa.column("owner_kind", sa.String()),
    sa.column("wrapped", sa.LargeBinary()),
    sa.column("vault_version", sa.Integer()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
# the sealed columns of this revision: table, column, the row's id
SEALED = (
    ("people", "address", "id"),
    ("tokens", "code_sealed", "id"),
    ("outbox", "payload", "id"),
    ("drafts", "document", "task_id"),
    ("responses", "document", "id"),
    ("responses", "scores", "id"),
    ("assignments", "why", "id"),
    ("assignments", "obstacle", "id"),
    ("notes", "text", "id"),
    ("signals", "reason", "id"),
    ("second_factors", "seed", "id"),
    ("passkeys", "name", "id"),
    ("feedback", "text", "id"),
)
FIRST = (1).to_bytes(2)
WITHOUT_NUMBER = [column for column in KEYS.c if column.name != "number"]


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # a lock on rows would hide the keys, and they would be dropped unmoved
        op.execute("ALTER TABLE data_keys NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE data_keys DISABLE ROW LEVEL SECURITY")
    _into_key_store([dict(row._mapping) for row in connection.execute(sa.select(*WITHOUT_NUMBER))])
    for name, column, row_id in SEALED:
        _number_texts(connection, _table(name, column, row_id))
    with op.batch_alter_table("data_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_keys_practice_id"))
    op.drop_table("data_keys")


def _into_key_store(rows: list[dict[str, object]]) -> None:
    """Stored there before they go here: what breaks off in between leaves a key in both, and in neither none."""
    with key_store.engine.begin() as store:
        there: set[UUID] = set(store.scalars(sa.select(KEYS.c.owner_id)))
        fresh = [row | {"number": 1} for row in rows if row["owner_id"] not in there]
        if fresh:
            store.execute(sa.insert(KEYS), fresh)


def _table(name: str, column: str, row_id: str) -> sa.TableClause:
    return sa.table(name, sa.column(row_id, sa.Uuid()), sa.column(column, sa.LargeBinary()))


def _number_texts(connection: sa.Connection, table: sa.TableClause) -> None:
    """Put the number of the key before each text; none has one yet, wherever its key lies by now."""
    row_id, text = table.c
    for row, sealed in connection.execute(sa.select(row_id, text).where(text.is_not(None))).all():
        connection.execute(sa.update(table).where(row_id == row).values({text: FIRST + sealed}))


def _strip_numbers(connection: sa.Connection, table: sa.TableClause) -> None:
    """Leave each text as the revision before opens it, without the number of its key."""
    _, text = table.c
    bare = sa.func.substr(text, len(FIRST) + 1, type_=sa.LargeBinary)
    connection.execute(sa.update(table).where(text.is_not(None)).values({text: bare}))


def downgrade() -> None:
    with key_store.engine.begin() as store:
        rows = [dict(row._mapping) for row in store.execute(sa.select(KEYS))]
    if any(row.pop("number") != 1 for row in rows):
        raise SystemExit("Somebody's key was rotated: there is no way back to a table with one key for each of them.")
    op.create_table(
        "data_keys",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(length=10), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("vault_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("owner_kind IN ('person', 'couple')", name=op.f("ck_data_keys_owner_kind_known")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_data_keys_practice_id")),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_data_keys")),
        sa.UniqueConstraint("practice_id", "owner_id", name=op.f("uq_data_keys_practice_id_owner_id")),
    )
    with op.batch_alter_table("data_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_keys_practice_id"), ["practice_id"], unique=False)
    practices = set(op.get_bind().scalars(sa.text("SELECT id FROM practices").columns(sa.column("id", sa.Uuid()))))
    kept = [row for row in rows if row["practice_id"] in practices]  # a key whose row never came is harmless there
    if kept:
        op.bulk_insert(KEYS, kept)
    for name, column, row_id in SEALED:
        _strip_numbers(op.get_bind(), _table(name, column, row_id))
