"""Responses: who typed one in from paper."""

import sqlalchemy as sa
from alembic import op

revision = "0038_from_paper"
down_revision = "0037_skipped_why"
branch_labels = None
depends_on = None

BY = "fk_responses_practice_id_entered_by"


def upgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(BY, "people", ["practice_id", "entered_by"], ["practice_id", "id"])


def downgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_constraint(BY, type_="foreignkey")
        batch_op.drop_column("entered_by")
