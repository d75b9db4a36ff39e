"""Drafts of questionnaires: what a coach is building, until it is published as a version."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0031_questionnaire_drafts"
down_revision = "0030_caseload_views"
branch_labels = None
depends_on = None

LOCKED = ("questionnaire_drafts",)
KEYS = {
    "questionnaire_id": "questionnaires",
    "couple_id": "couples",
    "saved_by": "people",
}
CHECKS = {
    "version_counts": "version > 0",
    "adapts_an_entry": "couple_id IS NULL OR questionnaire_id IS NOT NULL",
}
ONLY_ONE = {
    "uq_questionnaire_drafts_of_entry": (["questionnaire_id"], "couple_id IS NULL"),
    "uq_questionnaire_drafts_of_couple": (["questionnaire_id", "couple_id"], "couple_id IS NOT NULL"),
}


def upgrade() -> None:
    name = "questionnaire_drafts"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=True),
        sa.Column("couple_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{word}")) for word, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint(
                ["practice_id", column],
                [f"{to}.practice_id", f"{to}.id"],
                name=op.f(f"fk_{name}_practice_id_{column}"),
            )
            for column, to in KEYS.items()
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{name}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{name}_practice_id_id")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in ("practice_id", "couple_id"):
            batch_op.create_index(batch_op.f(f"ix_{name}_{column}"), [column], unique=False)
        for index, (columns, rule) in ONLY_ONE.items():
            where = sa.text(rule)
            batch_op.create_index(index, columns, unique=True, sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("questionnaire_drafts")
