"""Rights of people: erasures with their approvals, holds, and a practice's rule on how long records are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0013_rights_of_people"
down_revision = "0011_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_erasures()
    _create_holds()
    _create_retention_rules()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _person(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _keys(table: str, *people: str) -> list[sa.Constraint]:
    """That each of these columns holds somebody of the row's own practice."""
    of_people = [
        sa.ForeignKeyConstraint(
            ["practice_id", name], ["people.practice_id", "people.id"], name=op.f(f"fk_{table}_practice_id_{name}")
        )
        for name in people
    ]
    of_practice = sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id"))
    return [*of_people, of_practice, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _index(table: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_practice_id"), ["practice_id"], unique=False)


def _only_one(table: str, where: str) -> None:
    standing = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(f"uq_{table}_standing", ["person_id"], unique=True, **standing)


def _create_erasures() -> None:
    begun = "begun_at IS NULL OR (second_at IS NOT NULL AND withdrawn_at IS NULL AND begun_at >= not_before)"
    checks = {
        "cause_known": "cause IN ('own', 'practice', 'retention')",
        "first_is_whole": "(first_by IS NULL) = (first_at IS NULL)",
        "second_is_whole": "(second_by IS NULL) = (second_at IS NULL)",
        "second_follows": "second_at IS NULL OR first_at IS NOT NULL",
        "begun_when_allowed": begun,
        "done_after_begun": "done_at IS NULL OR begun_at IS NOT NULL",
        "can_be_taken_back": "not_before > asked_at",
    }
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        _person("person_id", nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        _person("asked_by", nullable=False),
        _moment("asked_at", nullable=False),
        _moment("not_before", nullable=False),
        _person("first_by"),
        _moment("first_at"),
        _person("second_by"),
        _moment("second_at"),
        _moment("withdrawn_at"),
        _moment("begun_at"),
        _moment("done_at"),
        sa.Column("destroyed", sa.JSON(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(check, name=op.f(f"ck_erasures_{name}")) for name, check in checks.items()),
        *_keys("erasures", "person_id", "asked_by", "first_by", "second_by"),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_erasures_practice_id_id")),
    )
    _index("erasures")
    _only_one("erasures", "withdrawn_at IS NULL")
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.create_index("ix_erasures_due", ["done_at", "not_before"], unique=False)


def _create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        _person("person_id", nullable=False),
        _person("placed_by", nullable=False),
        _moment("placed_at", nullable=False),
        _person("lifted_by"),
        _moment("lifted_at"),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name=op.f("ck_holds_lifted_is_whole")),
        *_keys("holds", "person_id", "placed_by", "lifted_by"),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_holds_practice_id_id")),
    )
    _index("holds")
    _only_one("holds", "lifted_at IS NULL")


def _create_retention_rules() -> None:
    op.create_table(
        "retention_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("runs_from", sa.String(length=40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        _person("set_by", nullable=False),
        _moment("set_at", nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "runs_from IN ('end_of_work', 'last_contact')", name=op.f("ck_retention_rules_runs_from_known")
        ),
        sa.CheckConstraint("months BETWEEN 1 AND 600", name=op.f("ck_retention_rules_months_make_sense")),
        *_keys("retention_rules", "set_by"),
        sa.UniqueConstraint("practice_id", name=op.f("uq_retention_rules_practice_id")),
    )
    _index("retention_rules")


def downgrade() -> None:
    """What was asked for is forgotten with the tables; what was erased stays erased."""
    for table in ("retention_rules", "holds", "erasures"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_practice_id"))
        op.drop_table(table)
