"""Sessions, notes, and signals from private questions."""

import sqlalchemy as sa
from alembic import op

revision = "0004_sessions_and_safety"
down_revision = "0003_assignments_and_responses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('joint', 'individual_a', 'individual_b')", name=op.f("ck_sessions_kind_known")),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name=op.f("ck_sessions_state_known")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name=op.f("ck_sessions_minutes_make_sense")),
        sa.ForeignKeyConstraint(
            ["practice_id", "coach_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_sessions_practice_id_coach_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_sessions_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_sessions_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_sessions_practice_id_id")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_coach_time", ["coach_id", "starts_at"], unique=False)
        batch_op.create_index("ix_sessions_couple_time", ["couple_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sessions_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('agreed', 'thread', 'reminder')", name=op.f("ck_notes_kind_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "author_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_notes_practice_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_notes_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "session_id"],
            ["sessions.practice_id", "sessions.id"],
            name=op.f("fk_notes_practice_id_session_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_notes_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_notes_practice_id_id")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index("ix_notes_couple_kind", ["couple_id", "kind", "written_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notes_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "signals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('flag', 'soft_flag', 'asked_for_a_word')", name=op.f("ck_signals_kind_known")),
        sa.CheckConstraint("(closed_at IS NULL) = (reason IS NULL)", name=op.f("ck_signals_closed_with_reason")),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_signals_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_signals_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "response_id"],
            ["responses.practice_id", "responses.id"],
            name=op.f("fk_signals_practice_id_response_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_signals_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_signals_practice_id_id")),
        sa.UniqueConstraint("response_id", "item", name=op.f("uq_signals_response_id_item")),
    )
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.create_index("ix_signals_couple_open", ["couple_id", "closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_signals_practice_id"), ["practice_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signals_practice_id"))
        batch_op.drop_index("ix_signals_couple_open")

    op.drop_table("signals")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_practice_id"))
        batch_op.drop_index("ix_notes_couple_kind")

    op.drop_table("notes")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_practice_id"))
        batch_op.drop_index("ix_sessions_couple_time")
        batch_op.drop_index("ix_sessions_coach_time")

    op.drop_table("sessions")
