"""What a coach chooses for a copy of a session's brief."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0047_brief_choices"
down_revision = "0046_session_notes"
branch_labels = None
depends_on = None

TABLE, *_ = LOCKED = ("brief_choices",)


def _key(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.String(length=40), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=True),
        sa.Column("hidden", sa.Text(), nullable=False),
        sa.Column("openers", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("copy IN ('coach', 'joint')", name=op.f(f"ck_{TABLE}_copy_known")),
        _key("session_id", "sessions"),
        _key("couple_id", "couples"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
        sa.UniqueConstraint("session_id", "copy", name=op.f(f"uq_{TABLE}_session_id_copy")),
    )
    op.create_index(op.f(f"ix_{TABLE}_practice_id"), TABLE, ["practice_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
