"""Choices: two or three small steps that one partner is offered, of which they take one."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0036_choices"
down_revision = "0035_put_away"
branch_labels = None
depends_on = None

CHOICES, STEPS = LOCKED = ("offered_choices", "offered_steps")
OPEN = sa.text("picked_at IS NULL AND withdrawn_at IS NULL")


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
    _create_choices()
    op.create_table(
        STEPS,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("choice_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f(f"ck_{STEPS}_position_counts")),
        _key(STEPS, "choice_id", CHOICES),
        _key(STEPS, "version_id", "questionnaire_versions"),
        *_own(STEPS),
        sa.UniqueConstraint("choice_id", "position", name=op.f(f"uq_{STEPS}_choice_id_position")),
    )
    op.create_index(op.f(f"ix_{STEPS}_practice_id"), STEPS, ["practice_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _create_choices() -> None:
    op.create_table(
        CHOICES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(task_id IS NULL) = (picked_at IS NULL)", name=op.f(f"ck_{CHOICES}_picked_is_a_task")),
        _key(CHOICES, "couple_id", "couples"),
        _key(CHOICES, "task_id", "tasks"),
        _key(CHOICES, "person_id", "people"),
        _key(CHOICES, "offered_by", "people"),
        *_own(CHOICES),
    )
    for column in ("practice_id", "couple_id", "person_id", "task_id"):
        op.create_index(op.f(f"ix_{CHOICES}_{column}"), CHOICES, [column])
    op.create_index(
        "uq_offered_choices_open", CHOICES, ["person_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_table(STEPS)
    op.drop_table(CHOICES)
