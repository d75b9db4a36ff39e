"""Who was at a session, how often it was moved, and what ends on its eve."""

import sqlalchemy as sa
from alembic import op

revision = "0044_series_and_attendance"
down_revision = "0043_more_time"
branch_labels = None
depends_on = None

SESSIONS, ASSIGNMENTS = "sessions", "assignments"
KNOWN = "ck_sessions_attendance_known"
ON_THE_EVE = "fk_assignments_practice_id_session_id"


def upgrade() -> None:
    """Of what was given before, nothing goes along with a session: nobody said so then."""
    with op.batch_alter_table(SESSIONS, schema=None) as batch_op:
        batch_op.add_column(sa.Column("attendance", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(op.f(KNOWN), "attendance IN ('both', 'a', 'b', 'nobody')")
    with op.batch_alter_table(SESSIONS, schema=None) as batch_op:
        batch_op.alter_column("changes", server_default=None)
    with op.batch_alter_table(ASSIGNMENTS, schema=None) as batch_op:
        batch_op.add_column(sa.Column("session_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f(ON_THE_EVE), SESSIONS, ["practice_id", "session_id"], ["practice_id", "id"])
        batch_op.create_index(op.f("ix_assignments_session_id"), ["session_id"])


def downgrade() -> None:
    with op.batch_alter_table(ASSIGNMENTS, schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_assignments_session_id"))
        batch_op.drop_constraint(op.f(ON_THE_EVE), type_="foreignkey")
        batch_op.drop_column("moved_at")
        batch_op.drop_column("session_id")
    with op.batch_alter_table(SESSIONS, schema=None) as batch_op:
        batch_op.drop_constraint(op.f(KNOWN), type_="check")
        batch_op.drop_column("changes")
        batch_op.drop_column("attendance")
