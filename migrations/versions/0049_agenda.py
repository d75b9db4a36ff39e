"""What is on the agenda next time, beside open threads and reminders."""

from alembic import op

revision = "0049_agenda"
down_revision = "0048_picked_homework"
branch_labels = None
depends_on = None

NOTES, KNOWN = "notes", "ck_notes_kind_known"


def _know(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table(NOTES, schema=None) as batch_op:
        batch_op.drop_constraint(op.f(KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KNOWN), f"kind IN ({listed})")


def upgrade() -> None:
    _know("agreed", "agenda", "thread", "reminder")


def downgrade() -> None:
    """What was on the agenda stays, as what is still open."""
    op.execute("UPDATE notes SET kind = 'thread' WHERE kind = 'agenda'")
    _know("agreed", "thread", "reminder")
