"""Ways to one's own rows that do not lead past the other's: else a page takes longer for what it never shows."""

import sqlalchemy as sa
from alembic import op

revision = "0024_same_work"
down_revision = "0023_requests"
branch_labels = None
depends_on = None

LOOKS = sa.text("event = 'couple:read'")


def upgrade() -> None:
    op.create_index("ix_responses_person_open", "responses", ["person_id", "may_open"])
    op.create_index("ix_sessions_couple_kind", "sessions", ["couple_id", "kind", "starts_at"])
    op.create_index("ix_web_sessions_person_seen", "web_sessions", ["person_id", "seen_at"])
    op.drop_index("ix_web_sessions_person_id", table_name="web_sessions")
    op.create_index(
        "ix_audit_events_looks", "audit_events", ["subject_id", "at"], sqlite_where=LOOKS, postgresql_where=LOOKS
    )


def downgrade() -> None:
    op.drop_index("ix_audit_events_looks", table_name="audit_events")
    op.create_index("ix_web_sessions_person_id", "web_sessions", ["person_id"])
    op.drop_index("ix_web_sessions_person_seen", table_name="web_sessions")
    op.drop_index("ix_sessions_couple_kind", table_name="sessions")
    op.drop_index("ix_responses_person_open", table_name="responses")
