"""More time moves the copies that are open, and is kept apart from the day that an assignment was given until."""

import sqlalchemy as sa
from alembic import op

revision = "0043_more_time"
down_revision = "0042_held_pathways"
branch_labels = None
depends_on = None

TABLE = "assignments"


def upgrade() -> None:
    """What was given more time before keeps that day as its own."""
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("extended_to", sa.Date(), nullable=True))


def downgrade() -> None:
    op.execute("UPDATE assignments SET due_on = extended_to WHERE extended_to > due_on")
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_column("extended_to")
