"""Responses: when what both share of an assignment was opened to both in a session."""

import sqlalchemy as sa
from alembic import op

revision = "0039_exchanges"
down_revision = "0038_from_paper"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("exchanged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_column("exchanged_at")
