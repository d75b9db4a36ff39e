"""Approvals of an erasure: whether there was nobody else when the first was given."""

import sqlalchemy as sa
from alembic import op

revision = "0018_first_alone"
down_revision = "0017_end_of_work"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of those that were given before, none counts as given alone: who still is says it once more."""
    op.add_column("erasures", sa.Column("first_was_alone", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("erasures", "first_was_alone")
