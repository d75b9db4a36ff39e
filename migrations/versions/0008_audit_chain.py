"""The audit trail as a chain: places, hashes and heads; what stands is chained as it stands, and rows never change."""

from collections.abc import Iterator
from datetime import UTC

import sqlalchemy as sa
from alembic import op

from portal.domain.audit_chain import BEFORE_SIGN_IN, NOTHING_BEFORE, Link, canonical_head
from portal.extensions import keys

revision = "0008_audit_chain"
down_revision = "0007_second_factor"
branch_labels = None
depends_on = None

IS_READING = "event IN ('response:read', 'response:read_in_brief', 'response:read_by_operator', 'signal:read')"
# a demo is removed as a whole, by `demo seed --reset`; beside real people nothing is
MAY_GO = "(EXISTS (SELECT 1 FROM practices WHERE is_demo) AND NOT EXISTS (SELECT 1 FROM practices WHERE NOT is_demo))"
SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_events_never_change BEFORE UPDATE ON audit_events "
    "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END",
    f"CREATE TRIGGER audit_events_never_go BEFORE DELETE ON audit_events WHEN NOT {MAY_GO} "
    "BEGIN SELECT RAISE(ABORT, 'audit events are never removed'); END",
)
POSTGRESQL_TRIGGERS = (
    f"""
    CREATE FUNCTION audit_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND {MAY_GO} THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit events are never changed or removed';
    END $$
    """,
    "CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE ON audit_events "
    "FOR EACH ROW EXECUTE FUNCTION audit_events_stay()",
    "CREATE TRIGGER audit_events_stay_all BEFORE TRUNCATE ON audit_events "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_events_stay()",
)
EVENTS = sa.table(
    "audit_events",
    sa.column("id", sa.Uuid()),
    sa.column("practice_id", sa.Uuid()),
    sa.column("actor_id", sa.Uuid()),
    sa.column("event", sa.String()),
    sa.column("subject_id", sa.Uuid()),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("chain_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("previous", sa.LargeBinary()),
    sa.column("hash", sa.LargeBinary()),
)


def upgrade() -> None:
    heads = _heads()
    with op.batch_alter_table("audit_events") as batch_op:
        batch_op.add_column(sa.Column("chain_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("previous", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("hash", sa.LargeBinary(), nullable=True))
    _chain(heads)
    with op.batch_alter_table("audit_events") as batch_op:
        for name, kind in (("chain_id", sa.Uuid()), ("number", sa.Integer())):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        for name in ("previous", "hash"):
            batch_op.alter_column(name, existing_type=sa.LargeBinary(), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_audit_events_chain_id_number"), ["chain_id", "number"])
        batch_op.create_foreign_key(op.f("fk_audit_events_chain_id"), "audit_heads", ["chain_id"], ["chain_id"])
        batch_op.create_check_constraint(
            op.f("ck_audit_events_own_chain"), "practice_id IS NULL OR practice_id = chain_id"
        )
        batch_op.create_check_constraint(op.f("ck_audit_events_number"), "number >= 1")
        where = {"sqlite_where": sa.text(IS_READING), "postgresql_where": sa.text(IS_READING)}
        batch_op.create_index("ix_audit_events_readings", ["practice_id", "subject_id"], unique=False, **where)
    for statement in SQLITE_TRIGGERS if _is_sqlite() else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _heads() -> sa.Table:
    return op.create_table(
        "audit_heads",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("last", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("practice_id IS NULL OR practice_id = chain_id", name=op.f("ck_audit_heads_own_chain")),
        sa.CheckConstraint("length >= 0", name=op.f("ck_audit_heads_length")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_audit_heads_practice_id")),
        sa.PrimaryKeyConstraint("chain_id", name=op.f("pk_audit_heads")),
    )


def _chain(heads: sa.Table) -> None:
    """Give every event that stands its place, in the order of time; what happened to it before nobody can say."""
    connection = op.get_bind()
    chain_ids = connection.execute(sa.select(EVENTS.c.practice_id).distinct()).scalars().all()
    for practice_id in chain_ids:
        number, last, chain_id = 0, NOTHING_BEFORE, practice_id or BEFORE_SIGN_IN
        for row in _events_of(practice_id):
            number += 1
            at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
            ids = (row.id, row.practice_id, row.actor_id)
            link = Link(chain_id, number, *ids, row.event, row.subject_id, at, last)
            places = {"chain_id": chain_id, "number": number, "previous": last}
            last = keys.audit(link.canonical())
            connection.execute(sa.update(EVENTS).where(EVENTS.c.id == row.id).values(**places, hash=last))
        seal = keys.audit(canonical_head(chain_id, number, last))
        head = {"chain_id": chain_id, "practice_id": practice_id, "length": number, "last": last, "seal": seal}
        connection.execute(heads.insert().values(**head))


def _events_of(practice_id: object) -> Iterator[sa.Row]:
    told = (EVENTS.c.id, EVENTS.c.practice_id, EVENTS.c.actor_id, EVENTS.c.event, EVENTS.c.subject_id, EVENTS.c.at)
    where = EVENTS.c.practice_id.is_(None) if practice_id is None else EVENTS.c.practice_id == practice_id
    return iter(op.get_bind().execute(sa.select(*told).where(where).order_by(EVENTS.c.at, EVENTS.c.id)).all())


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    if _is_sqlite():
        op.execute("DROP TRIGGER audit_events_never_change")
        op.execute("DROP TRIGGER audit_events_never_go")
    else:
        op.execute("DROP TRIGGER audit_events_stay ON audit_events")
        op.execute("DROP TRIGGER audit_events_stay_all ON audit_events")
        op.execute("DROP FUNCTION audit_events_stay()")
    with op.batch_alter_table("audit_events") as batch_op:
        batch_op.drop_index("ix_audit_events_readings")
        batch_op.drop_constraint(op.f("ck_audit_events_number"), type_="check")
        batch_op.drop_constraint(op.f("ck_audit_events_own_chain"), type_="check")
        batch_op.drop_constraint(op.f("fk_audit_events_chain_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_audit_events_chain_id_number"), type_="unique")
        for name in ("hash", "previous", "number", "chain_id"):
            batch_op.drop_column(name)
    op.drop_table("audit_heads")
