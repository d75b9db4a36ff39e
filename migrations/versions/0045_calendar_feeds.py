"""Calendar feeds: a secret address for each person who asks for one."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import Found, lock

revision = "0045_calendar_feeds"
down_revision = "0044_series_and_attendance"
branch_labels = None
depends_on = None

TABLE, *_ = LOCKED = ("calendar_feeds",)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("shows_alone", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f(f"fk_{TABLE}_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
        sa.UniqueConstraint("person_id", name=op.f(f"uq_{TABLE}_person_id")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{TABLE}_token_hash")),
    )
    op.create_index(op.f(f"ix_{TABLE}_practice_id"), TABLE, ["practice_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE, found=Found.BEFORE_SIGN_IN):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
