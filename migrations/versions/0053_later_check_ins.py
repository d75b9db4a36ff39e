"""Check-ins some months after the end, as each partner chose alone."""

import sqlalchemy as sa
from alembic import op

revision = "0053_later_check_ins"
down_revision = "0052_beginnings"
branch_labels = None
depends_on = None

TABLE, KNOWN, INDEX = "partnerships", "ck_partnerships_later_known", "ix_partnerships_later"


def upgrade() -> None:
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("later", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("later_given", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(op.f(KNOWN), "later IN ('one', 'three', 'both')")
        batch_op.create_index(INDEX, ["practice_id", "later"])
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.alter_column("later_given", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_index(INDEX)
        batch_op.drop_constraint(op.f(KNOWN), type_="check")
        batch_op.drop_column("later_given")
        batch_op.drop_column("later")
