"""Guarded forms: once one is sent, it stands on no page of its author's any more."""

import sqlalchemy as sa
from alembic import op

revision = "0035_put_away"
down_revision = "0034_resources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("put_away_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """An older house shows that something was sent, under a title that says nothing, and no answer of it."""
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_column("put_away_at")
