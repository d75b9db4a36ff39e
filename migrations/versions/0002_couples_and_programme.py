"""Couples, and the programme with its questionnaires."""

import sqlalchemy as sa
from alembic import op

revision = "0002_couples_and_programme"
down_revision = "0001_practices_and_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_steps_position_counts")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_steps_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("practice_id", "slug", name=op.f("uq_steps_practice_id_slug")),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_steps_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "couples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("names", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('invited', 'active', 'paused', 'withdrawn', 'separated', 'closed')",
            name=op.f("ck_couples_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "coach_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_couples_practice_id_coach_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_couples_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_couples")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_couples_practice_id_id")),
    )
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.create_index("ix_couples_coach", ["coach_id", "state", "names"], unique=False)
        batch_op.create_index(batch_op.f("ix_couples_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "questionnaires",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind <> 'exercise' OR step IS NOT NULL", name=op.f("ck_questionnaires_exercise_has_step")),
        sa.CheckConstraint("kind IN ('exercise', 'check_in')", name=op.f("ck_questionnaires_kind_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "step"],
            ["steps.practice_id", "steps.slug"],
            name=op.f("fk_questionnaires_practice_id_step"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_questionnaires_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaires")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_questionnaires_practice_id_id")),
        sa.UniqueConstraint("practice_id", "slug", name=op.f("uq_questionnaires_practice_id_slug")),
    )
    with op.batch_alter_table("questionnaires", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questionnaires_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "caseload",
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_caseload_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_caseload_practice_id")),
        sa.PrimaryKeyConstraint("couple_id", name=op.f("pk_caseload")),
    )
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_caseload_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "partnerships",
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("label IN ('A', 'B')", name=op.f("ck_partnerships_label_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_partnerships_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_partnerships_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_partnerships_practice_id")),
        sa.PrimaryKeyConstraint("couple_id", "label", name=op.f("pk_partnerships")),
        sa.UniqueConstraint("couple_id", "person_id", name=op.f("uq_partnerships_couple_id_person_id")),
    )
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.create_index("ix_partnerships_person", ["person_id", "practice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partnerships_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "questionnaire_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.String(length=40), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('alone', 'together', 'alone_then_together')",
            name=op.f("ck_questionnaire_versions_audience_known"),
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_questionnaire_versions_minutes_count")),
        sa.CheckConstraint("number > 0", name=op.f("ck_questionnaire_versions_number_counts")),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_questionnaire_versions_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "questionnaire_id"],
            ["questionnaires.practice_id", "questionnaires.id"],
            name=op.f("fk_questionnaire_versions_practice_id_questionnaire_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_questionnaire_versions_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_versions")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_questionnaire_versions_practice_id_id")),
        sa.UniqueConstraint(
            "questionnaire_id", "number", name=op.f("uq_questionnaire_versions_questionnaire_id_number")
        ),
    )
    with op.batch_alter_table("questionnaire_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questionnaire_versions_practice_id"), ["practice_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("questionnaire_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questionnaire_versions_practice_id"))

    op.drop_table("questionnaire_versions")
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnerships_practice_id"))
        batch_op.drop_index("ix_partnerships_person")

    op.drop_table("partnerships")
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_caseload_practice_id"))

    op.drop_table("caseload")
    with op.batch_alter_table("questionnaires", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questionnaires_practice_id"))

    op.drop_table("questionnaires")
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_couples_practice_id"))
        batch_op.drop_index("ix_couples_coach")

    op.drop_table("couples")
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_steps_practice_id"))

    op.drop_table("steps")
