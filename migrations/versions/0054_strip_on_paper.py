"""Whether a practice prints in full what stands before the door; none does that did not choose it."""

import sqlalchemy as sa
from alembic import op

revision = "0054_strip_on_paper"
down_revision = "0053_later_check_ins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is not made anew for it: the triggers of the audit trail name it."""
    column = sa.Column("prints_strip", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("practices", column)


def downgrade() -> None:
    op.drop_column("practices", "prints_strip")
