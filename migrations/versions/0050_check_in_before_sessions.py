"""The check-in before each session: for which couples, when it is asked, and when the brief is cut off."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0050_check_in_before_sessions"
down_revision = "0049_agenda"
branch_labels = None
depends_on = None

SESSIONS, ASSIGNMENTS = "sessions", "assignments"
TABLE, *_ = LOCKED = ("session_check_ins",)
ASKED = "ck_sessions_asked_before_cut_off"


def _key(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def upgrade() -> None:
    """Sessions that are planned already are asked for nothing: nobody said so."""
    with op.batch_alter_table(SESSIONS, schema=None) as batch_op:
        batch_op.add_column(sa.Column("asks_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(op.f(ASKED), "asks_at < cut_off_at AND cut_off_at <= starts_at")
        batch_op.create_index("ix_sessions_asks", ["practice_id", "asks_at"])
    with op.batch_alter_table(ASSIGNMENTS, schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("opens_hours", sa.Integer(), nullable=False),
        sa.Column("ends_hours", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ends_hours > 0 AND opens_hours > ends_hours", name=op.f(f"ck_{TABLE}_opens_before_it_ends")
        ),
        _key("couple_id", "couples"),
        _key("questionnaire_id", "questionnaires"),
        _key("set_by", "people"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("couple_id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(op.f(f"ix_{TABLE}_practice_id"), TABLE, ["practice_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
    with op.batch_alter_table(ASSIGNMENTS, schema=None) as batch_op:
        batch_op.drop_column("ends_at")
    with op.batch_alter_table(SESSIONS, schema=None) as batch_op:
        batch_op.drop_index("ix_sessions_asks")
        batch_op.drop_constraint(op.f(ASKED), type_="check")
        batch_op.drop_column("cut_off_at")
        batch_op.drop_column("asks_at")
