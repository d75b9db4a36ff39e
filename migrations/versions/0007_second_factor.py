"""The second factor: apps, passkeys, spare codes, and what a browser session has proved."""

import sqlalchemy as sa
from alembic import op

revision = "0007_second_factor"
down_revision = "0006_caseload_by_partner"
branch_labels = None
depends_on = None

OF_SESSIONS = (
    ("proved_at", sa.DateTime(timezone=True)),
    ("stepped_up_at", sa.DateTime(timezone=True)),
    ("challenge", sa.LargeBinary(length=32)),
    ("challenge_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        for name, kind in OF_SESSIONS:
            batch_op.add_column(sa.Column(name, kind, nullable=True))
    _create_second_factors()
    _create_passkeys()
    _create_recovery_codes()


def _create_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR last_step IS NOT NULL", name=op.f("ck_second_factors_confirmed_by_a_code")
        ),
        *_of_person("second_factors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("practice_id", "person_id", name=op.f("uq_second_factors_practice_id_person_id")),
    )
    with op.batch_alter_table("second_factors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_factors_practice_id"), ["practice_id"], unique=False)


def _create_passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkeys_sign_count_counts")),
        *_of_person("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("practice_id", "credential", name=op.f("uq_passkeys_practice_id_credential")),
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkeys_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_passkeys_practice_id"), ["practice_id"], unique=False)


def _create_recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        *_of_person("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint(
            "practice_id", "person_id", "code_hash", name=op.f("uq_recovery_codes_practice_id_person_id_code_hash")
        ),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_practice_id"), ["practice_id"], unique=False)


def _of_person(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["practice_id", "person_id"],
            ["people.practice_id", "people.id"],
            name=op.f(f"fk_{table}_practice_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
    )


def downgrade() -> None:
    for table in ("recovery_codes", "passkeys", "second_factors"):
        op.drop_table(table)
    # as it is, not by a new table in the place of the old one: other tables point at people
    for name, _ in reversed(OF_SESSIONS):
        op.drop_column("web_sessions", name)
    op.drop_column("people", "has_second_factor")
