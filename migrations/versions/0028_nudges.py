"""Nudges: one sentence of the coach's own about one partner's open task, to that one alone."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0028_nudges"
down_revision = "0027_task_questions"
branch_labels = None
depends_on = None

TABLE = "nudges"
LOCKED = (TABLE,)


def _key(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key("task_id", "tasks"),
        _key("person_id", "people"),
        _key("sent_by", "people"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
        sa.UniqueConstraint("task_id", name=op.f(f"uq_{TABLE}_task_id")),
    )
    for column in ("practice_id", "person_id"):
        op.create_index(op.f(f"ix_{TABLE}_{column}"), TABLE, [column])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
