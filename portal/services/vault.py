"""The vault: every text a person writes is sealed with that person's own key, bound to the place where it stands.

AES-256-GCM; the additional data name table, column, row and owner, so that a ciphertext moved elsewhere does not open.
A sealed value is the number of its data key (2 bytes), a nonce (12 bytes) and the ciphertext with its tag. Data keys
are wrapped by the vault key of the highest version and lie in the key store; unwrapped they live as long as a request.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal import clock, randomness
from portal.extensions import db, keys
from portal.services import key_store
from portal.services.key_store import WrappedKey

NUMBER_BYTES = 2
NONCE_BYTES = 12
KEY_BYTES = 32
TRIED = 5  # keys of each version, to see whether the vault key is the right one
OPENED = "portal.opened_keys"  # where a database session remembers the keys it has unwrapped


class OpenKey(NamedTuple):
    """A data key as it is, on its way from one house to another; `kind` is "person" or "couple"."""

    owner_id: UUID
    number: int
    kind: str
    key: bytes


class VaultError(Exception):
    """A text does not open: another place, another key, or bytes that changed."""


class Erased(VaultError):  # noqa: N818 - what has become of the text
    """The keys of this text's owner were destroyed: it is gone for good, and that was meant."""


def create_key(owner_id: UUID, practice_id: UUID, kind: str) -> int:
    """Store a fresh data key for a person (`kind` "person") or for what a couple has in common ("couple").

    It is stored at once, before the caller's transaction commits; it seals from now on. Gives its number; raises
    Erased.
    """
    check_newest()
    key = randomness.some_bytes(KEY_BYTES)
    version = max(keys.vault)
    number = key_store.add(owner_id, practice_id, kind, _wrap(owner_id, key, version), version)
    if number is None:
        raise Erased("the keys of this owner were destroyed")
    _opened().setdefault(owner_id, {})[number] = AESGCM(key)
    return number


def create_keys(practice_id: UUID, owners: Iterable[tuple[UUID, str]]) -> None:
    """Store the first key of each of many owners (id and kind) who were drawn just now, in one go; as `create_key`."""
    check_newest()
    version = max(keys.vault)
    made = {owner_id: (kind, randomness.some_bytes(KEY_BYTES)) for owner_id, kind in owners}
    wrapped = [(owner_id, kind, _wrap(owner_id, key, version)) for owner_id, (kind, key) in made.items()]
    key_store.add_first(practice_id, wrapped, version)
    for owner_id, (_, key) in made.items():
        _opened()[owner_id] = {1: AESGCM(key)}


def destroy_key(owner_id: UUID) -> None:
    """Destroy every key of a person or couple, at once and for good: nothing of theirs opens again, in no copy."""
    key_store.destroy(owner_id)
    _opened().pop(owner_id, None)


def load_keys(owner_ids: Iterable[UUID]) -> None:
    """Unwrap the keys of several owners with one statement; owners without a key are left out."""
    opened = _opened()
    missing = {owner_id for owner_id in owner_ids if owner_id not in opened}
    if missing:
        _load(missing)


def _load(owner_ids: Collection[UUID]) -> None:
    opened = _opened()
    for key in key_store.keys_of(owner_ids):
        opened.setdefault(key.owner_id, {})[key.number] = AESGCM(_unwrap(key))


def seal(owner_id: UUID, place: str, row_id: UUID, text: str) -> bytes:
    """Seal `text` for the column `place` ("table.column") of the row `row_id`; raises Erased."""
    return seal_bytes(owner_id, place, row_id, text.encode())


def seal_bytes(owner_id: UUID, place: str, row_id: UUID, content: bytes) -> bytes:
    ring = _ring(owner_id)
    number = max(ring)
    nonce = randomness.some_bytes(NONCE_BYTES)
    sealed = ring[number].encrypt(nonce, content, _context(owner_id, place, row_id))
    return number.to_bytes(NUMBER_BYTES) + nonce + sealed


def unseal(owner_id: UUID, place: str, row_id: UUID, sealed: bytes) -> str:
    """Open what `seal` made for the same owner and place.

    Raises Erased where the owner's keys were destroyed, and VaultError for anything else that does not open.
    """
    return unseal_bytes(owner_id, place, row_id, sealed).decode()


def unseal_bytes(owner_id: UUID, place: str, row_id: UUID, sealed: bytes) -> bytes:
    number = int.from_bytes(sealed[:NUMBER_BYTES])
    ring = _ring(owner_id)
    if number not in ring:  # a key that was made after this request had looked
        _load([owner_id])
    if number not in ring:
        raise VaultError("the key of this text is not here")
    return _decrypt(ring[number], sealed[NUMBER_BYTES:], _context(owner_id, place, row_id))


def unseal_or_none(owner_id: UUID, place: str, row_id: UUID, sealed: bytes | None) -> str | None:
    """The same for a page that goes on without the text: None where nothing stands, or it was erased."""
    try:
        return unseal(owner_id, place, row_id, sealed) if sealed else None
    except Erased:
        return None


def seal_document(owner_id: UUID, place: str, row_id: UUID, document: Mapping[str, Any]) -> bytes:
    """Seal a document of plain values."""
    return seal(owner_id, place, row_id, json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def unseal_document(owner_id: UUID, place: str, row_id: UUID, sealed: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(unseal(owner_id, place, row_id, sealed))
    return document


def unseal_document_or_none(owner_id: UUID, place: str, row_id: UUID, sealed: bytes | None) -> dict[str, Any] | None:
    """A document for a page that goes on without it: None where nothing stands, or it was erased."""
    text = unseal_or_none(owner_id, place, row_id, sealed)
    return None if text is None else json.loads(text)


def numbers_of(owner_id: UUID) -> list[int]:
    """The numbers of an owner's keys as they are now, the newest last; empty for whom there is none."""
    _opened().pop(owner_id, None)
    load_keys([owner_id])
    return sorted(_opened().get(owner_id, {}))


def rewrap_some(most: int) -> tuple[int, int]:
    """Wrap up to `most` data keys by the vault key of the highest version; gives how many were found, and done.

    One that does not open is gone round: `closed_owners` names whose it is. Raises VaultError where a vault key is not
    here, or the newest is not the one that wraps already.
    """
    check_newest()
    version = max(keys.vault)
    batch = key_store.below(version, most)
    while batch:
        found = [key for key in batch if _opens(key)]
        if found:
            fresh = [_wrap(key.owner_id, _unwrap(key), version) for key in found]
            return len(found), key_store.replace(found, fresh, version)
        batch = key_store.below(version, most, after=batch[-1])
    return 0, 0


def check_newest() -> None:
    """See that the vault key of the highest version is the one that wraps keys here already; raises VaultError.

    What another one wraps under the same number opens for nobody who puts the right one back.
    """
    version = max(keys.vault)
    if not _is_right(version):
        raise VaultError(f"vault key {version} in PORTAL_VAULT_KEYS is another than the one that wraps the keys here")


def closed_versions() -> list[int]:
    """The versions of the vault key under whose number another key is here than the one that wrapped."""
    return [version for version in sorted(key_store.versions()) if version in keys.vault and not _is_right(version)]


def _is_right(version: int) -> bool:
    """Whether a vault key opens what it should: one of the oldest, for a single one may be damaged."""
    oldest = key_store.oldest_of(version, TRIED)
    return not oldest or any(_opens(key) for key in oldest)


def closed_owners() -> list[UUID]:
    """Whose keys do not open, though the vault key of that version is here."""
    every = (key for key in key_store.every_wrapped() if key.vault_version in keys.vault)
    return sorted({key.owner_id for key in every if not _opens(key)})


def _opens(key: WrappedKey) -> bool:
    """Whether a key opens; raises VaultError where the vault key of its version is not here at all."""
    try:
        _unwrap(key)
    except VaultError:
        if key.vault_version not in keys.vault:
            raise
        return False
    return True


def open_keys(practice_id: UUID) -> list[OpenKey]:
    """Every key of a practice's people and couples as it is, for a house that has other vault keys; raises VaultError.

    Whoever holds them reads everything: they are sealed again at once.
    """
    rows = [row for row in key_store.every_key() if row["practice_id"] == practice_id]
    wrapped = [WrappedKey(*(row[name] for name in WrappedKey._fields)) for row in rows]
    kinds = [row["owner_kind"] for row in rows]
    return [OpenKey(key.owner_id, key.number, kind, _unwrap(key)) for key, kind in zip(wrapped, kinds, strict=True)]


def hold_keys(found: Iterable[OpenKey]) -> None:
    """Let keys that another house gave open texts from now on; they are stored by `take_in` alone."""
    for key in found:
        _opened().setdefault(key.owner_id, {})[key.number] = AESGCM(key.key)


def take_in(practice_id: UUID, found: Sequence[OpenKey], destroyed: Mapping[UUID, datetime]) -> None:
    """Store the keys that another house gave, wrapped anew, and whose were destroyed there; all at once.

    Those that a broken-off move has stored already are left. Raises VaultError where one of the owners has other keys
    here, or had theirs destroyed.
    """
    check_newest()
    owners, given = {key.owner_id for key in found}, {key[:2]: key.key for key in found}
    gone = {owner_id for owner_id, _ in key_store.every_destroyed()}
    here = {key[:2]: _unwrap(key) for key in key_store.keys_of(owners | set(destroyed))}
    if owners & gone:
        raise VaultError("keys of somebody in it were destroyed here")
    if any(given.get(name) != key for name, key in here.items()):
        raise VaultError("somebody in it has other keys here")
    version, now = max(keys.vault), clock.now()
    rows = [
        {
            "owner_id": key.owner_id,
            "number": key.number,
            "practice_id": practice_id,
            "owner_kind": key.kind,
            "wrapped": _wrap(key.owner_id, key.key, version),
            "vault_version": version,
            "created_at": now,
        }
        for key in found
        if key[:2] not in here
    ]
    key_store.fill(rows, [(owner_id, at) for owner_id, at in destroyed.items() if owner_id not in gone])


def _opened() -> dict[UUID, dict[int, AESGCM]]:
    found: dict[UUID, dict[int, AESGCM]] = db.session().info.setdefault(OPENED, {})
    return found


def _ring(owner_id: UUID) -> dict[int, AESGCM]:
    load_keys([owner_id])
    opened = _opened()
    if owner_id not in opened:
        if not key_store.is_destroyed(owner_id):
            raise VaultError("there is no key for this owner")
        opened[owner_id] = {}  # known for the rest of this request: a page may hold many of their texts
    if not opened[owner_id]:
        raise Erased("the keys of this owner were destroyed")
    return opened[owner_id]


def _context(owner_id: UUID, place: str, row_id: UUID) -> bytes:
    return f"{place}|{row_id}|{owner_id}".encode()


def _wrapping(owner_id: UUID) -> bytes:
    return f"data_keys.wrapped|{owner_id}".encode()


def _wrap(owner_id: UUID, key: bytes, version: int) -> bytes:
    nonce = randomness.some_bytes(NONCE_BYTES)
    return nonce + AESGCM(keys.vault[version]).encrypt(nonce, key, _wrapping(owner_id))


def _unwrap(key: WrappedKey) -> bytes:
    vault_key = keys.vault.get(key.vault_version)
    if vault_key is None:
        raise VaultError(f"vault key {key.vault_version} is not among PORTAL_VAULT_KEYS")
    return _decrypt(AESGCM(vault_key), key.wrapped, _wrapping(key.owner_id))


def _decrypt(key: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise VaultError("this text does not open here") from None
