"""Ways to the rows that every request, or every sign-in, looks up: they were found by going through all of them."""

from alembic import op

revision = "0025_ways_to_rows"
down_revision = "0024_same_work"
branch_labels = None
depends_on = None

WAYS = (
    ("ix_consents_person", "consents", ["person_id", "given_at"]),
    ("ix_notes_session", "notes", ["session_id", "written_at"]),
    ("ix_second_factors_person_id", "second_factors", ["person_id"]),
    ("ix_known_devices_expires_at", "known_devices", ["expires_at"]),
)


def upgrade() -> None:
    for name, table, columns in WAYS:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(WAYS):
        op.drop_index(name, table_name=table)
