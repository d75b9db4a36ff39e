"""Requests to bring a private answer into a session, and how each partner can be reached safely."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0023_requests"
down_revision = "0022_joint_mode"
branch_labels = None
depends_on = None

LOCKED = ("release_requests", "safe_ways")
WAITING = sa.text("answered_at IS NULL AND withdrawn_at IS NULL")


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def _practice(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id"))


def upgrade() -> None:
    _create_release_requests()
    _create_safe_ways()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _create_release_requests() -> None:
    name = "release_requests"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("along", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'no', 'told')", name=op.f("ck_release_requests_answer_known")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_release_requests_answered_has_time")
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR answer IS NULL", name=op.f("ck_release_requests_withdrawn_has_no_answer")
        ),
        _key(name, "response_id", "responses"),
        _key(name, "person_id", "people"),
        _key(name, "asked_by", "people"),
        _practice(name),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_requests")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_release_requests_practice_id_id")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in ("practice_id", "response_id", "person_id"):
            batch_op.create_index(batch_op.f(f"ix_release_requests_{column}"), [column], unique=False)
        batch_op.create_index(
            "uq_release_requests_open",
            ["response_id", "item"],
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )


def _create_safe_ways() -> None:
    name = "safe_ways"
    op.create_table(
        name,
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key(name, "person_id", "people"),
        _practice(name),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_safe_ways")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_safe_ways_practice_id"), ["practice_id"], unique=False)


def downgrade() -> None:
    """What was released and did not open yet must not open by an instant at which its form was opened before.

    An older house knows one instant for a form, so that one goes: what is marked for a session in it is closed again.
    """
    op.execute(
        "UPDATE responses SET session_opened_at = NULL WHERE id IN (SELECT response_id FROM release_requests"
        " WHERE answer IN ('yes', 'told') AND opened_at IS NULL)"
    )
    op.drop_table("safe_ways")
    op.drop_table("release_requests")
