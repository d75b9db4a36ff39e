"""Tampering with the audit trail, as somebody could who holds the database: triggers and constraints out of the way."""

from typing import Any

from sqlalchemy import text

from portal.extensions import db
from portal.services import audit_chain
from portal.services.audit_chain import Fault

TRIGGERS = {
    "sqlite": ("audit_events_never_change", "audit_events_never_go"),
    "postgresql": ("audit_events_stay", "audit_events_stay_all"),
}
CONSTRAINTS = (
    "uq_audit_events_chain_id_number",
    "fk_audit_events_chain_id",
    "fk_audit_events_practice_id",
    "ck_audit_events_own_chain",
    "ck_audit_events_number",
)


def untie() -> None:
    """Let every row of the trail be changed, removed and put in."""
    dialect = db.engine.dialect.name
    for trigger in TRIGGERS[dialect]:
        run(f"DROP TRIGGER {trigger}" + (" ON audit_events" if dialect == "postgresql" else ""))
    for constraint in CONSTRAINTS if dialect == "postgresql" else ():
        run(f"ALTER TABLE audit_events DROP CONSTRAINT {constraint}")
    if dialect == "sqlite":  # these hold for the connection, and the test's is the only one
        db.session.rollback()
        raw = db.session.connection().connection.dbapi_connection
        assert raw is not None
        raw.execute("ROLLBACK")
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("PRAGMA ignore_check_constraints=ON")
        raw.execute("BEGIN")
        db.session.commit()


def run(statement: str, **values: Any) -> int:
    """Change the database behind the portal's back; gives how many rows it met."""
    met: int = db.session.execute(text(statement), values).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return met


def change(column: str, to: Any, chain: Any, number: int) -> None:
    """Give an event something else in one of its columns, by its chain as the database calls it and its number."""
    where = "WHERE chain_id = :chain AND number = :number"
    assert run(f"UPDATE audit_events SET {column} = :to {where}", to=to, chain=chain, number=number) == 1  # noqa: S608 - our own columns


def remove(chain: Any, first: int, last: int) -> None:
    """Take away events of a chain, from one number to another."""
    places = {"chain": chain, "first": first, "last": last}
    assert run("DELETE FROM audit_events WHERE chain_id = :chain AND number BETWEEN :first AND :last", **places)


def lying(column: str, chain: Any, number: int) -> Any:
    """What lies in a column of an event, as the database gives it."""
    where = "WHERE chain_id = :chain AND number = :number"
    statement = text(f"SELECT {column} FROM audit_events {where}")  # noqa: S608 - likewise
    found = db.session.execute(statement, {"chain": chain, "number": number}).scalar()
    db.session.rollback()
    return found


def put_there(column: str, value: Any, row: int) -> None:
    """Write into a column of an event of SQLite's, by the row's own number."""
    run(f"UPDATE audit_events SET {column} = :to WHERE rowid = :row", to=value, row=row)  # noqa: S608 - likewise


def faults() -> set[tuple[str | None, Fault]]:
    """Every fault of every chain, with the chain's name."""
    return {(chain.name, fault) for chain in audit_chain.verify() for fault in chain.faults}
