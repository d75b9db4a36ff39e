"""Pathways: the steps of a couple in the coach's order, each issued to each partner as they come to it."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0029_pathways"
down_revision = "0028_nudges"
branch_labels = None
depends_on = None

LOCKED = ("pathways", "pathway_steps")
RUNNING = sa.text("ended_at IS NULL")
WITHOUT_A_COPY = sa.text(
    "SELECT a.practice_id, a.id AS assignment_id, p.person_id, t.step, t.due_at, t.issued_at FROM assignments a"
    " JOIN pathway_steps s ON s.assignment_id = a.id"
    " JOIN partnerships p ON p.couple_id = a.couple_id"
    " JOIN tasks t ON t.assignment_id = a.id AND t.person_id <> p.person_id"
    " WHERE a.given_to = 'both'"
    " AND NOT EXISTS (SELECT 1 FROM tasks o WHERE o.assignment_id = a.id AND o.person_id = p.person_id)"
)
WITHDRAWN = sa.text(
    "INSERT INTO tasks (id, practice_id, assignment_id, person_id, state, ordinal, step, due_at, issued_at,"
    " withdrawn_at) VALUES (:id, :practice_id, :assignment_id, :person_id, 'withdrawn', 1, :step, :due_at, :issued_at,"
    " :issued_at)"
)


def _key(table: str, column: str, to: str, **how: object) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name, **how)


def _practice(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id"))


def upgrade() -> None:
    _create_pathways()
    _create_steps()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _create_pathways() -> None:
    name = "pathways"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key(name, "couple_id", "couples"),
        _practice(name),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathways")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_pathways_practice_id_id")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in ("practice_id", "couple_id"):
            batch_op.create_index(batch_op.f(f"ix_pathways_{column}"), [column], unique=False)
        batch_op.create_index(
            "uq_pathways_running", ["couple_id"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING
        )


def _create_steps() -> None:
    name = "pathway_steps"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pathway_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("given_to", sa.String(length=40), nullable=False),
        sa.Column("release", sa.String(length=40), nullable=False),
        sa.Column("release_on", sa.Date(), nullable=True),
        sa.Column("release_after", sa.Uuid(), nullable=True),
        sa.Column("release_days", sa.Integer(), nullable=False),
        sa.Column("days_open", sa.Integer(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_a_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_b_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *_checks(),
        _key(name, "pathway_id", "pathways"),
        _key(name, "version_id", "questionnaire_versions"),
        _key(name, "assignment_id", "assignments"),
        _key(name, "release_after", "pathway_steps", deferrable=True, initially="DEFERRED"),
        _practice(name),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_steps")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_pathway_steps_practice_id_id")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in ("practice_id", "pathway_id", "assignment_id"):
            batch_op.create_index(batch_op.f(f"ix_pathway_steps_{column}"), [column], unique=False)


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "given_to_known": "given_to IN ('a', 'b', 'both', 'joint')",
        "release_known": "release IN ('at_once', 'on_day', 'after_own', 'by_coach')",
        "position_counts": "position > 0",
        "joint_by_coach": "given_to <> 'joint' OR release = 'by_coach'",
        "day_where_it_opens_on_one": "(release = 'on_day') = (release_on IS NOT NULL)",
        "step_where_it_waits_for_one": "(release = 'after_own') = (release_after IS NOT NULL)",
        "delay_known": "release_days BETWEEN 0 AND 60",
        "days_open_known": "days_open BETWEEN 1 AND 60",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_pathway_steps_{name}")) for name, rule in rules.items()]


def downgrade() -> None:
    """Who was not issued their copy of a step yet is given one that is withdrawn.

    An older house counts copies: without one, what the other shares of theirs would wait for nobody, and open.
    """
    bind = op.get_bind()
    rows = bind.execute(WITHOUT_A_COPY.columns(**_TYPES)).mappings().all()
    insert = WITHDRAWN.bindparams(*(sa.bindparam(name, type_=kind) for name, kind in (_TYPES | _ID).items()))
    for row in rows:
        bind.execute(insert, {**row, "id": uuid4()})
    op.drop_table("pathway_steps")
    op.drop_table("pathways")


_ID = {"id": sa.Uuid()}
_TYPES = {
    "practice_id": sa.Uuid(),
    "assignment_id": sa.Uuid(),
    "person_id": sa.Uuid(),
    "step": sa.String(),
    "due_at": sa.DateTime(timezone=True),
    "issued_at": sa.DateTime(timezone=True),
}
