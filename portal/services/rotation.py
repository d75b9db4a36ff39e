"""Rotation while people work, a batch at a time: the vault key over all data keys, one owner's data key over texts.

A request that began before a new data key was there may still seal with the old one; so the old one is let go of only
after nothing was found under it for longer than any request lasts. `jobs/rotation.py` keeps that time.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Select, func, literal, select, update

from portal.domain.accounts import same_address
from portal.domain.errors import NotFound
from portal.domain.people import SignInKind
from portal.extensions import begin_write, db, keys, work_for
from portal.models.users import Person, SignIn
from portal.services import key_store, operations, tenants, vault
from portal.services.sealed_columns import SEALED, SealedColumn

BATCH = 200


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What rotating did: the vault key's version, how many data keys by it, how many are left under older ones, and how
    many names at the door were taken over from an older secret.
    """

    version: int
    done: int
    left: int
    names: int


def rewrap_all(most: int = BATCH) -> Rewrapped:
    """Wrap every data key by the vault key of the highest version; may be broken off and begun again at any time."""
    operations.record("keys:change_begun")
    done, found, version = 0, 1, max(keys.vault)
    while found:
        found, changed = vault.rewrap_some(most)
        done += changed
    names = sum(_take_names_over(practice_id) for practice_id in tenants.each())
    operations.record("keys:changed")
    return Rewrapped(version, done, sum(n for older, n in key_store.versions().items() if older < version), names)


def _take_names_over(practice_id: UUID) -> int:
    """Let the newest secret make what stands for each name at the door; gives how many were of an older one."""
    begin_write()
    rows = select(SignIn, Person).join(Person, Person.id == SignIn.person_id).where(SignIn.practice_id == practice_id)
    taken_over = 0
    for entry, person in db.session.execute(rows.with_for_update(of=SignIn)):
        newest, *older = keys.lookups(_name_of(person, SignInKind(entry.kind)))
        if entry.lookup in older:
            entry.lookup = newest
            taken_over += 1
    db.session.commit()
    return taken_over


def _name_of(person: Person, kind: SignInKind) -> str:
    """What somebody types at the door; '' where it does not open, and is left as it is."""
    place, sealed = ("address", person.address) if kind is SignInKind.ADDRESS else ("user_name", person.user_name)
    try:
        return same_address(vault.unseal_or_none(person.id, f"people.{place}", person.id, sealed) or "")
    except vault.VaultError:
        return ""


def begin(owner_id: UUID) -> int:
    """Give an owner a new data key, or go on with a rotation that was broken off; gives the key's number.

    Raises NotFound where there is no key to begin with.
    """
    numbers = vault.numbers_of(owner_id)
    owner = key_store.owner_of_key(owner_id)
    if not numbers or owner is None:
        raise NotFound
    operations.record_for(owner[0], "key:exchange_begun", owner_id)
    try:
        return numbers[-1] if len(numbers) > 1 else vault.create_key(owner_id, *owner)
    except vault.Erased as gone:
        raise NotFound from gone


def _work_for_practice_of(owner_id: UUID) -> None:
    owner = key_store.owner_of_key(owner_id)
    work_for(owner[0] if owner else None)


def reseal_some(owner_id: UUID, number: int, most: int = BATCH) -> int:
    """Seal up to `most` texts that are under older keys than `number` anew; gives how many were found.

    What somebody else changes meanwhile is left as they wrote it, and found again.
    """
    _work_for_practice_of(owner_id)
    begin_write()
    found = 0
    for column in SEALED:
        for row_id, sealed in db.session.execute(_under_older(column, owner_id, number).limit(most - found)).all():
            _reseal(column, owner_id, row_id, sealed)
            found += 1
    db.session.commit()
    return found


def _reseal(column: SealedColumn, owner_id: UUID, row_id: UUID, sealed: bytes) -> None:
    text = vault.unseal(owner_id, column.place, row_id, sealed)
    fresh = vault.seal(owner_id, column.place, row_id, text)
    is_unchanged = (column.row_id == row_id, column.text == sealed)
    changed = update(column.text.class_).where(*is_unchanged).values({column.text: fresh})
    db.session.execute(changed, execution_options={"synchronize_session": False})


def left(owner_id: UUID, number: int) -> int:
    """How many texts of an owner are under older keys than `number`."""
    _work_for_practice_of(owner_id)
    counted = (select(func.count()).select_from(_under_older(column, owner_id, number).subquery()) for column in SEALED)
    return sum(db.session.scalar(one) or 0 for one in counted)


def _under_older(column: SealedColumn, owner_id: UUID, number: int) -> Select[*tuple[Any, ...]]:
    begins_with: ColumnElement[bytes] = func.substr(column.text, 1, vault.NUMBER_BYTES, type_=LargeBinary)
    prefix = literal(number.to_bytes(vault.NUMBER_BYTES), LargeBinary)
    return select(column.row_id, column.text).where(
        column.owner_id == owner_id, column.text.is_not(None), begins_with < prefix
    )


def finish(owner_id: UUID, number: int) -> int:
    """Let go of the owner's older keys; the caller has seen for long enough that they seal nothing. Gives how many."""
    older = [other for other in vault.numbers_of(owner_id) if other < number]
    for other in older:
        key_store.retire(owner_id, other)
    vault.numbers_of(owner_id)
    owner = key_store.owner_of_key(owner_id)
    operations.record_for(owner[0] if owner else None, "key:exchanged", owner_id)
    return len(older)
