"""Moving out: since when a practice lives in another house, and nobody comes in here any more."""

import sqlalchemy as sa
from alembic import op

revision = "0016_move_out"
down_revision = "0015_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("practices", sa.Column("moved_out_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Not while a practice has moved out: its people would come in here again."""
    moved = sa.text("SELECT count(*) FROM practices WHERE moved_out_at IS NOT NULL")
    if op.get_bind().scalar(moved):
        raise SystemExit(
            "A practice has moved out: there is no way back to a house that would let its people in again."
        )
    op.drop_column("practices", "moved_out_at")
