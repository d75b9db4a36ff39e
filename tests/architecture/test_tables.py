"""The tables: every row is one practice's, and no row can point into another."""

import pytest
from sqlalchemy import Table

from portal import models
from portal.extensions import Base

# tables without a practice of their own, or with one that may be empty, and why
OTHERWISE = {
    "practices": "it is the practice",
    "door_delays": "a name that was typed belongs to no practice, and often to nobody",
    "reset_requests": "whose it is, the worker looks up later: at the door known and unknown are one",
    "audit_events": "what happens before sign-in belongs to no practice",
    "audit_heads": "what happens before sign-in has a chain of its own",
}
TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
OWNED = [table for table in TABLES if table.name not in OTHERWISE]


def test_all_models_are_known() -> None:
    assert len(models.__all__) > 10
    assert set(OTHERWISE) <= {table.name for table in TABLES}


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_a_row_belongs_to_a_practice(table: Table) -> None:
    column = table.c["practice_id"]
    assert not column.nullable
    assert {key.column.table.name for key in column.foreign_keys} >= {"practices"}


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_a_key_to_another_table_carries_the_practice(table: Table) -> None:
    """So that a row of practice South cannot hang on one of North's, whatever the application does."""
    crossing = [
        constraint.name
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name not in OTHERWISE
        and "practice_id" not in [column.name for column in constraint.columns]
    ]
    assert crossing == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_constraint_has_a_name(table: Table) -> None:
    """A migration can only find again what has one."""
    assert [constraint for constraint in table.constraints if constraint.name is None] == []


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_what_looks_like_an_id_of_a_row_is_a_key(table: Table) -> None:
    loose = {
        f"{table.name}.{column.name}"
        for column in table.columns
        if column.name.endswith("_id") and not column.foreign_keys and not column.primary_key
    }
    # the form that is unsealed in a browser may go before the browser does
    assert loose <= {"web_sessions.unsealed_task_id"}
