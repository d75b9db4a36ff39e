"""Locks on rows in PostgreSQL: each transaction reaches the rows of the one practice that it says it works for.

Migrations lock each table that holds a practice's rows. The locks are FORCEd, so that they bind the owner of the tables
too; the owner alone may set `app.every_practice`, which migrations and backups do. A superuser is bound by nothing.
"""

from enum import StrEnum

from sqlalchemy import Connection, text

HERE = "nullif(current_setting('app.practice', true), '')::uuid"
EVERYWHERE = "current_setting('app.every_practice', true) = 'yes'"
EVERY_PRACTICE = "every_practice"  # the owner's own policy
NO_CHAIN = "'00000000-0000-0000-0000-000000000000'"


class Own(StrEnum):
    """Which rows of a table are a practice's own."""

    BY_PRACTICE = f"practice_id = {HERE}"
    BY_ID = f"id = {HERE}"
    # what happens before sign-in is reached while no practice is worked for, and by nobody who is signed in
    BY_CHAIN = f"chain_id = coalesce({HERE}, {NO_CHAIN})"


class Found(StrEnum):
    """Which rows can be looked up besides one's own; none of them can be changed so."""

    NONE = "false"
    BEFORE_SIGN_IN = f"{HERE} IS NULL"
    ALWAYS = "true"


def lock(table: str, own: Own = Own.BY_PRACTICE, found: Found = Found.NONE) -> list[str]:
    """The statements that lock a table of PostgreSQL's; they run as its owner."""
    also = [f"CREATE POLICY looked_up ON {table} FOR SELECT USING ({found})"] if found is not Found.NONE else []
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_practice ON {table} USING ({own}) WITH CHECK ({own})",
        *also,
        _open_to_owner(table),
    ]


def unlock(table: str) -> list[str]:
    """The statements that take the locks of a table away again."""
    policies = ("own_practice", "looked_up", EVERY_PRACTICE)
    return [
        *(f"DROP POLICY IF EXISTS {policy} ON {table}" for policy in policies),
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]


def _open_to_owner(table: str) -> str:
    return f"CREATE POLICY {EVERY_PRACTICE} ON {table} TO CURRENT_USER USING ({EVERYWHERE}) WITH CHECK ({EVERYWHERE})"


def see_every_practice(connection: Connection) -> None:
    """Let the owner of the tables reach every row until the transaction ends, whoever owned them before."""
    connection.execute(text("SELECT set_config('app.every_practice', 'yes', true)"))
    for table in connection.scalars(_OF_ANOTHER_OWNER).all():
        connection.execute(text(f"DROP POLICY IF EXISTS {EVERY_PRACTICE} ON {table}"))
        connection.execute(text(_open_to_owner(table)))


def grant(connection: Connection, role: str) -> None:
    """Let the application's role read and write every table, and own none."""
    named = connection.dialect.identifier_preparer.quote(role)
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {named}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {named}"))


_OF_ANOTHER_OWNER = text(
    f"""
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relforcerowsecurity AND NOT
    EXISTS (SELECT FROM pg_policy
            WHERE polrelid = pg_class.oid AND polname = '{EVERY_PRACTICE}' AND current_user::regrole = ANY (polroles))
    """  # noqa: S608 - our own words
)
