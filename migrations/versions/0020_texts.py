"""A practice's own texts, in versions; what each partner signed, and by which name; when the policy was changed."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from portal import content
from portal.models.row_locks import lock

revision = "0020_texts"
down_revision = "0018_first_alone"
branch_labels = None
depends_on = None

LOCKED = ("practice_texts",)
KINDS = (
    "'consent', 'help-now', 'who-reads-when', 'private-questions', 'after-sending', 'leave', 'privacy', 'imprint',"
    " 'terms'"
)
TEXTS = sa.table(
    "practice_texts",
    sa.column("id", sa.Uuid()),
    sa.column("practice_id", sa.Uuid()),
    sa.column("kind", sa.String()),
    sa.column("version", sa.Integer()),
    sa.column("body", sa.Text()),
    sa.column("is_shipped", sa.Boolean()),
    sa.column("published_at", sa.DateTime(timezone=True)),
    sa.column("practice_role", sa.String()),
    sa.column("local_rule_note", sa.Text()),
)
# what was agreed to before there was a text were the words on the page by which somebody came in
LAST_VERSIONS = sa.text(
    "SELECT practices.id, coalesce(max(consents.text_version), 0) AS last FROM practices"
    " LEFT JOIN consents ON consents.practice_id = practices.id GROUP BY practices.id ORDER BY practices.id"
).columns(id=sa.Uuid(), last=sa.Integer())


def upgrade() -> None:
    """Every practice gets the shipped consent text, one version after what its people agreed to; they sign anew."""
    _create_practice_texts()
    for name in ("policy_since", "texts_at"):
        op.add_column("practices", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("knows_leave", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("consents", sa.Column("language", sa.String(length=40), nullable=False, server_default="en"))
    op.add_column("consents", sa.Column("signature", sa.LargeBinary(), nullable=True))
    _begin_with_the_shipped_text()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (statement for table in LOCKED for statement in lock(table)):
            op.execute(statement)


def _create_practice_texts() -> None:
    op.create_table(
        "practice_texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_shipped", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("practice_role", sa.String(length=40), nullable=True),
        sa.Column("mandated_reporter", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("duty_to_protect", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("local_rule_note", sa.Text(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_practice_texts_kind_known")),
        sa.CheckConstraint(
            "practice_role IN ('coach', 'licensed_clinician', 'both')",
            name=op.f("ck_practice_texts_practice_role_known"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_practice_texts_version_counts")),
        sa.CheckConstraint(
            "(kind = 'consent') = (practice_role IS NOT NULL)", name=op.f("ck_practice_texts_role_is_the_consents")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "published_by"],
            ["people.practice_id", "people.id"],
            name=op.f("fk_practice_texts_practice_id_published_by"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_practice_texts_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_texts")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_practice_texts_practice_id_id")),
        sa.UniqueConstraint("practice_id", "kind", "version", name=op.f("uq_practice_texts_practice_id_kind_version")),
    )
    with op.batch_alter_table("practice_texts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_texts_practice_id"), ["practice_id"], unique=False)


def _begin_with_the_shipped_text() -> None:
    connection, now = op.get_bind(), datetime.now(UTC)
    for row in connection.execute(LAST_VERSIONS).all():
        ids = {"id": uuid.uuid4(), "practice_id": row.id}
        text = {"kind": "consent", "version": row.last + 1, "body": content.texts()["consent"].strip()}
        how = {"is_shipped": True, "published_at": now, "practice_role": "coach", "local_rule_note": ""}
        connection.execute(TEXTS.insert().values(**ids, **text, **how))


def downgrade() -> None:
    """What was published goes with its table; who signed which version stays."""
    op.drop_column("consents", "signature")
    op.drop_column("consents", "language")
    op.drop_column("people", "knows_leave")
    for name in ("texts_at", "policy_since"):
        op.drop_column("practices", name)
    op.drop_table("practice_texts")
