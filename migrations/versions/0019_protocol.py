"""What was done about a flag, step by step; the day on which it is looked at again; a practice's working hours."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock, unlock

revision = "0019_protocol"
down_revision = "0018_first_alone"
branch_labels = None
depends_on = None

LINES = "protocol_lines"
LOCKED = (LINES,)
HOURS = {"works_from": "540", "works_until": "1020", "read_within": "8"}


def upgrade() -> None:
    """Every practice works on the usual days and hours until its owner says otherwise; its own line stays beside.

    No check is put on them: SQLite would have to make the table anew, and the triggers of the audit trail name it.
    """
    op.add_column("practices", sa.Column("working_days", sa.String(length=40), nullable=False, server_default="12345"))
    for name, usual in HOURS.items():
        op.add_column("practices", sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
    op.add_column("signals", sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("signals", sa.Column("review_on", sa.Date(), nullable=True))
    _create_lines()
    if not _is_sqlite():
        _run(lock(LINES))


def _create_lines() -> None:
    op.create_table(
        LINES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=True),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("step BETWEEN 1 AND 7", name=op.f("ck_protocol_lines_step_known")),
        sa.ForeignKeyConstraint(
            ["practice_id", "signal_id"],
            ["signals.practice_id", "signals.id"],
            name=op.f("fk_protocol_lines_practice_id_signal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "noted_by"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_protocol_lines_practice_id_noted_by"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_protocol_lines_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_lines")),
    )
    op.create_index("ix_protocol_lines_signal", LINES, ["signal_id", "noted_at"], unique=False)
    op.create_index(op.f("ix_protocol_lines_practice_id"), LINES, ["practice_id"], unique=False)


def downgrade() -> None:
    if not _is_sqlite():
        _run(unlock(LINES))
    op.drop_index(op.f("ix_protocol_lines_practice_id"), table_name=LINES)
    op.drop_index("ix_protocol_lines_signal", table_name=LINES)
    op.drop_table(LINES)
    op.drop_column("signals", "review_on")
    op.drop_column("signals", "waits_since")
    for name in ("working_days", *HOURS):
        op.drop_column("practices", name)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)
