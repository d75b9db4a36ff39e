"""The vault: every text a person writes is sealed with that person's own key, bound to the place where it stands.

AES-256-GCM; the additional data name table, column, row and owner, so that a ciphertext moved elsewhere does not open.
Data keys are wrapped by the vault key of the highest version.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Select, bindparam, select

from portal import clock, randomness
from portal.extensions import ask, db, keys
from portal.models.users import DataKey

NONCE_BYTES = 12
KEY_BYTES = 32
OPENED = "portal.opened_keys"  # where a database session remembers the keys it has unwrapped


class VaultError(Exception):
    """A text does not open: another place, another key, or bytes that changed."""


def create_key(owner_id: UUID, practice_id: UUID, kind: str) -> None:
    """Add a fresh data key for a person (`kind` "person") or for what a couple has in common ("couple")."""
    key = randomness.some_bytes(KEY_BYTES)
    version = max(keys.vault)
    db.session.add(
        DataKey(
            owner_id=owner_id,
            practice_id=practice_id,
            owner_kind=kind,
            wrapped=_encrypt(keys.vault[version], key, _wrapping(owner_id)),
            vault_version=version,
            created_at=clock.now(),
        )
    )
    _opened()[owner_id] = AESGCM(key)


def load_keys(owner_ids: Iterable[UUID]) -> None:
    """Unwrap the keys of several owners with one statement; owners without a key are left out."""
    missing = [owner_id for owner_id in set(owner_ids) if owner_id not in _opened()]
    if not missing:
        return
    # past the ORM, which would flush: a text is often sealed for a row that is still half made
    for owner_id, wrapped, version in ask(_keys_of_owners(), owner_ids=missing):
        prime(owner_id, wrapped, version)


@cache
def _keys_of_owners() -> Select[UUID, bytes, int]:
    of_owners = DataKey.owner_id.in_(bindparam("owner_ids", expanding=True))
    return select(DataKey.owner_id, DataKey.wrapped, DataKey.vault_version).where(of_owners)


def prime(owner_id: UUID, wrapped: bytes, version: int) -> None:
    """Take a wrapped key that a query brought along."""
    if owner_id not in _opened():
        _opened()[owner_id] = AESGCM(_decrypt(AESGCM(keys.vault[version]), wrapped, _wrapping(owner_id)))


def seal(owner_id: UUID, place: str, row_id: UUID, text: str) -> bytes:
    """Seal `text` for the column `place` ("table.column") of the row `row_id`."""
    key = _key(owner_id)
    nonce = randomness.some_bytes(NONCE_BYTES)
    return nonce + key.encrypt(nonce, text.encode(), _context(owner_id, place, row_id))


def unseal(owner_id: UUID, place: str, row_id: UUID, sealed: bytes) -> str:
    """Open what `seal` made for the same owner and place; raises VaultError for anything else."""
    return _decrypt(_key(owner_id), sealed, _context(owner_id, place, row_id)).decode()


def seal_document(owner_id: UUID, place: str, row_id: UUID, document: Mapping[str, Any]) -> bytes:
    """Seal a document of plain values."""
    return seal(owner_id, place, row_id, json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def unseal_document(owner_id: UUID, place: str, row_id: UUID, sealed: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(unseal(owner_id, place, row_id, sealed))
    return document


def _opened() -> dict[UUID, AESGCM]:
    found: dict[UUID, AESGCM] = db.session().info.setdefault(OPENED, {})
    return found


def _key(owner_id: UUID) -> AESGCM:
    load_keys([owner_id])
    try:
        return _opened()[owner_id]
    except KeyError:
        raise VaultError("there is no key for this owner") from None


def _context(owner_id: UUID, place: str, row_id: UUID) -> bytes:
    return f"{place}|{row_id}|{owner_id}".encode()


def _wrapping(owner_id: UUID) -> bytes:
    return f"data_keys.wrapped|{owner_id}".encode()


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = randomness.some_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def _decrypt(key: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise VaultError("this text does not open here") from None
