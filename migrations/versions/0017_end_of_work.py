"""The end of the work: when a couple was closed, from which the time runs that its records are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0017_end_of_work"
down_revision = "0016_move_out"
branch_labels = None
depends_on = None

HAVE_ENDED = "state IN ('separated', 'closed')"
DATED, IS_DATED = "ck_couples_ended_is_dated", "ended_at IS NOT NULL OR state NOT IN ('separated', 'closed')"
# a couple ended with its last open invitation, or when the last of its partners left
LAST_KNOWN = """
    SELECT max(at) FROM (
        SELECT partnerships.ended_at AS at FROM partnerships WHERE partnerships.couple_id = couples.id
        UNION ALL
        SELECT audit_events.at FROM audit_events
            JOIN partnerships ON partnerships.person_id = audit_events.subject_id
            WHERE partnerships.couple_id = couples.id AND audit_events.event = 'invitation:withdrawn'
    ) AS known
"""


def upgrade() -> None:
    """Where nothing tells when it was, it is now: rather kept for longer than somebody's time over too early."""
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE couples SET ended_at = coalesce(({LAST_KNOWN}), CURRENT_TIMESTAMP) WHERE {HAVE_ENDED}")  # noqa: S608 - our own words
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f(DATED), IS_DATED)


def downgrade() -> None:
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(DATED), type_="check")
        batch_op.drop_column("ended_at")
