"""Joint mode: for which session the screen of a browser is turned round."""

import sqlalchemy as sa
from alembic import op

revision = "0022_joint_mode"
down_revision = "0021_parting"
branch_labels = None
depends_on = None

OF_A_SESSION = "fk_web_sessions_practice_id_joint_session_id"


def upgrade() -> None:
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joint_session_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f(OF_A_SESSION), "sessions", ["practice_id", "joint_session_id"], ["practice_id", "id"]
        )


def downgrade() -> None:
    """A screen that is turned round must not turn back by itself: whoever was in it signs in again."""
    op.execute("UPDATE web_sessions SET ended_at = CURRENT_TIMESTAMP WHERE joint_session_id IS NOT NULL")
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(OF_A_SESSION), type_="foreignkey")
        batch_op.drop_column("joint_session_id")
