"""Questions about a task: one line of a partner to the coach, and one line back."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0027_task_questions"
down_revision = "0026_contacts"
branch_labels = None
depends_on = None

TABLE = "task_questions"
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
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f(f"ck_{TABLE}_answered_is_whole")),
        _key("task_id", "tasks"),
        _key("person_id", "people"),
        _key("answered_by", "people"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
    )
    for column in ("practice_id", "task_id", "person_id"):
        op.create_index(op.f(f"ix_{TABLE}_{column}"), TABLE, [column])
    op.create_index(f"ix_{TABLE}_waiting", TABLE, ["practice_id", "answered_at"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
