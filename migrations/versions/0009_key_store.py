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
# the sealed columns of this revision: table, column, the row's id, its owner's id
SEALED = (
    ("people", "address", "id", "id"),
    ("tokens", "code_sealed", "id", "person_id"),
    ("outbox", "payload", "id", "person_id"),
    ("drafts", "document", "task_id", "person_id"),
    ("responses", "document", "id", "person_id"),
    ("responses", "scores", "id", "person_id"),
    ("assignments", "why", "id", "couple_id"),
    ("assignments", "obstacle", "id", "couple_id"),
    ("notes", "text", "id", "couple_id"),
    ("signals", "reason", "id", "couple_id"),
    ("second_factors", "seed", "id", "person_id"),
    ("passkeys", "name", "id", "person_id"),
    ("feedback", "text", "id", "response_id"),  # whose owner is the response's
)
FIRST = (1).to_bytes(2)
WITHOUT_NUMBER = [column for column in KEYS.c if column.name != "number"]


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # a lock on rows would hide the keys, and they would be dropped unmoved
        op.execute("ALTER TABLE data_keys NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE data_keys DISABLE ROW LEVEL SECURITY")
    moved = _into_key_store([dict(row._mapping) for row in connection.execute(sa.select(*WITHOUT_NUMBER))])
    _number_texts(connection, moved)
    with op.batch_alter_table("data_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_keys_practice_id"))
    op.drop_table("data_keys")


def _into_key_store(rows: list[dict[str, object]]) -> set[object]:
    """Stored there before they go here: what breaks off in between leaves a key in both, and in neither none."""
    with key_store.engine.begin() as store:
        there: set[UUID] = set(store.scalars(sa.select(KEYS.c.owner_id)))
        fresh = [row | {"number": 1} for row in rows if row["owner_id"] not in there]
        if fresh:
            store.execute(sa.insert(KEYS), fresh)
    return {row["owner_id"] for row in fresh}


def _number_texts(connection: sa.Connection, owners: set[object]) -> None:
    """Put the number of the key before each text of these owners; whose key had moved before has it there."""
    authors = dict(_columns(connection, "responses", "id", "person_id")) if owners else {}
    for name, column, row_id, owner_id in SEALED if owners else ():
        for row, owner, sealed in _columns(connection, name, row_id, owner_id, column):
            if sealed is not None and authors.get(owner, owner) in owners:
                _set(connection, name, column, row_id, row, FIRST + sealed)


def _columns(connection: sa.Connection, name: str, *columns: str) -> list[sa.Row]:  # type: ignore[type-arg]
    kinds = [sa.column(one, sa.Uuid() if one == "id" or one.endswith("_id") else sa.LargeBinary()) for one in columns]
    return list(connection.execute(sa.select(*kinds).select_from(sa.table(name))).all())


def _set(connection: sa.Connection, name: str, column: str, row_id: str, row: object, value: bytes) -> None:
    table = sa.table(name, sa.column(row_id, sa.Uuid()), sa.column(column, sa.LargeBinary()))
    connection.execute(sa.update(table).where(table.c[row_id] == row).values({column: value}))


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
