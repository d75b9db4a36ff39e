"""Backups: the answers and the keys, each apart; put back into an empty place, and looked at whether answers open.

The copy of the keys is the newest alone, and lies elsewhere than the answers: an erasure destroys a key there too.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.extensions import db, keys
from portal.models.responses import Response
from portal.services import dumps, key_store, tenants, vault
from portal.services.dumps import DumpError

MAIN, KEYS = "answers", "keys"
LONGEST_MANIFEST = 1024 * 1024
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands before the bytes of a database: its kind, how many rows each table held, and its migration.

    Backups of earlier versions do not say the migration.
    """

    database: str
    rows: dict[str, int]
    revision: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """How many answers of a sample opened, how many were erased, and how many do not open."""

    opened: int
    erased: int
    closed: int

    @property
    def total(self) -> int:
        return self.opened + self.erased + self.closed


def main_url() -> str:
    """The address of the main database, as it is worked with."""
    return db.engine.url.render_as_string(hide_password=False)


def newest_vault_key() -> tuple[int, bytes]:
    """The version and the bytes of the vault key that seals a backup."""
    version = max(keys.vault)
    return version, keys.vault[version]


def vault_key(version: int) -> bytes:
    """The vault key that opens a backup; raises DumpError."""
    found = keys.vault.get(version)
    if found is None:
        raise DumpError(f"it was sealed with vault key {version}, which is not among PORTAL_VAULT_KEYS")
    return found


@contextmanager
def answers(url: str) -> Iterator[Iterator[bytes]]:
    """The main database as it stands now, with its manifest in front; raises DumpError."""
    with dumps.taken(url) as dump:
        manifest = json.dumps({"database": dump.kind, "rows": dump.rows, "revision": dump.revision}).encode()
        yield chain([len(manifest).to_bytes(4) + manifest], dump.parts)


def manifest_of(parts: Iterable[bytes]) -> tuple[Manifest, Iterator[bytes]]:
    """What `answers` put in front, and the bytes of the database that follow it; raises DumpError."""
    rest = iter(parts)
    head = next(rest, b"")
    end = 4 + int.from_bytes(head[:4])
    while len(head) < end <= LONGEST_MANIFEST and (more := next(rest, b"")):
        head += more
    try:
        found = json.loads(head[4:end])
        return Manifest(found["database"], found["rows"], found.get("revision")), chain([head[end:]], rest)
    except (ValueError, KeyError) as error:
        raise DumpError("the manifest cannot be read") from error


def all_keys() -> Iterator[bytes]:
    """The key store, a line a row."""
    for row in key_store.every_key():
        yield line({name: plain(value) for name, value in row.items()})
    for owner_id, destroyed_at in key_store.every_destroyed():
        yield line({"destroyed": owner_id.hex, "at": destroyed_at.isoformat()})


def check_keys(parts: Iterable[bytes]) -> None:
    """Read a copy of the keys to its end, and see that the key store is empty; raises DumpError."""
    for _ in parts:
        pass
    if not key_store.is_empty():
        raise DumpError("there are keys here already: leave --keys out where the key store is the newest itself")


def put_keys(parts: Iterable[bytes]) -> int:
    """Put what `all_keys` gave into an empty key store; gives how many keys."""
    rows = [json.loads(line) for line in b"".join(parts).splitlines()]
    stored = [_stored(row) for row in rows if "destroyed" not in row]
    destroyed = [(UUID(row["destroyed"]), datetime.fromisoformat(row["at"])) for row in rows if "destroyed" in row]
    key_store.fill(stored, destroyed)
    return len(stored)


def line(row: dict[str, Any]) -> bytes:
    """One row as a line of JSON."""
    return json.dumps(row).encode() + b"\n"


def plain(value: object) -> object:
    """A value as JSON can hold it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.hex if isinstance(value, UUID) else value.isoformat() if isinstance(value, date) else value


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "owner_id": UUID(row["owner_id"]),
        "practice_id": UUID(row["practice_id"]),
        "wrapped": base64.b64decode(row["wrapped"]),
        "created_at": datetime.fromisoformat(row["created_at"]),
    }


def key_names() -> set[tuple[UUID, int]]:
    """Which keys there are, by owner and number; for whom looks whether one went meanwhile."""
    return {(row["owner_id"], row["number"]) for row in key_store.every_key()}


def went_meanwhile(before: set[tuple[UUID, int]]) -> bool:
    """Whether a key that was there has been exchanged since: answers taken in between may be sealed by it."""
    after = key_names()
    owners = {owner_id for owner_id, _ in after}
    return any(owner_id in owners for owner_id, _ in before - after)


def sample(most: int = SAMPLE) -> Sample:
    """Open up to `most` answers, picked by their random ids."""
    columns = select(Response.id, Response.person_id, Response.document).order_by(Response.id).limit(most)
    some = [db.session.execute(columns.where(Response.practice_id == one)).all() for one in tenants.each()]
    rows = sorted(chain.from_iterable(some), key=itemgetter(0))[:most]
    vault.load_keys(row.person_id for row in rows)
    found = [_state(row.person_id, row.id, row.document) for row in rows]
    return Sample(found.count("opened"), found.count("erased"), found.count("closed"))


def _state(owner_id: UUID, row_id: UUID, document: bytes) -> str:
    try:
        vault.unseal_document(owner_id, "responses.document", row_id, document)
    except vault.Erased:
        return "erased"
    except vault.VaultError:
        return "closed"
    return "opened"
