"""Giving the same to many couples: what was asked for, and what became of it with each."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0041_bulk"
down_revision = "0040_variants_and_holds"
branch_labels = None
depends_on = None

BULK, ROWS = LOCKED = ("bulk_assignments", "bulk_rows")
REASONS = (
    "rests", "one_gone", "has_it", "check_in_near", "held", "retired", "day_over", "measure", "not_yours", "otherwise",
)  # fmt: skip
RULES = {
    "outcome_known": "outcome IN ('waiting', 'given', 'skipped')",
    "reason_known": f"reason IN ({', '.join(repr(reason) for reason in REASONS)})",
    "skipped_for_a_reason": "(outcome = 'skipped') = (reason IS NOT NULL)",
    "given_is_an_assignment": "(outcome = 'given') = (assignment_id IS NOT NULL)",
}


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def _own(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{table}_practice_id_id")),
    )


def upgrade() -> None:
    op.create_table(
        BULK,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key(BULK, "questionnaire_id", "questionnaires"),
        _key(BULK, "asked_by", "people"),
        *_own(BULK),
    )
    for column in ("practice_id", "asked_by"):
        op.create_index(op.f(f"ix_{BULK}_{column}"), BULK, [column])
    op.create_index("ix_bulk_assignments_done", BULK, ["practice_id", "done_at"])
    _create_rows()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _create_rows() -> None:
    op.create_table(
        ROWS,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{ROWS}_{name}")) for name, rule in RULES.items()),
        _key(ROWS, "bulk_id", BULK),
        _key(ROWS, "couple_id", "couples"),
        _key(ROWS, "assignment_id", "assignments"),
        *_own(ROWS),
        sa.UniqueConstraint("bulk_id", "position", name=op.f(f"uq_{ROWS}_bulk_id_position")),
        sa.UniqueConstraint("bulk_id", "couple_id", name=op.f(f"uq_{ROWS}_bulk_id_couple_id")),
    )
    op.create_index(op.f(f"ix_{ROWS}_practice_id"), ROWS, ["practice_id"])


def downgrade() -> None:
    op.drop_table(ROWS)
    op.drop_table(BULK)
