"""A notable drop is one partner's, a response says whether anything of it may ever open, and two invariants hold."""

import sqlalchemy as sa
from alembic import op

revision = "0006_caseload_by_partner"
down_revision = "0005_audit_and_outbox"
branch_labels = None
depends_on = None

RUNNING = (
    ("uq_repetitions_running", "repetitions", ["couple_id", "questionnaire_id"]),
    ("uq_partnerships_current", "partnerships", ["person_id"]),
)


def upgrade() -> None:
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dropped_a_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("dropped_b_at", sa.DateTime(timezone=True), nullable=True))
    # whose drop it was is not known any more: it stands for both until either sends the next
    op.execute("UPDATE caseload SET dropped_a_at = dropped_at, dropped_b_at = dropped_at")
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.drop_column("dropped_at")
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("may_open", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.alter_column("may_open", server_default=None)
    for name, table, columns in RUNNING:
        running = sa.text("ended_at IS NULL")
        op.create_index(name, table, columns, unique=True, sqlite_where=running, postgresql_where=running)


def downgrade() -> None:
    for name, table, _columns in RUNNING:
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_column("may_open")
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE caseload SET dropped_at = coalesce(dropped_a_at, dropped_b_at)")
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.drop_column("dropped_b_at")
        batch_op.drop_column("dropped_a_at")
