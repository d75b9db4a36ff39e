"""Who else works with a couple: supervisions, covers during leave, and hand-overs."""

import sqlalchemy as sa
from alembic import op

revision = "0011_roles"
down_revision = "0010_doors"
branch_labels = None
depends_on = None

INDEXES = (
    ("supervisions", "ix_supervisions_supervisor", ["supervisor_id", "couple_id"]),
    ("covers", "ix_covers_coach", ["coach_id", "ends_at"]),
    ("covers", "ix_covers_cover", ["cover_id", "ends_at"]),
    ("hand_overs", "ix_hand_overs_to", ["to_id", "settled_at"]),
)
ONLY_ONE = (
    ("supervisions", "uq_supervisions_current", ["couple_id", "supervisor_id"], "ends_at IS NULL"),
    ("hand_overs", "uq_hand_overs_open", ["couple_id"], "settled_at IS NULL"),
)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _points(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["practice_id", column], [f"{other}.practice_id", f"{other}.id"], name=f"fk_{table}_practice_id_{column}"
    )


def _of_practice(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=f"fk_{table}_practice_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def upgrade() -> None:
    op.create_table(
        "supervisions",
        *map(_id, ("id", "couple_id", "supervisor_id", "granted_by")),
        _moment("starts_at"),
        _moment("ends_at", nullable=True),
        _id("practice_id"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_supervisions_ends_after_start")),
        _points("supervisions", "couple_id", "couples"),
        *(_points("supervisions", column, "people") for column in ("supervisor_id", "granted_by")),
        *_of_practice("supervisions"),
    )
    op.create_table(
        "covers",
        *map(_id, ("id", "coach_id", "cover_id", "granted_by")),
        *map(_moment, ("starts_at", "ends_at")),
        _moment("called_off_at", nullable=True),
        _id("practice_id"),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_covers_ends_after_start")),
        sa.CheckConstraint("coach_id <> cover_id", name=op.f("ck_covers_another_coach")),
        *(_points("covers", column, "people") for column in ("coach_id", "cover_id", "granted_by")),
        *_of_practice("covers"),
    )
    op.create_table(
        "hand_overs",
        *map(_id, ("id", "couple_id", "from_id", "to_id", "offered_by")),
        _moment("offered_at"),
        _moment("accepted_at", nullable=True),
        _moment("settled_at", nullable=True),
        _id("practice_id"),
        sa.CheckConstraint(
            "accepted_at IS NULL OR settled_at IS NOT NULL", name=op.f("ck_hand_overs_accepted_is_settled")
        ),
        _points("hand_overs", "couple_id", "couples"),
        *(_points("hand_overs", column, "people") for column in ("from_id", "to_id", "offered_by")),
        *_of_practice("hand_overs"),
    )
    for table, name, columns in INDEXES:
        op.create_index(name, table, columns)
    for table, name, columns, where in ONLY_ONE:
        op.create_index(name, table, columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    for table in ("supervisions", "covers", "hand_overs"):
        op.create_index(f"ix_{table}_practice_id", table, ["practice_id"])


def downgrade() -> None:
    for table in ("hand_overs", "covers", "supervisions"):
        op.drop_table(table)
