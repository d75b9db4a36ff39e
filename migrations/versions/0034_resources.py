"""The shelf of resources per step; at which step somebody stopped taking part, beyond which they meet nothing new."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0034_resources"
down_revision = "0033_measures"
branch_labels = None
depends_on = None

LOCKED = ("resources",)
CHECKS = {
    "kind_known": "kind IN ('episode', 'film', 'article', 'book')",
    "position_counts": "position > 0",
    "minutes_known": "minutes BETWEEN 1 AND 600",
    "address_is_https": "address LIKE 'https://%'",
}


def upgrade() -> None:
    name = "resources"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{word}")) for word, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(
            ["practice_id", "step"],
            ["steps.practice_id", "steps.slug"],
            name=op.f(f"fk_{name}_practice_id_step"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{name}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{name}_practice_id_id")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{name}_practice_id"), ["practice_id"], unique=False)
        batch_op.create_index(f"ix_{name}_step", ["practice_id", "step", "position"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(name):
            op.execute(statement)
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_at_step", sa.String(length=40), nullable=True))
    op.execute(
        "UPDATE partnerships SET left_at_step = (SELECT couples.step FROM couples"
        " WHERE couples.id = partnerships.couple_id) WHERE withdrawn_at IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.drop_column("left_at_step")
    op.drop_table("resources")
