"""Measures that a practice brings: what was read, licences, protocols, and scores typed from paper."""

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0033_measures"
down_revision = "0032_repeat_rules"
branch_labels = None
depends_on = None

LOCKED = ("measures", "measure_licences", "measure_protocols", "paper_scores")
KIND = "ck_questionnaires_kind_known"
KINDS = "kind IN ('exercise', 'check_in', 'measure')"
KINDS_BEFORE = "kind IN ('exercise', 'check_in')"
AS_EXERCISES = (
    "UPDATE questionnaires SET kind = 'exercise', retired_at = coalesce(retired_at,"
    " (SELECT brought_at FROM measures WHERE measures.questionnaire_id = questionnaires.id)),"
    " step = (SELECT slug FROM steps WHERE steps.practice_id = questionnaires.practice_id"
    " ORDER BY steps.position LIMIT 1) WHERE kind = 'measure'"
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


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _words(name: str, length: int, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _document(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=nullable)


def _key(table: str, column: str, to: str, id_column: str = "id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_practice_id_{column}")
    return sa.ForeignKeyConstraint(["practice_id", column], [f"{to}.practice_id", f"{to}.{id_column}"], name=name)


def _of_practice(table: str, *primary: str) -> tuple[object, ...]:
    return (
        _id("practice_id"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}")),
    )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("practice_id", column, name=op.f(f"uq_{table}_practice_id_{column}"))


def upgrade() -> None:
    _let_kinds_be(KINDS)
    _create_measures()
    _create_licences()
    _create_protocols()
    _create_scores()
    for table in LOCKED:
        op.create_index(op.f(f"ix_{table}_practice_id"), table, ["practice_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _let_kinds_be(rule: str) -> None:
    with op.batch_alter_table("questionnaires", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(KIND), type_="check")
        batch_op.create_check_constraint(op.f(KIND), rule)


def _create_measures() -> None:
    name = "measures"
    op.create_table(
        name,
        _id("questionnaire_id"),
        _words("name", 200),
        _words("title", 200),
        sa.Column("minutes", sa.Integer(), nullable=False),
        _words("concern", 40),
        _words("coding", 40),
        _document("imported", nullable=True),
        _document("dropped"),
        _document("turned"),
        _words("scoring_name", 40, nullable=True),
        _document("scoring", nullable=True),
        _document("yes_no", nullable=True),
        _id("brought_by"),
        _moment("brought_at"),
        _id("activated_by", nullable=True),
        _moment("activated_at", nullable=True),
        _check(name, "concern_known", "concern IN ('none', 'violence', 'mood')"),
        _check(name, "coding_known", "coding IN ('points', 'raw')"),
        _check(name, "activated_by_somebody", "(activated_at IS NULL) = (activated_by IS NULL)"),
        _check(name, "activated_with_scoring", "activated_at IS NULL OR scoring IS NOT NULL"),
        _check(name, "minutes_count", "minutes > 0"),
        _key(name, "questionnaire_id", "questionnaires"),
        _key(name, "brought_by", "people"),
        _key(name, "activated_by", "people"),
        *_of_practice(name, "questionnaire_id"),
        _unique(name, "questionnaire_id"),
    )


def _create_licences() -> None:
    name = "measure_licences"
    op.create_table(
        name,
        _id("id"),
        _id("questionnaire_id"),
        _words("holder", 200),
        _words("reference", 200),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("electronic", sa.Boolean(), nullable=False),
        _words("copyright_line", 200),
        sa.Column("unaltered", sa.Boolean(), nullable=False),
        sa.Column("may_export", sa.Boolean(), nullable=False),
        _id("attested_by"),
        _moment("attested_at"),
        _key(name, "questionnaire_id", "measures", "questionnaire_id"),
        _key(name, "attested_by", "people"),
        *_of_practice(name, "id"),
    )
    op.create_index("ix_measure_licences_latest", name, ["questionnaire_id", "attested_at"], unique=False)


def _create_protocols() -> None:
    name = "measure_protocols"
    op.create_table(
        name,
        _id("id"),
        _id("questionnaire_id"),
        *(sa.Column(text, sa.Text(), nullable=False) for text in ("training", "response", "referral")),
        _document("readers"),
        _id("documented_by"),
        _moment("documented_at"),
        _key(name, "questionnaire_id", "measures", "questionnaire_id"),
        _key(name, "documented_by", "people"),
        *_of_practice(name, "id"),
    )
    op.create_index("ix_measure_protocols_latest", name, ["questionnaire_id", "documented_at"], unique=False)


def _create_scores() -> None:
    name = "paper_scores"
    op.create_table(
        name,
        _id("id"),
        _id("questionnaire_id"),
        _id("couple_id"),
        _id("person_id"),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("totals", sa.LargeBinary(), nullable=False),
        _id("entered_by"),
        _moment("entered_at"),
        _moment("struck_at", nullable=True),
        _key(name, "questionnaire_id", "measures", "questionnaire_id"),
        _key(name, "couple_id", "couples"),
        _key(name, "person_id", "people"),
        _key(name, "entered_by", "people"),
        *_of_practice(name, "id"),
        _unique(name, "id"),
    )
    op.create_index("ix_paper_scores_couple", name, ["couple_id", "taken_on"], unique=False)
    op.create_index("ix_paper_scores_person", name, ["person_id"], unique=False)


def downgrade() -> None:
    """An older house knows no measures: what was given of them stays as a form of an exercise that is retired.

    The forms and the answers can be read there; licences, protocols and scores from paper go.
    """
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(versions.c.id, versions.c.document)
        .join(entries, entries.c.id == versions.c.questionnaire_id)
        .where(entries.c.kind == "measure")
    ).all()
    connection.execute(sa.text(AS_EXERCISES))
    steps = dict(
        connection.execute(
            sa.select(versions.c.id, entries.c.step).join(entries, entries.c.id == versions.c.questionnaire_id)
        ).all()
    )
    for version_id, document in rows:
        told = {name: part for name, part in document.items() if name != "measure"}
        told |= {"kind": "exercise", "step": steps[version_id]}
        connection.execute(sa.update(versions).where(versions.c.id == version_id).values(document=told))
    for table in reversed(LOCKED):
        op.drop_table(table)
    _let_kinds_be(KINDS_BEFORE)
