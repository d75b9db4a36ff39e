"""How the work with a couple begins: a talk with each alone, minutes alone in each session, and a form of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0052_beginnings"
down_revision = "0051_rendered_briefs"
branch_labels = None
depends_on = None

KIND = "ck_questionnaires_kind_known"
KINDS = "kind IN ('exercise', 'check_in', 'measure', 'passage')"
KINDS_BEFORE = "kind IN ('exercise', 'check_in', 'measure')"
MINUTES = "ck_couples_alone_minutes_make_sense"
AS_EXERCISES = (
    "UPDATE questionnaires SET kind = 'exercise', retired_at = coalesce(retired_at,"
    " (SELECT min(created_at) FROM questionnaire_versions"
    " WHERE questionnaire_versions.questionnaire_id = questionnaires.id)),"
    " step = (SELECT slug FROM steps WHERE steps.practice_id = questionnaires.practice_id"
    " ORDER BY steps.position LIMIT 1) WHERE kind = 'passage'"
)
entries = sa.table(
    "questionnaires", sa.column("id", sa.Uuid()), sa.column("kind", sa.String()), sa.column("step", sa.String())
)
versions = sa.table(
    "questionnaire_versions",
    sa.column("id", sa.Uuid()),
    sa.column("questionnaire_id", sa.Uuid()),
    sa.column("document", sa.JSON()),
)


def upgrade() -> None:
    _let_kinds_be(KINDS)
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alone_minutes", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(op.f(MINUTES), "alone_minutes BETWEEN 0 AND 60")
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.alter_column("alone_minutes", server_default=None)
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spoken_on", sa.Date(), nullable=True))


def _let_kinds_be(rule: str) -> None:
    with op.batch_alter_table("questionnaires", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(KIND), type_="check")
        batch_op.create_check_constraint(op.f(KIND), rule)


def downgrade() -> None:
    """An older house knows no such form: what was given of it stays as that of an exercise that is retired."""
    with op.batch_alter_table("partnerships", schema=None) as batch_op:
        batch_op.drop_column("spoken_on")
    with op.batch_alter_table("couples", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(MINUTES), type_="check")
        batch_op.drop_column("alone_minutes")
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(versions.c.id, versions.c.document)
        .join(entries, entries.c.id == versions.c.questionnaire_id)
        .where(entries.c.kind == "passage")
    ).all()
    connection.execute(sa.text(AS_EXERCISES))
    steps = dict(
        connection.execute(
            sa.select(versions.c.id, entries.c.step).join(entries, entries.c.id == versions.c.questionnaire_id)
        ).all()
    )
    for version_id, document in rows:
        told = document | {"kind": "exercise", "step": steps[version_id]}
        connection.execute(sa.update(versions).where(versions.c.id == version_id).values(document=told))
    _let_kinds_be(KINDS_BEFORE)
