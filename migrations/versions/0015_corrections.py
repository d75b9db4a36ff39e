"""Corrections: what a sent form said before, when it was corrected, and a signal for each time that one is raised."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0015_corrections"
down_revision = "0014_row_locks"
branch_labels = None
depends_on = None

LOCKED = ("earlier_versions",)
WHOLE = (
    "corrected_at IS NULL AND corrected_opens_at IS NULL"
    " OR corrected_at >= submitted_at AND corrected_opens_at >= corrected_at"
)
NUMBERED, BY_KEY = "uq_responses_task_id_number", "uq_responses_task_id_submission_key"
ONE_OF_A_TASK, COUNTS = "uq_responses_task_id", "ck_responses_number_counts"
RAISED_ONCE, RAISED_EACH_TIME = "uq_signals_response_id_item", "uq_signals_response_id_item_raised_at"


def upgrade() -> None:
    _create_earlier_versions()
    with op.batch_alter_table("responses", schema=None) as batch_op:
        for name in ("corrected_at", "corrected_opens_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_responses_corrected_is_whole"), WHOLE)
        batch_op.create_unique_constraint(batch_op.f(ONE_OF_A_TASK), ["task_id"])
        batch_op.drop_constraint(batch_op.f(NUMBERED), type_="unique")
        batch_op.drop_constraint(batch_op.f(BY_KEY), type_="unique")
        batch_op.drop_constraint(batch_op.f(COUNTS), type_="check")
        batch_op.drop_column("number")  # versions lie in a table of their own: a task has one response
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(RAISED_ONCE), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(RAISED_EACH_TIME), ["response_id", "item", "raised_at"])


def _create_earlier_versions() -> None:
    def key(column: str, table: str) -> sa.ForeignKeyConstraint:
        name = op.f(f"fk_earlier_versions_practice_id_{column}")
        return sa.ForeignKeyConstraint(["practice_id", column], [f"{table}.practice_id", f"{table}.id"], name=name)

    op.create_table(
        "earlier_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_earlier_versions_number_counts")),
        key("response_id", "responses"),
        key("person_id", "people"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_earlier_versions_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_versions")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_earlier_versions_practice_id_id")),
        sa.UniqueConstraint("response_id", "number", name=op.f("uq_earlier_versions_response_id_number")),
    )
    with op.batch_alter_table("earlier_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_earlier_versions_practice_id"), ["practice_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def downgrade() -> None:
    """The latest version stays, as if it had been sent so, and opens at the form's own time.

    What it said before goes, and of two signals to one question the closed one, else the earlier.
    """
    op.drop_table("earlier_versions")
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.alter_column("number", server_default=None)
        batch_op.create_check_constraint(batch_op.f(COUNTS), "number > 0")
        batch_op.create_unique_constraint(batch_op.f(NUMBERED), ["task_id", "number"])
        batch_op.create_unique_constraint(batch_op.f(BY_KEY), ["task_id", "submission_key"])
        batch_op.drop_constraint(batch_op.f(ONE_OF_A_TASK), type_="unique")
        batch_op.drop_constraint(batch_op.f("ck_responses_corrected_is_whole"), type_="check")
        batch_op.drop_column("corrected_opens_at")
        batch_op.drop_column("corrected_at")
    op.execute(
        "DELETE FROM signals WHERE EXISTS (SELECT 1 FROM signals AS other WHERE other.response_id = signals.response_id"
        " AND other.item = signals.item AND other.id <> signals.id AND ("
        " (other.closed_at IS NULL AND signals.closed_at IS NOT NULL) OR"
        " ((other.closed_at IS NULL) = (signals.closed_at IS NULL) AND other.raised_at > signals.raised_at)))"
    )
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(RAISED_EACH_TIME), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(RAISED_ONCE), ["response_id", "item"])
