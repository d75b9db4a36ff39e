"""The key store: a database of its own on SQLite and on PostgreSQL, which forgets a key for good."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID, uuid4

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, inspect, make_url, select

from portal import create_app
from portal.cli import migrations
from portal.extensions import Base, db, key_store
from portal.models.key_store import MOST_KEYS, DataKey, KeyStoreBase
from portal.services import erasing, vault
from portal.services import key_store as store
from portal.services.transactions import DatabaseBusy
from portal.services.vault import Erased, VaultError
from tests.cast import Cast
from tests.conftest import settings_for
from tests.postgres import USER as CLUSTER

PLACE = "notes.text"
NORTH = UUID(int=1)


@pytest.fixture
def kept(databases: Callable[[str], str], tmp_path: Path) -> Iterator[Flask]:
    """The portal with an empty key store of the same kind as its database."""
    url = databases("kept")
    keys = f"sqlite:///{tmp_path / 'apart.db'}"
    if url.startswith("postgresql"):
        keys = _new_database(url, "kept_keys")
    app = create_app(settings_for(url, tmp_path, keys_url=keys))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _new_database(url: str, name: str) -> str:
    url = make_url(url).set(username=CLUSTER).render_as_string(hide_password=False)  # the application may make none
    target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(target, autocommit=True)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def owner() -> UUID:
    """Somebody with a key."""
    made = uuid4()
    vault.create_key(made, NORTH, "person")
    return made


def forget() -> None:
    """What the next request begins with."""
    db.session.remove()


def test_keys_and_answers_share_no_table_and_no_database(app: Flask) -> None:
    assert not set(KeyStoreBase.metadata.tables) & set(Base.metadata.tables)
    assert set(inspect(key_store.engine).get_table_names()) == set(KeyStoreBase.metadata.tables)
    assert not set(inspect(db.engine).get_table_names()) & set(KeyStoreBase.metadata.tables)


def test_a_key_is_stored_at_once_and_opens_in_the_next_request(kept: Flask) -> None:
    ana = owner()
    sealed = vault.seal(ana, PLACE, NORTH, "The tea")
    db.session.rollback()
    forget()
    assert vault.unseal(ana, PLACE, NORTH, sealed) == "The tea"


def test_several_keys_of_several_owners_come_with_one_statement(kept: Flask) -> None:
    owners = [owner() for _ in range(5)]
    assert [vault.create_key(owners[0], NORTH, "person") for _ in range(2)] == [2, 3]
    found = store.keys_of(owners)
    assert sorted((key.owner_id, key.number) for key in found) == sorted(
        [(owners[0], 2), (owners[0], 3), *((one, 1) for one in owners)]
    )
    assert [key.owner_id for key in store.keys_of([owners[3]])] == [owners[3]]
    assert store.keys_of([uuid4()]) == []


def test_the_newest_key_seals_and_every_one_opens(kept: Flask) -> None:
    ana = owner()
    first = vault.seal(ana, PLACE, NORTH, "before")
    forget()
    old = vault.numbers_of(ana)
    vault.create_key(ana, NORTH, "person")
    second = vault.seal(ana, PLACE, NORTH, "after")
    assert (old, first[:2], second[:2]) == ([1], b"\0\1", b"\0\2")
    forget()
    assert [vault.unseal(ana, PLACE, NORTH, text) for text in (first, second)] == ["before", "after"]


def test_a_request_finds_a_key_that_was_made_after_it_had_looked(kept: Flask) -> None:
    ana = owner()
    vault.seal(ana, PLACE, NORTH, "it has looked")
    made: list[bytes] = []

    def elsewhere() -> None:
        with kept.app_context():
            vault.create_key(ana, NORTH, "person")
            made.append(vault.seal(ana, PLACE, NORTH, "late"))
            forget()

    in_thread(elsewhere)
    assert vault.unseal(ana, PLACE, NORTH, made[0]) == "late"


def in_thread(act: Callable[[], None]) -> None:
    thread = Thread(target=act)
    thread.start()
    thread.join(10)


def test_a_destroyed_key_opens_nothing_again_and_says_why(kept: Flask) -> None:
    ana, ben = owner(), owner()
    sealed, his = vault.seal(ana, PLACE, NORTH, "gone"), vault.seal(ben, PLACE, NORTH, "here")
    vault.destroy_key(ana)
    vault.destroy_key(ana)
    for _ in range(2):
        with pytest.raises(Erased):
            vault.unseal(ana, PLACE, NORTH, sealed)
        with pytest.raises(Erased):
            vault.seal(ana, PLACE, NORTH, "no more")
        assert vault.unseal_or_none(ana, PLACE, NORTH, sealed) is None
        assert vault.unseal(ben, PLACE, NORTH, his) == "here"
        forget()


def test_a_key_that_is_only_missing_is_no_erasure(kept: Flask) -> None:
    sealed = vault.seal(owner(), PLACE, NORTH, "somewhere")
    with pytest.raises(VaultError) as refusal:
        vault.unseal_or_none(uuid4(), PLACE, NORTH, sealed)
    assert not isinstance(refusal.value, Erased)


def test_an_erasure_holds_at_once_in_a_request_that_begins_after_it(kept: Flask) -> None:
    ana = owner()
    sealed = vault.seal(ana, PLACE, NORTH, "gone")
    in_thread(lambda: _destroy(kept, ana))
    forget()
    with pytest.raises(Erased):
        vault.unseal(ana, PLACE, NORTH, sealed)


def _destroy(app: Flask, owner_id: UUID) -> None:
    with app.app_context():
        vault.destroy_key(owner_id)


def test_no_byte_of_a_destroyed_key_is_left_in_the_file(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'main.db'}", tmp_path))
    with app.app_context():
        owners = [owner() for _ in range(20)]
        wrapped = {key.owner_id: key.wrapped for key in store.keys_of(owners)}
        assert wrapped[owners[3]] in written(tmp_path)
        for gone in owners[3:7]:
            vault.destroy_key(gone)
        found = written(tmp_path)
        assert [one for one in owners if wrapped[one] in found] == owners[:3] + owners[7:]


@contextmanager
def somebody_reading() -> Iterator[None]:
    """A look at the keys that begins now, from another connection, and lasts."""
    with key_store.engine.connect() as connection:
        connection.execute(select(func.count()).select_from(DataKey)).one()
        yield


def test_a_key_that_a_reader_keeps_in_the_log_is_not_called_destroyed(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'main.db'}", tmp_path))
    with app.app_context():
        ana = owner()
        [key] = store.keys_of([ana])
        with somebody_reading():
            with pytest.raises(DatabaseBusy, match="somebody is reading"):
                vault.destroy_key(ana)
            assert key.wrapped in written(tmp_path)
            assert store.keys_of([ana]) == []
        vault.destroy_key(ana)
        assert key.wrapped not in written(tmp_path)


def test_somebody_who_reads_keeps_nobody_waiting_for_longer_than_a_moment(kept: Flask) -> None:
    ana, ben = owner(), owner()
    number = vault.create_key(ben, NORTH, "person")
    with somebody_reading():
        for act in (partial(vault.destroy_key, ana), partial(store.retire, ben, number)):
            began = time.monotonic()
            with pytest.raises(DatabaseBusy):
                act()
            assert time.monotonic() - began < store.SCRUB_FOR + 2
        assert store.keys_of([ana]) == []
        assert owner()
    vault.destroy_key(ana)


def test_what_was_broken_off_is_gone_from_the_log_with_the_next_sweep(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'main.db'}", tmp_path))
    migrations.bind(app)
    with app.app_context():
        flask_migrate.upgrade()
        ana = owner()
        [key] = store.keys_of([ana])
        with somebody_reading(), pytest.raises(DatabaseBusy):
            store.retire(ana, key.number)
        assert key.wrapped in written(tmp_path)
        erasing.carry_out_due()
        assert key.wrapped not in written(tmp_path)


def test_a_postgresql_key_store_lets_go_of_the_file_that_held_a_destroyed_key(kept: Flask) -> None:
    if key_store.is_sqlite:
        pytest.skip("the test above looks into SQLite's file")
    owners = [owner() for _ in range(5)]
    wrapped = [key.wrapped for key in store.keys_of(owners)]
    vault.destroy_key(owners[2])
    key_store.ask("CHECKPOINT", ())
    [(folder, file)] = key_store.ask("SELECT current_setting('data_directory'), pg_relation_filepath('data_keys')", ())
    found = Path(folder, file).read_bytes()
    assert sum(one in found for one in wrapped) == 4


def test_a_key_store_of_another_version_is_not_worked_with(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "keys.db")) as connection:
        connection.execute("CREATE TABLE data_keys (owner_id TEXT PRIMARY KEY, wrapped BLOB)")
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'main.db'}", tmp_path))
    with app.app_context(), pytest.raises(DatabaseBusy, match="KeyStoreError"):
        store.keys_of([NORTH])


def written(folder: Path) -> bytes:
    """The key store's file and its log, as they lie on the disk."""
    return b"".join(path.read_bytes() for path in folder.glob("keys.db*"))


def test_the_file_of_the_key_store_is_nobody_elses_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'main.db'}", tmp_path))
    with app.app_context():
        owner()
        assert (tmp_path / "keys.db").stat().st_mode & 0o777 == 0o600
        pragmas = {name: key_store.ask(f"PRAGMA {name}", ())[0][0] for name in ("journal_mode", "synchronous")}
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_twenty_threads_add_and_read_keys_at_once(kept: Flask) -> None:
    together, found = Barrier(20), []

    def work() -> None:
        with kept.app_context():
            together.wait(10)
            made = owner()
            forget()
            found.append(len(store.keys_of([made])))
            forget()

    threads = [Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [1] * 20


def test_who_adds_a_key_while_all_are_destroyed_leaves_none_behind(kept: Flask) -> None:
    def add(ana: UUID) -> None:
        with kept.app_context(), suppress(Erased):
            vault.create_key(ana, NORTH, "person")

    for _ in range(10):
        ana = owner()
        acts = [partial(add, ana), partial(_destroy, kept, ana), partial(add, ana)]
        threads = [Thread(target=act) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert store.keys_of([ana]) == []
        assert store.is_destroyed(ana)


def test_a_key_store_that_cannot_be_reached_is_a_503_and_no_erasure(
    databases: Callable[[str], str], tmp_path: Path, cast: Cast
) -> None:
    app = create_app(settings_for(databases("lost"), tmp_path, keys_url=f"sqlite:///{tmp_path / 'no' / 'keys.db'}"))
    with app.app_context(), pytest.raises(DatabaseBusy):
        store.keys_of([cast.ana.person_id])
    assert app.test_client().get("/readyz").status_code == 503


def test_the_number_of_a_key_fits_its_two_bytes() -> None:
    assert MOST_KEYS.to_bytes(vault.NUMBER_BYTES) == b"\xff\xff"


def test_a_wrapped_key_opens_for_its_owner_and_under_its_vault_key_alone(kept: Flask) -> None:
    ana, ben = owner(), owner()
    [of_ana], [of_ben] = store.keys_of([ana]), store.keys_of([ben])
    with pytest.raises(VaultError):
        vault._unwrap(of_ana._replace(owner_id=ben))
    with pytest.raises(VaultError):
        vault._unwrap(of_ana._replace(wrapped=of_ben.wrapped))
    with pytest.raises(VaultError, match="vault key 9 is not among PORTAL_VAULT_KEYS"):
        vault._unwrap(of_ana._replace(vault_version=9))


def test_the_database_of_the_answers_takes_no_keys_whatever_it_is_called(app: Flask, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "portal.db") as answers:
        answers.execute("CREATE TABLE alembic_version (version_num TEXT)")
    answers.close()
    made = create_app(settings_for("sqlite:///other.db", tmp_path, keys_url=f"sqlite:///{tmp_path}/portal.db"))
    with made.app_context(), pytest.raises(DatabaseBusy, match="the database of the answers"):
        store.is_empty()
