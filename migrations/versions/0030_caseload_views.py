"""The caseload in its order by an index, why a couple needs its coach and since when; a coach's saved views of it."""

import unicodedata

import sqlalchemy as sa
from alembic import op

from portal.models.row_locks import lock

revision = "0030_caseload_views"
down_revision = "0029_pathways"
branch_labels = None
depends_on = None

LOCKED = ("caseload_views",)
NOT_YET = "9000-01-01 00:00:00"
LONG_AGO = "1970-01-01 00:00:00"  # the first sweep goes over every row, and keeps what only follows from others
INSTANTS = ("overdue_from", "ahead_since", "door_since")
KEPT_FOR = {"heard_at": LONG_AGO, "next_at": NOT_YET, "needs_from": NOT_YET, "turns_at": LONG_AGO}
INDEXES: dict[str, tuple[str, ...]] = {
    "state": ("state",),
    "names": ("find", "state"),
    "next": ("next_at", "find", "state"),
    "active": ("heard_at", "find", "state"),
    "needs": ("needs_from", "find", "state"),
}
# the most first, and of as many the longest wait; a batch of a later migration has to make this one anew by itself
WAITING = "CREATE INDEX ix_caseload_waiting ON caseload (coach_id, unread DESC, needs_from, find, state)"
STATES = "state IN ('invited', 'active', 'paused', 'withdrawn', 'separated', 'closed')"
BY = "fk_caseload_practice_id_coach_id"
FIRST = sa.text("is_first")

couples = sa.table("couples", sa.column("id", sa.Uuid()), sa.column("names", sa.String()))
caseload = sa.table("caseload", sa.column("couple_id", sa.Uuid()), sa.column("find", sa.String()))


def _instant(name: str, default: str | None = None) -> sa.Column[object]:
    if default is not None:  # as each of the two keeps an instant in UTC
        default += "+00:00" if op.get_bind().dialect.name == "postgresql" else ".000000"
    return sa.Column(name, sa.DateTime(timezone=True), nullable=default is None, server_default=default)


def upgrade() -> None:
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("coach_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(length=40), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("find", sa.String(length=200), nullable=False, server_default=""))
        for name in INSTANTS:
            batch_op.add_column(_instant(name))
        for name, default in KEPT_FOR.items():
            batch_op.add_column(_instant(name, default))
    for column in ("coach_id", "state"):
        op.execute(
            f"UPDATE caseload SET {column} = (SELECT couples.{column} FROM couples WHERE couples.id = couple_id)"  # noqa: S608 - our own names
        )
    _fold_names()
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        batch_op.alter_column("coach_id", existing_type=sa.Uuid(), nullable=False)
        for name, length in (("state", 40), ("find", 200)):  # the defaults were for the rows that are there
            batch_op.alter_column(name, existing_type=sa.String(length=length), server_default=None)
        for name in KEPT_FOR:
            batch_op.alter_column(name, existing_type=sa.DateTime(timezone=True), server_default=None)
        batch_op.create_foreign_key(BY, "people", ["practice_id", "coach_id"], ["practice_id", "id"])
        batch_op.create_check_constraint(op.f("ck_caseload_state_known"), STATES)
        for name, columns in INDEXES.items():
            batch_op.create_index(f"ix_caseload_{name}", ["coach_id", *columns], unique=False)
        batch_op.create_index("ix_caseload_turns", ["practice_id", "turns_at"], unique=False)
    op.execute(WAITING)
    _create_views()


def _fold_names() -> None:
    """As the house folds them now: a change of that needs a migration of its own."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(couples.c.id, couples.c.names)).all()
    changed = sa.update(caseload).where(caseload.c.couple_id == sa.bindparam("id")).values(find=sa.bindparam("words"))
    if rows:
        connection.execute(changed, [{"id": couple_id, "words": _folded(names)} for couple_id, names in rows])


def _folded(names: str) -> str:
    plain = unicodedata.normalize("NFKD", names.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "".join(f" {word}" for word in letters.split())[:200]


def _create_views() -> None:
    name = "caseload_views"
    words = (sa.Column(column, sa.String(length=40), nullable=False) for column in ("state", "step", "needs", "sort"))
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        *words,
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f(f"fk_{name}_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{name}_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("practice_id", "id", name=op.f(f"uq_{name}_practice_id_id")),
        sa.UniqueConstraint("person_id", "name", name=op.f(f"uq_{name}_person_id_name")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{name}_practice_id"), ["practice_id"], unique=False)
        batch_op.create_index(
            f"uq_{name}_first", ["person_id"], unique=True, sqlite_where=FIRST, postgresql_where=FIRST
        )
    if op.get_bind().dialect.name == "postgresql":
        for statement in lock(name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("caseload_views")
    op.drop_index("ix_caseload_waiting", table_name="caseload")
    with op.batch_alter_table("caseload", schema=None) as batch_op:
        for name in (*INDEXES, "turns"):
            batch_op.drop_index(f"ix_caseload_{name}")
        batch_op.drop_constraint(op.f("ck_caseload_state_known"), type_="check")
        batch_op.drop_constraint(BY, type_="foreignkey")
        for name in ("coach_id", "state", "find", *INSTANTS, *KEPT_FOR):
            batch_op.drop_column(name)
