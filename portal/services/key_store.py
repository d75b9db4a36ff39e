"""The key store: people's wrapped keys are added, found, wrapped anew and destroyed here, and nowhere else.

It is a database of its own. A key is stored before the row that needs it commits; a key that no row needs is harmless.
"""

import json
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, text, update

from portal import clock
from portal.extensions import key_store
from portal.models.key_store import DataKey, DestroyedOwner
from portal.services.transactions import DatabaseBusy

# in the drivers' own words: asked on every page that shows a sealed text
_OF_ONE_ON_SQLITE = "SELECT owner_id, number, wrapped, vault_version FROM data_keys WHERE owner_id = ?"
_ON_SQLITE = (
    "SELECT owner_id, number, wrapped, vault_version FROM data_keys WHERE owner_id IN (SELECT value FROM json_each(?))"
)
_ON_POSTGRESQL = "SELECT owner_id, number, wrapped, vault_version FROM data_keys WHERE owner_id = ANY(%s)"
SCRUB_FOR = 2.0  # seconds
CHECKPOINT_WAIT = 0.05  # seconds
CHECKPOINT_TRIES = int(SCRUB_FOR / CHECKPOINT_WAIT)


class WrappedKey(NamedTuple):
    """One key as the store holds it, to be opened by the vault key of its version."""

    owner_id: UUID
    number: int
    wrapped: bytes
    vault_version: int


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except key_store.trouble as error:
        told = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise DatabaseBusy(f"the key store does not answer ({type(error).__name__}: {told})") from error


@contextmanager
def _reading() -> Iterator[Connection]:
    with _answering(), key_store.engine.connect() as connection:
        yield connection


@contextmanager
def _writing() -> Iterator[Connection]:
    locked = {"begin": "BEGIN IMMEDIATE"}
    with _answering(), key_store.engine.connect().execution_options(**locked) as connection, connection.begin():
        yield connection


def keys_of(owner_ids: Collection[UUID]) -> list[WrappedKey]:
    """Every key of these owners, with one statement; raises DatabaseBusy where the store does not answer."""
    with _answering():
        if not key_store.is_sqlite:
            return [WrappedKey(*row) for row in key_store.ask(_ON_POSTGRESQL, (list(owner_ids),))]
        hexes = [owner_id.hex for owner_id in owner_ids]
        is_one = len(hexes) == 1
        rows = key_store.ask(_OF_ONE_ON_SQLITE if is_one else _ON_SQLITE, (hexes[0] if is_one else json.dumps(hexes),))
    return [WrappedKey(UUID(row[0]), *row[1:]) for row in rows]


def add(owner_id: UUID, practice_id: UUID, kind: str, wrapped: bytes, version: int) -> int | None:
    """Store a key as its owner's newest, at once; gives its number, and None for whom keys were destroyed."""
    with _writing() as connection:
        _hold(connection, owner_id)
        if _is_destroyed(connection, owner_id):
            return None
        newest = connection.scalar(select(func.max(DataKey.number)).where(DataKey.owner_id == owner_id))
        number = (newest or 0) + 1
        connection.execute(
            insert(DataKey).values(
                owner_id=owner_id,
                number=number,
                practice_id=practice_id,
                owner_kind=kind,
                wrapped=wrapped,
                vault_version=version,
                created_at=clock.now(),
            )
        )
    return number


def add_first(practice_id: UUID, owners: Sequence[tuple[UUID, str, bytes]], version: int) -> None:
    """Store the first key (id, kind, wrapped) of each of these owners, at once: ids that nobody had before."""
    same = {"practice_id": practice_id, "number": 1, "vault_version": version, "created_at": clock.now()}
    rows = [{"owner_id": owner_id, "owner_kind": kind, "wrapped": key, **same} for owner_id, kind, key in owners]
    with _writing() as connection:
        connection.execute(insert(DataKey), rows)


def _hold(connection: Connection, owner_id: UUID) -> None:
    """Hold an owner's keys until the end: of who adds one and who destroys them all, one waits for the other."""
    connection.execute(select(DataKey.number).where(DataKey.owner_id == owner_id).with_for_update())


def owner_of_key(owner_id: UUID) -> tuple[UUID, str] | None:
    """The practice of an owner and the kind; None for whom there is no key."""
    with _reading() as connection:
        found = connection.execute(
            select(DataKey.practice_id, DataKey.owner_kind).where(DataKey.owner_id == owner_id).limit(1)
        ).one_or_none()
    return None if found is None else (found.practice_id, found.owner_kind)


def destroy(owner_id: UUID) -> None:
    """Delete every key of an owner and remember that it was meant; a second time changes nothing.

    Raises DatabaseBusy while a log may hold them still: they open nothing, and are to be destroyed once more.
    """
    with _writing() as connection:
        _hold(connection, owner_id)
        connection.execute(delete(DataKey).where(DataKey.owner_id == owner_id))
        if not _is_destroyed(connection, owner_id):
            connection.execute(insert(DestroyedOwner).values(owner_id=owner_id, destroyed_at=clock.now()))
    scrub()


def retire(owner_id: UUID, number: int) -> None:
    """Delete one key that seals nothing any more. Raises DatabaseBusy while a log may hold it still."""
    with _writing() as connection:
        connection.execute(delete(DataKey).where(DataKey.owner_id == owner_id, DataKey.number == number))
    scrub()


def scrub() -> None:
    """Let no page of a log or of the table keep what was deleted (SQLite's own file is overwritten as it deletes).

    Raises DatabaseBusy where somebody who reads keeps it there for longer than a moment: it is to be done again.
    """
    if key_store.is_sqlite:
        empty_log()
    else:
        _renew_table()


def empty_log() -> None:
    """Leave nothing in SQLite's log, whatever was broken off before; elsewhere nothing is done. Raises DatabaseBusy."""
    if key_store.is_sqlite:
        with _answering(), closing(key_store.engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            driver.execute("PRAGMA busy_timeout = 0")  # SQLite would wait at each try for as long as any statement may
            if not any(_is_emptied(driver, tries) for tries in range(CHECKPOINT_TRIES)):
                raise DatabaseBusy("somebody is reading the key store: its log keeps what was deleted until they end")


def _is_emptied(driver: Any, tries: int) -> bool:
    time.sleep(CHECKPOINT_WAIT if tries else 0)
    [(is_busy, *_rest)] = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return not is_busy


def _renew_table() -> None:
    """A file of its own again for the table: the one that held the key goes."""
    with _answering(), key_store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{SCRUB_FOR:g}s'"))  # who waits for it keeps every page waiting
        connection.execute(text("VACUUM FULL data_keys"))


def is_destroyed(owner_id: UUID) -> bool:
    """Whether the keys of an owner were destroyed on purpose."""
    with _reading() as connection:
        return _is_destroyed(connection, owner_id)


def _is_destroyed(connection: Connection, owner_id: UUID) -> bool:
    return bool(connection.scalar(select(func.count()).where(DestroyedOwner.owner_id == owner_id)))


_WRAPPED = select(DataKey.owner_id, DataKey.number, DataKey.wrapped, DataKey.vault_version)


def below(version: int, most: int, after: WrappedKey | None = None) -> list[WrappedKey]:
    """Up to `most` keys that a vault key of a lower version wraps, those that follow `after` by owner and number."""
    found = _WRAPPED.where(DataKey.vault_version < version).order_by(DataKey.owner_id, DataKey.number).limit(most)
    if after is not None:
        is_same_owner = (DataKey.owner_id == after.owner_id) & (DataKey.number > after.number)
        found = found.where((DataKey.owner_id > after.owner_id) | is_same_owner)
    with _reading() as connection:
        return [WrappedKey(*row) for row in connection.execute(found)]


def oldest_of(version: int, most: int) -> list[WrappedKey]:
    """Up to `most` keys that this version of the vault key wraps, the oldest first."""
    found = _WRAPPED.where(DataKey.vault_version == version).order_by(DataKey.created_at, DataKey.owner_id).limit(most)
    with _reading() as connection:
        return [WrappedKey(*row) for row in connection.execute(found)]


def every_wrapped() -> list[WrappedKey]:
    """Every key, for who looks whether each opens."""
    with _reading() as connection:
        return [WrappedKey(*row) for row in connection.execute(_WRAPPED)]


def replace(keys: Sequence[WrappedKey], wrapped: Sequence[bytes], version: int) -> int:
    """Let keys be wrapped by `version` from now on; one that changed or went since is left. Gives how many were."""
    with _writing() as connection:
        return sum(
            connection.execute(
                update(DataKey)
                .where(DataKey.owner_id == key.owner_id, DataKey.number == key.number, DataKey.wrapped == key.wrapped)
                .values(wrapped=fresh, vault_version=version)
            ).rowcount
            for key, fresh in zip(keys, wrapped, strict=True)
        )


def versions() -> dict[int, int]:
    """How many keys each version of the vault key wraps."""
    counted = select(DataKey.vault_version, func.count()).group_by(DataKey.vault_version)
    with _reading() as connection:
        return {version: count for version, count in connection.execute(counted)}


def known_owners() -> set[UUID]:
    """Whose keys are here, or were destroyed on purpose."""
    with _reading() as connection:
        return {
            owner_id
            for column in (DataKey.owner_id, DestroyedOwner.owner_id)
            for owner_id in connection.scalars(select(column).distinct())
        }


def clear() -> None:
    """Remove everything; for a demo that starts afresh."""
    with _writing() as connection:
        connection.execute(delete(DataKey))
        connection.execute(delete(DestroyedOwner))


def is_empty() -> bool:
    """Whether no key is here, and none was destroyed."""
    return not known_owners()


def every_key() -> list[dict[str, Any]]:
    """Every row, wrapped as it is; for a backup."""
    with _reading() as connection:
        rows = connection.execute(select(DataKey.__table__).order_by(DataKey.owner_id, DataKey.number))
        return [dict(row._mapping) for row in rows]


def every_destroyed() -> list[tuple[UUID, datetime]]:
    """Whose keys were destroyed, and when."""
    with _reading() as connection:
        rows = connection.execute(select(DestroyedOwner.owner_id, DestroyedOwner.destroyed_at))
        return [(row.owner_id, row.destroyed_at) for row in rows]


def fill(rows: list[dict[str, Any]], destroyed: list[tuple[UUID, datetime]]) -> None:
    """Put rows of a backup, or of a practice that moves in, into the store, all or none."""
    with _writing() as connection:
        if rows:
            connection.execute(insert(DataKey), rows)
        if destroyed:
            marks = [{"owner_id": owner_id, "destroyed_at": at} for owner_id, at in destroyed]
            connection.execute(insert(DestroyedOwner), marks)
