"""Homework that both picked as a session was closed."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0048_picked_homework"
down_revision = "0047_brief_choices"
branch_labels = None
depends_on = None

TABLE, *_ = LOCKED = ("picked_homework",)


def _key(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at_minute", sa.Integer(), nullable=False),
        sa.Column("obstacle", sa.LargeBinary(), nullable=True),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("at_minute BETWEEN 0 AND 1439", name=op.f(f"ck_{TABLE}_at_minute_of_a_day")),
        _key("session_id", "sessions"),
        _key("couple_id", "couples"),
        _key("questionnaire_id", "questionnaires"),
        _key("assignment_id", "assignments"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
        sa.UniqueConstraint("session_id", name=op.f(f"uq_{TABLE}_session_id")),
    )
    op.create_index(op.f(f"ix_{TABLE}_practice_id"), TABLE, ["practice_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
