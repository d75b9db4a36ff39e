"""Notes of a session: of both, of one, or the writer's own; and what is added to them once they are locked."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0046_session_notes"
down_revision = "0045_calendar_feeds"
branch_labels = None
depends_on = None

NOTES, ADDENDA = LOCKED = ("session_notes", "note_addenda")
RULES = {
    "note_of_known": "note_of IN ('joint', 'a', 'b', 'private')",
    "version_counts": "version > 0",
    "locked_by_somebody": "(locked_at IS NULL) = (locked_by IS NULL)",
}
ONLY_ONE = {
    "uq_session_notes_of_record": ("note_of", "note_of <> 'private'"),
    "uq_session_notes_private": ("author_id", "note_of = 'private'"),
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
        NOTES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_for", sa.Uuid(), nullable=False),
        sa.Column("note_of", sa.String(length=40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_by", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{NOTES}_{name}")) for name, rule in RULES.items()),
        _key(NOTES, "couple_id", "couples"),
        _key(NOTES, "session_id", "sessions"),
        _key(NOTES, "author_id", "people"),
        _key(NOTES, "locked_by", "people"),
        *_own(NOTES),
    )
    op.create_index(op.f(f"ix_{NOTES}_practice_id"), NOTES, ["practice_id"])
    op.create_index("ix_session_notes_couple", NOTES, ["couple_id", "note_of"])
    op.create_index("ix_session_notes_session", NOTES, ["session_id"])
    for name, (column, where) in ONLY_ONE.items():
        told = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
        op.create_index(name, NOTES, ["session_id", column], unique=True, **told)
    _create_addenda()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _create_addenda() -> None:
    op.create_table(
        ADDENDA,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key(ADDENDA, "note_id", NOTES),
        _key(ADDENDA, "author_id", "people"),
        *_own(ADDENDA),
    )
    op.create_index(op.f(f"ix_{ADDENDA}_practice_id"), ADDENDA, ["practice_id"])
    op.create_index("ix_note_addenda_note", ADDENDA, ["note_id", "added_at"])


def downgrade() -> None:
    op.drop_table(ADDENDA)
    op.drop_table(NOTES)
