"""Why a step of a pathway was left out, sealed for the couple as the coach's other words are."""

import sqlalchemy as sa
from alembic import op

revision = "0037_skipped_why"
down_revision = "0036_choices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pathway_steps", schema=None) as batch_op:
        batch_op.add_column(sa.Column("skipped_why", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pathway_steps", schema=None) as batch_op:
        batch_op.drop_column("skipped_why")
