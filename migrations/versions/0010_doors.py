"""The doors: delays by typed name, known devices, resets that wait, user names, and texts parked by an idle session."""

import sqlalchemy as sa
from alembic import op

revision = "0010_doors"
down_revision = "0009_key_store"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_delays",
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_door_delays_failures_count")),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_door_delays")),
    )
    with op.batch_alter_table("door_delays", schema=None) as batch_op:
        batch_op.create_index("ix_door_delays_last_at", ["last_at"], unique=False)

    op.create_table(
        "known_devices",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_known_devices_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_known_devices_practice_id")),
        sa.PrimaryKeyConstraint("token_hash", "person_id", name=op.f("pk_known_devices")),
    )
    with op.batch_alter_table("known_devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_devices_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "reset_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_with", sa.LargeBinary(length=32), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_requests")),
    )

    op.create_table(
        "parked_texts",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_parked_texts_version_counts")),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_parked_texts_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "task_id"],
            ["tasks.practice_id", "tasks.id"],
            name=op.f("fk_parked_texts_practice_id_task_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_parked_texts_practice_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_parked_texts")),
    )
    with op.batch_alter_table("parked_texts", schema=None) as batch_op:
        batch_op.create_index("ix_parked_texts_parked_at", ["parked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_parked_texts_practice_id"), ["practice_id"], unique=False)

    _add_columns()


def _add_columns() -> None:
    # whoever has come in so far goes by an address
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default="address"))
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)
        batch_op.create_check_constraint(batch_op.f("ck_sign_ins_kind_known"), "kind IN ('address', 'user_name')")
    op.add_column("people", sa.Column("user_name", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("asked_again_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Not while somebody comes in by a user name: it would be taken for an address, and the name itself would go."""
    named = (
        "SELECT (SELECT count(*) FROM people WHERE user_name IS NOT NULL)"
        " + (SELECT count(*) FROM sign_ins WHERE kind = 'user_name')"
    )
    if op.get_bind().scalar(sa.text(named)):
        raise SystemExit(
            "Somebody signs in by a user name: there is no way back to a house where everybody goes by an address."
        )
    op.drop_column("people", "asked_again_at")
    op.drop_column("people", "user_name")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_sign_ins_kind_known"), type_="check")
        batch_op.drop_column("kind")

    with op.batch_alter_table("parked_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parked_texts_practice_id"))
        batch_op.drop_index("ix_parked_texts_parked_at")

    op.drop_table("parked_texts")
    op.drop_table("reset_requests")
    with op.batch_alter_table("known_devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_devices_practice_id"))

    op.drop_table("known_devices")
    with op.batch_alter_table("door_delays", schema=None) as batch_op:
        batch_op.drop_index("ix_door_delays_last_at")

    op.drop_table("door_delays")
