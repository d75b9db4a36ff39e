"""Contacts: for which region, by text message too, in which languages, and who of the practice checked them last."""

import sqlalchemy as sa
from alembic import op

revision = "0026_contacts"
down_revision = "0025_ways_to_rows"
branch_labels = None
depends_on = None

LINES = ("region", "sms", "languages")
BY = "fk_contacts_practice_id_checked_by"


def upgrade() -> None:
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        for name in LINES:
            batch_op.add_column(sa.Column(name, sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("checked_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(BY, "people", ["practice_id", "checked_by"], ["practice_id", "id"])
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        for name in LINES:  # the default was for the entries that are there
            batch_op.alter_column(name, existing_type=sa.String(length=200), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_constraint(BY, type_="foreignkey")
        for name in (*LINES, "checked_by"):
            batch_op.drop_column(name)
