"""Parting: one partner stops taking part alone, sharing that ended, and the joint record released by both."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0021_parting"
down_revision = "0020_texts"
branch_labels = None
depends_on = None

LOCKED = ("authorisations", "authorisation_answers")
ONCE, STANDING = "uq_consents_person_id_text_version_policy_version", "uq_consents_standing"
ADDED = {
    "partnerships": ("withdrawn_at", "asked_anew_at", "agreed_anew_at"),
    "responses": ("sharing_ended_at", "hidden_at"),
    "consents": ("withdrawn_at",),
}
# an older house knows of no end: it goes by these instants alone, and the coach opens what has none yet
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
STAYS_CLOSED = tuple(
    sa.text(statement).bindparams(sa.bindparam("never", type_=sa.DateTime(timezone=True)))
    for statement in (
        "UPDATE responses SET opens_at = :never, session_opened_at = :never, author_opened_at = NULL, may_open = false"
        " WHERE hidden_at IS NOT NULL",
        "UPDATE responses SET session_opened_at = :never"
        " WHERE sharing_ended_at IS NOT NULL AND (session_opened_at IS NULL OR session_opened_at >= sharing_ended_at)",
        "UPDATE responses SET opens_at = :never WHERE sharing_ended_at IS NOT NULL"
        " AND (opens_at >= sharing_ended_at OR EXISTS (SELECT 1 FROM tasks"
        " JOIN tasks AS theirs ON theirs.assignment_id = tasks.assignment_id AND theirs.id <> tasks.id"
        " LEFT JOIN responses AS other ON other.task_id = theirs.id WHERE tasks.id = responses.task_id"
        " AND (other.id IS NULL OR other.opens_at >= responses.sharing_ended_at)))",
    )
)
VERSION = ["person_id", "text_version", "policy_version"]
IS_STANDING, IS_ASKED = "withdrawn_at IS NULL", "called_off_at IS NULL AND made_at IS NULL"


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(ONCE), type_="unique")
    op.create_index(STANDING, "consents", VERSION, unique=True, **_where(IS_STANDING))
    _create_authorisations()
    _create_answers()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.id"], name=name)


def _create_authorisations() -> None:
    op.create_table(
        "authorisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("couple_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key("authorisations", "couple_id", "couples"),
        _key("authorisations", "asked_by", "people"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_authorisations_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisations")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_authorisations_practice_id_id")),
    )
    op.create_index(op.f("ix_authorisations_practice_id"), "authorisations", ["practice_id"], unique=False)
    op.create_index("uq_authorisations_standing", "authorisations", ["couple_id"], unique=True, **_where(IS_ASKED))


def _create_answers() -> None:
    op.create_table(
        "authorisation_answers",
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        _key("authorisation_answers", "authorisation_id", "authorisations"),
        _key("authorisation_answers", "person_id", "people"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_authorisation_answers_practice_id")),
        sa.PrimaryKeyConstraint("authorisation_id", "person_id", name=op.f("pk_authorisation_answers")),
    )
    op.create_index(
        op.f("ix_authorisation_answers_practice_id"), "authorisation_answers", ["practice_id"], unique=False
    )


def downgrade() -> None:
    """Who agreed anew keeps the latest of the consents alike; what was let go of stays closed."""
    for statement in STAYS_CLOSED:
        op.get_bind().execute(statement, {"never": NEVER})
    op.drop_table("authorisation_answers")
    op.drop_table("authorisations")
    op.drop_index(STANDING, table_name="consents")
    op.execute(
        "DELETE FROM consents WHERE EXISTS (SELECT 1 FROM consents AS other WHERE other.person_id = consents.person_id"
        " AND other.text_version = consents.text_version AND other.policy_version = consents.policy_version"
        " AND (other.given_at > consents.given_at OR other.given_at = consents.given_at AND other.id > consents.id))"
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f(ONCE), VERSION)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.drop_column(name)
