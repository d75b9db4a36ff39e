"""A pathway can be held: nothing new of it reaches anybody until it goes on."""

import sqlalchemy as sa
from alembic import op

from portal import clock

revision = "0042_held_pathways"
down_revision = "0041_bulk"
branch_labels = None
depends_on = None

TABLE = "pathways"
# an older house knows of no hold: what was held would come all the same
END = sa.text("UPDATE pathways SET ended_at = :now WHERE ended_at IS NULL AND held_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.get_bind().execute(END.bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True))), {"now": clock.now()})
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_column("held_at")
