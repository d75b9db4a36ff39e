"""Assignments, tasks, and what partners write."""

import sqlalchemy as sa
from alembic import op

revision = "0003_assignments_and_responses"
down_revision = "0002_couples_and_programme"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repetitions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.Column("given_to", sa.String(length=40), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("last_issued_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("given_to IN ('a', 'b', 'both', 'joint')", name=op.f("ck_repetitions_given_to_known")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_repetitions_weekday_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "assigned_by"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_repetitions_practice_id_assigned_by"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_repetitions_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "questionnaire_id"],
            ["questionnaires.practice_id", "questionnaires.id"],
            name=op.f("fk_repetitions_practice_id_questionnaire_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_repetitions_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repetitions")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_repetitions_practice_id_id")),
    )
    with op.batch_alter_table("repetitions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repetitions_couple_id"), ["couple_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_repetitions_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("repetition_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.Column("given_to", sa.String(length=40), nullable=False),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("obstacle", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("given_to IN ('a', 'b', 'both', 'joint')", name=op.f("ck_assignments_given_to_known")),
        sa.CheckConstraint("due_on >= assigned_on", name=op.f("ck_assignments_due_after_assigned")),
        sa.ForeignKeyConstraint(
            ["practice_id", "assigned_by"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_assignments_practice_id_assigned_by"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "couple_id"],
            ["couples.practice_id", "couples.id"],
            name=op.f("fk_assignments_practice_id_couple_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "repetition_id"],
            ["repetitions.practice_id", "repetitions.id"],
            name=op.f("fk_assignments_practice_id_repetition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "version_id"],
            ["questionnaire_versions.practice_id", "questionnaire_versions.id"],
            name=op.f("fk_assignments_practice_id_version_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_assignments_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_assignments_practice_id_id")),
        sa.UniqueConstraint("repetition_id", "assigned_on", name=op.f("uq_assignments_repetition_id_assigned_on")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index("ix_assignments_couple_day", ["couple_id", "assigned_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('submitted', 'reviewed')) <= (submitted_at IS NOT NULL)",
            name=op.f("ck_tasks_submitted_has_time"),
        ),
        sa.CheckConstraint(
            "state IN ('assigned', 'started', 'submitted', 'reviewed', 'withdrawn')", name=op.f("ck_tasks_state_known")
        ),
        sa.CheckConstraint("ordinal > 0", name=op.f("ck_tasks_ordinal_counts")),
        sa.ForeignKeyConstraint(
            ["practice_id", "assignment_id"],
            ["assignments.practice_id", "assignments.id"],
            name=op.f("fk_tasks_practice_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_tasks_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_tasks_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("assignment_id", "person_id", name=op.f("uq_tasks_assignment_id_person_id")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_tasks_practice_id_id")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_person_state", ["person_id", "practice_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_tasks_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_drafts_version_counts")),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_drafts_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"], name=op.f("fk_drafts_practice_id_task_id")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_drafts_practice_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("policy IN ('open', 'discretion', 'confidential')", name=op.f("ck_responses_policy_known")),
        sa.CheckConstraint("number > 0", name=op.f("ck_responses_number_counts")),
        sa.CheckConstraint("opens_at > submitted_at", name=op.f("ck_responses_opens_later")),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_responses_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"], name=op.f("fk_responses_practice_id_task_id")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_responses_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_responses_practice_id_id")),
        sa.UniqueConstraint("task_id", "number", name=op.f("uq_responses_task_id_number")),
        sa.UniqueConstraint("task_id", "submission_key", name=op.f("uq_responses_task_id_submission_key")),
    )
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.create_index("ix_responses_person_sent", ["person_id", "submitted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_responses_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "coach_id"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_feedback_practice_id_coach_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "response_id"],
            ["responses.practice_id", "responses.id"],
            name=op.f("fk_feedback_practice_id_response_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_feedback_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_feedback_practice_id_id")),
        sa.UniqueConstraint("response_id", name=op.f("uq_feedback_response_id")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_practice_id"), ["practice_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_practice_id"))

    op.drop_table("feedback")
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_practice_id"))
        batch_op.drop_index("ix_responses_person_sent")

    op.drop_table("responses")
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_drafts_practice_id"))

    op.drop_table("drafts")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tasks_practice_id"))
        batch_op.drop_index("ix_tasks_person_state")

    op.drop_table("tasks")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignments_practice_id"))
        batch_op.drop_index("ix_assignments_couple_day")

    op.drop_table("assignments")
    with op.batch_alter_table("repetitions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repetitions_practice_id"))
        batch_op.drop_index(batch_op.f("ix_repetitions_couple_id"))

    op.drop_table("repetitions")
