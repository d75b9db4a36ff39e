"""What comes again can be left out once or held; and which exercise is an easier version of which."""

import sqlalchemy as sa
from alembic import op

from portal import clock
from portal.models.row_locks import lock

revision = "0040_variants_and_holds"
down_revision = "0039_exchanges"
branch_labels = None
depends_on = None

RULES, TABLE = "repetitions", "variants"
LOCKED = (TABLE,)
# an older house knows of no hold: what was held would come all the same
END = sa.text("UPDATE repetitions SET ended_at = :now WHERE ended_at IS NULL AND held_at IS NOT NULL")


def _key(column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_practice_id_{column}")
    return sa.ForeignKeyConstraint(
        ["practice_id", column], ["questionnaires.practice_id", "questionnaires.id"], name=name
    )


def upgrade() -> None:
    with op.batch_alter_table(RULES, schema=None) as batch_op:
        batch_op.add_column(sa.Column("skip_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("skip_why", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            op.f(f"ck_{RULES}_skipped_on_a_day"), "skip_why IS NULL OR skip_on IS NOT NULL"
        )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("easier_id", sa.Uuid(), nullable=False),
        sa.Column("harder_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("easier_id <> harder_id", name=op.f(f"ck_{TABLE}_two_of_them")),
        _key("easier_id"),
        _key("harder_id"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{TABLE}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{TABLE}_practice_id_id")),
        sa.UniqueConstraint("easier_id", "harder_id", name=op.f(f"uq_{TABLE}_easier_id_harder_id")),
    )
    for column in ("practice_id", "harder_id"):
        op.create_index(op.f(f"ix_{TABLE}_{column}"), TABLE, [column])
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(TABLE):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
    op.get_bind().execute(END.bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True))), {"now": clock.now()})
    with op.batch_alter_table(RULES, schema=None) as batch_op:
        batch_op.drop_constraint(op.f(f"ck_{RULES}_skipped_on_a_day"), type_="check")
        for name in ("skip_on", "skip_why", "held_at"):
            batch_op.drop_column(name)
