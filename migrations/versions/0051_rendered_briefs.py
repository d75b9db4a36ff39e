"""Copies of briefs that are set ahead and kept sealed, and an index by which sessions of a day are found."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0051_rendered_briefs"
down_revision = "0050_check_in_before_sessions"
branch_labels = None
depends_on = None

TABLE, *_ = LOCKED = ("rendered_briefs",)


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
        sa.Column("made_of", sa.LargeBinary(length=32), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("copy IN ('coach', 'joint')", name=op.f(f"ck_{TABLE}_copy_known")),
        sa.CheckConstraint("(made_of IS NULL) = (content IS NULL)", name=op.f(f"ck_{TABLE}_file_of_a_page")),
        _key("session_id", "sessions"),
        _key("couple_id", "couples"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
        sa.UniqueConstraint("session_id", "copy", name=op.f(f"uq_{TABLE}_session_id_copy")),
    )
    op.create_index(op.f(f"ix_{TABLE}_practice_id"), TABLE, ["practice_id"])
    op.create_index("ix_rendered_briefs_couple", TABLE, ["couple_id"])
    op.create_index("ix_rendered_briefs_looked_at", TABLE, ["practice_id", "looked_at"])
    op.create_index("ix_sessions_practice_time", "sessions", ["practice_id", "starts_at"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_sessions_practice_time", "sessions")
    op.drop_table(TABLE)
