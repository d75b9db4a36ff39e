"""The audit trail is a chain: it only grows, in the transaction of what it tells, and one changed byte shows."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.domain.audit_chain import BEFORE_SIGN_IN
from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent, AuditHead
from portal.services import accounts, audit, audit_chain, demo
from portal.services.audit_chain import COLUMNS, Fault
from tests.audit import change, faults, lying, put_there, remove, run, untie
from tests.cast import PASSPHRASE, Cast
from tests.given import assign, floor, send, task_of
from tests.many import counted

NORTH = "Practice North"


@pytest.fixture
def lies_as(app: Flask) -> Callable[[Any, str], Any]:
    """How a value of a column lies in the database."""
    return lambda value, name: audit_chain._put(COLUMNS[name], db.engine.dialect, value)


@pytest.fixture
def chain(cast: Cast, lies_as: Callable[[Any, str], Any]) -> Any:
    """The chain of practice North as the database calls it, with triggers and constraints out of the way."""
    accounts.sign_in("nobody@elsewhere.example", PASSPHRASE, None)  # so that there is one before sign-in too
    untie()
    return lies_as(cast.ines.practice_id, "chain_id")


def length_of(practice_id: UUID) -> int:
    db.session.rollback()
    return db.session.scalars(select(AuditHead.length).where(AuditHead.chain_id == practice_id)).one()


def test_every_practice_has_a_chain_and_so_has_what_happens_before_sign_in(cast: Cast) -> None:
    accounts.sign_in("nobody@elsewhere.example", PASSPHRASE, None)
    checked = {chain.name: chain.length for chain in audit_chain.verify()}
    assert checked.keys() == {NORTH, "Practice South", None}
    assert checked[None] == 1
    assert checked[NORTH] == length_of(cast.ines.practice_id) > 5
    assert faults() == set()


def test_what_was_undone_is_not_told(cast: Cast) -> None:
    before = length_of(cast.ines.practice_id)
    begin_write()
    audit.record(cast.ines, "sign_in:done")
    db.session.rollback()
    begin_write()
    db.session.commit()
    assert length_of(cast.ines.practice_id) == before


def test_the_head_is_the_last_that_a_command_locks(cast: Cast) -> None:
    """Two who hold what the other wants would wait for ever; so nothing is asked for once the head is held."""
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    with counted() as sent:
        send(cast.ana, task_id, floor())
    place = next(i for i, statement in enumerate(sent) if "FROM audit_heads" in statement)
    assert [s.split()[:3] for s in sent[place + 1 :]] == [
        ["INSERT", "INTO", "audit_events"],
        ["UPDATE", "audit_heads", "SET"],
    ]


def test_many_events_of_one_command_cost_three_statements(cast: Cast) -> None:
    begin_write()
    audit.record_each(cast.ines, "signal:read", [cast.ana.person_id] * 40)
    with counted() as sent:
        db.session.commit()
    assert len(sent) == 3
    assert faults() == set()


@pytest.mark.parametrize("change", ["UPDATE audit_events SET event = 'sign_in:done'", "DELETE FROM audit_events"])
def test_the_database_refuses_to_change_or_remove_an_event(cast: Cast, change: str) -> None:
    with pytest.raises(DBAPIError, match="never"):
        run(change)
    db.session.rollback()
    assert faults() == set()


CHANGES: dict[str, Any] = {
    "id": UUID(int=7),
    "practice_id": None,
    "actor_id": UUID(int=7),
    "event": "sign_in:done",
    "subject_id": None,
    "at": clock.now() - timedelta(days=700),
    "chain_id": BEFORE_SIGN_IN,
    "number": 10_000,
    "previous": bytes(32),
    "hash": bytes(32),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_change_in_any_column_is_found_where_it_is(
    cast: Cast, chain: Any, lies_as: Callable[[Any, str], Any], name: str
) -> None:
    change(name, lies_as(CHANGES[name], name), chain, 3)
    found = faults()
    assert any(place == NORTH and fault.number in (3, 4) for place, fault in found), found
    assert all(place in (NORTH, None) for place, _ in found)


def test_a_change_of_one_byte_of_what_lies_there_is_found(cast: Cast, chain: Any) -> None:
    """Also one that reads as the same value, such as an id in capitals: no row would be found by it any more."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("elsewhere a value lies there in one way only")
    changed = 0

    @settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(sorted(set(COLUMNS) - {"number"})), st.integers(1, 8), st.integers(0, 63), st.integers(1, 127)
    )
    def holds(name: str, number: int, place: int, by: int) -> None:
        nonlocal changed
        before = lying(name, chain, number)
        if before is None:
            return
        raw = bytearray(before if isinstance(before, bytes) else before.encode())
        raw[place % len(raw)] ^= by
        after = bytes(raw) if isinstance(before, bytes) else raw.decode(errors="replace")
        row = lying("rowid", chain, number)
        put_there(name, after, row)
        changed += 1
        assert faults(), (name, number, before, after)
        put_there(name, before, row)

    holds()
    assert changed > 30
    assert faults() == set()


@pytest.mark.parametrize("number", [1, 4])
def test_a_row_that_was_removed_is_missed(cast: Cast, chain: Any, number: int) -> None:
    remove(chain, number, number)
    assert faults() == {(NORTH, Fault(number, "is_missing"))}


def test_the_last_rows_are_missed_by_the_head(cast: Cast, chain: Any) -> None:
    length = length_of(cast.ines.practice_id)
    remove(chain, length - 1, length)
    assert faults() == {(NORTH, Fault(length - 1, "is_missing"))}


def test_a_head_that_was_set_back_with_them_tells_so(cast: Cast, chain: Any) -> None:
    length = length_of(cast.ines.practice_id)
    remove(chain, length, length)
    run(
        "UPDATE audit_heads SET length = length - 1, last = (SELECT hash FROM audit_events "
        "WHERE chain_id = :chain AND number = :last) WHERE chain_id = :chain",
        chain=chain,
        last=length - 1,
    )
    assert faults() == {(NORTH, Fault(length - 1, "head_was_changed"))}


def test_what_is_recorded_after_a_head_was_set_back_does_not_make_up_for_it(cast: Cast, chain: Any) -> None:
    length = length_of(cast.ines.practice_id)
    remove(chain, 4, length)
    run(
        "UPDATE audit_heads SET length = 3, last = (SELECT hash FROM audit_events "
        "WHERE chain_id = :chain AND number = 3) WHERE chain_id = :chain",
        chain=chain,
    )
    for _ in range(2):
        begin_write()
        audit.record(cast.ines, "zone:changed")
        db.session.commit()
    assert faults() == {(NORTH, Fault(5, "head_was_changed"))}


def test_a_chain_that_was_taken_away_and_begins_anew_is_missed(cast: Cast, chain: Any) -> None:
    run("DELETE FROM audit_events WHERE chain_id = :chain", chain=chain)
    run("DELETE FROM audit_heads WHERE chain_id = :chain", chain=chain)
    begin_write()
    audit.record(cast.ines, "zone:changed")
    db.session.commit()
    assert faults() == {(NORTH, Fault(1, "is_not_the_first"))}


def test_a_head_or_a_whole_chain_that_is_gone_is_missed(cast: Cast, chain: Any) -> None:
    run("DELETE FROM audit_heads WHERE chain_id = :chain", chain=chain)
    assert faults() == {(NORTH, Fault(length_in_rows(cast), "head_is_gone"))}
    run("DELETE FROM audit_events WHERE chain_id = :chain", chain=chain)
    assert faults() == {(NORTH, Fault(0, "head_is_gone"))}


def length_in_rows(cast: Cast) -> int:
    db.session.rollback()
    found = db.session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.chain_id == cast.ines.practice_id))
    return found or 0


def test_a_row_that_was_put_in_is_found(cast: Cast, chain: Any, lies_as: Callable[[Any, str], Any]) -> None:
    others = ", ".join(name for name in COLUMNS if name not in ("id", "number"))
    length = length_of(cast.ines.practice_id)
    copied = f"SELECT :id, :to, {others} FROM audit_events WHERE chain_id = :chain AND number = 2"  # noqa: S608 - ours
    put_in = f"INSERT INTO audit_events (id, number, {others}) {copied}"
    run(put_in, id=lies_as(UUID(int=9), "id"), to=length + 1, chain=chain)
    assert (NORTH, Fault(length + 1, "was_changed")) in faults()


def test_two_rows_that_changed_places_are_found(cast: Cast, chain: Any) -> None:
    for was, becomes in ((2, -1), (3, 2), (-1, 3)):
        change("number", becomes, chain, was)
    found = {fault for place, fault in faults() if place == NORTH}
    assert {Fault(2, "was_changed"), Fault(3, "was_changed")} <= found


def test_a_row_of_a_chain_that_there_is_not_is_found(
    cast: Cast, chain: Any, lies_as: Callable[[Any, str], Any]
) -> None:
    change("chain_id", lies_as(UUID(int=5), "chain_id"), chain, 2)
    assert (None, Fault(0, "of_no_chain")) in faults()


def test_another_key_gives_no_chain_that_holds(cast: Cast, app: Flask) -> None:
    vault, lookup, key, papers = app.extensions["portal.keys"]
    app.extensions["portal.keys"] = (vault, lookup, (bytes(32),), papers)
    assert len(faults()) > 2
    app.extensions["portal.keys"] = (vault, lookup, key, papers)
    assert faults() == set()


def test_many_at_once_make_one_chain_without_a_gap(cast: Cast, app: Flask) -> None:
    before = length_of(cast.ines.practice_id)

    def work(name: str) -> None:
        with app.app_context():
            for _ in range(8):
                begin_write()
                audit.record(cast.viewers[name], "zone:changed")
                db.session.commit()
            db.session.remove()

    threads = [Thread(target=work, args=(name,)) for name in ("ines", "omar", "ana", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert length_of(cast.ines.practice_id) == before + 32
    assert faults() == set()


def test_a_demo_goes_as_a_whole_and_its_trail_with_it(cast: Cast) -> None:
    with pytest.raises(DBAPIError, match="never"):
        run("DELETE FROM audit_events")
    db.session.rollback()
    run("UPDATE practices SET is_demo = :yes", yes=True)
    for _ in range(2):  # a second time there is nothing to remove
        demo.clear()
        assert db.session.scalars(select(AuditEvent.event)).all() == []
    accounts.sign_in("nobody@elsewhere.example", PASSPHRASE, None)
    demo.clear()  # an empty house keeps what was recorded at its door
    assert {chain.length for chain in audit_chain.verify()} == {1}
    assert faults() == set()
