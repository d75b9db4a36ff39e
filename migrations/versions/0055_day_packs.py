"""The briefs of a day, as a coach asks for them, and what became of each."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0055_day_packs"
down_revision = "0054_strip_on_paper"
branch_labels = None
depends_on = None

LOCKED = ("day_packs", "day_pack_rows")
RUNNING = sa.text("ended_at IS NULL")


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def _of_practice(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{table}_practice_id_id")),
    ]


def upgrade() -> None:
    op.create_table(
        "day_packs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        *_of_practice("day_packs"),
        sa.CheckConstraint("NOT is_cancelled OR ended_at IS NOT NULL", name=op.f("ck_day_packs_cancelled_has_ended")),
        _key("day_packs", "asked_by", "people"),
    )
    op.create_index(op.f("ix_day_packs_practice_id"), "day_packs", ["practice_id"])
    op.create_index("ix_day_packs_asked", "day_packs", ["practice_id", "asked_by", "asked_at"])
    op.create_index(
        "uq_day_packs_running",
        "day_packs",
        ["practice_id", "asked_by"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_table(
        "day_pack_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        *_of_practice("day_pack_rows"),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'set', 'failed', 'gone')", name=op.f("ck_day_pack_rows_outcome_known")
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_day_pack_rows_tries_count")),
        _key("day_pack_rows", "pack_id", "day_packs"),
        _key("day_pack_rows", "session_id", "sessions"),
        sa.UniqueConstraint("pack_id", "position", name=op.f("uq_day_pack_rows_pack_id_position")),
        sa.UniqueConstraint("pack_id", "session_id", name=op.f("uq_day_pack_rows_pack_id_session_id")),
    )
    op.create_index(op.f("ix_day_pack_rows_practice_id"), "day_pack_rows", ["practice_id"])
    if op.get_bind().dialect.name == "postgresql":
        for table in LOCKED:
            for statement in lock(table):
                op.execute(statement)


def downgrade() -> None:
    op.drop_table("day_pack_rows")
    op.drop_table("day_packs")
