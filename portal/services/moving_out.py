"""Moving a practice out: its doors are shut, and another house is given it as lines of JSON, a row each.

Texts stay sealed, and the keys that open them come along as they are: what reads these lines encrypts them at once. A
house keeps to itself what only it can work with: browsers, links, mails, and the hashes under keys of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update

from portal import clock
from portal.domain.errors import NotFound
from portal.extensions import Base, begin_write, db, work_for
from portal.models.audit import AuditEvent, AuditHead
from portal.models.couples import Couple
from portal.models.day_packs import DayPack, DayPackRow
from portal.models.doors import KnownDevice
from portal.models.erasures import Erasure
from portal.models.outbox import OutboxEntry
from portal.models.practices import Practice
from portal.models.rendered_briefs import RenderedBrief
from portal.models.users import Person, SignIn, Token, WebSession
from portal.services import audit, audit_chain, erasing, health, key_store, tenants, vault
from portal.services.backups import key_names, line, plain, went_meanwhile
from portal.services.transactions import stand_still

FORM = 1  # of the lines; another number is another form
BATCHES = {"yield_per": 500}
MADE_HERE = (RenderedBrief, DayPack, DayPackRow)  # papers, which the other house sets anew
LEFT_BEHIND = {table.__tablename__ for table in (WebSession, KnownDevice, Token, OutboxEntry, AuditHead, *MADE_HERE)}
# what the other house makes anew, under its own keys
MADE_ANEW = {
    SignIn.__tablename__: {"lookup"},
    AuditEvent.__tablename__: {"chain_id", "number", "previous", "hash"},
}


class MoveError(Exception):
    """A practice cannot move; its text says why, and what to do."""


def tables() -> list[Table]:
    """The tables whose rows come along, each after those that its rows point at."""
    own = (table for table in Base.metadata.sorted_tables if "practice_id" in table.columns)
    return [Practice.__table__, *(table for table in own if table.name not in LEFT_BEHIND)]  # type: ignore[list-item]  # it is a table


def shut(name: str) -> UUID:
    """Let nobody of the practice of this name (or id) come in any more; gives its id. A second time changes nothing.

    Raises NotFound, and MoveError where its audit trail does not hold: chained anew elsewhere, it would seem to.
    """
    practice_id = _found(name)
    if not audit_chain.holds(practice_id):
        raise MoveError("its audit trail does not hold (see `audit verify`), and elsewhere it would seem to")
    _say_moved_out(practice_id)
    return practice_id


def _found(name: str) -> UUID:
    found = tenants.named(name)
    if len(found) > 1:
        raise MoveError(
            f"there are {len(found)} of that name: give the id instead, one of {', '.join(map(str, found))}"
        )
    if not found:
        raise NotFound
    return found[0]


def _say_moved_out(practice_id: UUID) -> None:
    begin_write()
    practice = _held(practice_id)
    if practice.moved_out_at is None:
        practice.moved_out_at = clock.now()
        signed_in = (WebSession.practice_id == practice_id, WebSession.ended_at.is_(None))
        db.session.execute(update(WebSession).where(*signed_in).values(ended_at=practice.moved_out_at))
        audit.record_before_sign_in(practice_id, None, "practice:moved_out", practice_id)
    db.session.commit()


def _held(practice_id: UUID) -> Practice:
    return db.session.scalars(select(Practice).where(Practice.id == practice_id).with_for_update()).one()


def stay(name: str) -> None:
    """Let the people of a practice that moved out come in here again.

    Raises NotFound, and MoveError, also where `forget` has begun: whom it erased could not come in.
    """
    practice_id = _found(name)
    work_for(practice_id)
    if _forgotten(practice_id):
        raise MoveError("it was forgotten here: its people's keys are destroyed, and that cannot be taken back")
    begin_write()
    practice = _held(practice_id)
    if practice.moved_out_at is None:
        raise MoveError("it has not moved out")
    practice.moved_out_at = None
    audit.record_before_sign_in(practice_id, None, "practice:stayed", practice_id)
    db.session.commit()


def _forgotten(practice_id: UUID) -> set[UUID]:
    """Whose keys went by `forget`, and not because they were erased one by one as a practice does."""
    one_by_one = select(Erasure.person_id).where(Erasure.practice_id == practice_id, Erasure.begun_at.is_not(None))
    people = set(_ids_of(Person, practice_id)) - set(db.session.scalars(one_by_one))
    return people & {owner_id for owner_id, _ in key_store.every_destroyed()}


def forget(name: str) -> int:
    """Erase everybody of a practice that moved out, each as one person is erased; gives how many people.

    Broken off, it is gone on with by the next call. Raises NotFound, MoveError, and DatabaseBusy while somebody who
    reads the key store keeps what was deleted there.
    """
    practice_id = _found(name)
    if practice_id not in tenants.ids(Practice.moved_out_at.is_not(None)):
        raise MoveError("it has not moved out")
    work_for(practice_id)
    erased = {owner_id for owner_id, _ in key_store.every_destroyed()}
    people = [person_id for person_id in _ids_of(Person, practice_id) if person_id not in erased]
    for person_id in people:
        erasing.erase_here(person_id)
    for couple_id in _ids_of(Couple, practice_id):
        vault.destroy_key(couple_id)
    key_store.scrub()  # what a call that was broken off left, too
    return len(people)


def _ids_of(table: type[Person | Couple], practice_id: UUID) -> Sequence[UUID]:
    return db.session.scalars(select(table.id).where(table.practice_id == practice_id).order_by(table.id)).all()


def lines(practice_id: UUID) -> Iterator[bytes]:
    """Every row of the practice as it stands at one moment, then its keys as they are, and how many of each there were.

    Raises MoveError where a key was exchanged meanwhile: what it sealed would not open.
    """
    before = key_names()
    work_for(practice_id)
    stand_still()
    counts: Counter[str] = Counter()
    yield line({"bundle": {"form": FORM, "revision": health.database_revision(), "practice_id": practice_id.hex}})
    for name, row in chain(_rows(practice_id), _keys(practice_id)):
        counts[name] += 1
        yield line({name: {column: plain(value) for column, value in row.items()}})
    db.session.rollback()
    if went_meanwhile(before):
        raise MoveError("a key was exchanged meanwhile, so parts of it may not open; do it again")
    yield line({"end": counts})


def _rows(practice_id: UUID) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table in tables():
        own = table.c.id if table is Practice.__table__ else table.c.practice_id
        told = [column for column in table.columns if column.name not in MADE_ANEW.get(table.name, ())]
        order = [table.c.number] if table is AuditEvent.__table__ else list(table.primary_key)
        rows = db.session.execute(select(*told).where(own == practice_id).order_by(*order).execution_options(**BATCHES))
        yield from ((table.name, row._asdict()) for row in rows)


def _keys(practice_id: UUID) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The keys of its people and couples; and whose were destroyed, for nothing of theirs opens elsewhere either."""
    owners = {*_ids_of(Person, practice_id), *_ids_of(Couple, practice_id)}
    yield from (("data_keys", key._asdict()) for key in vault.open_keys(practice_id))
    for owner_id, destroyed_at in key_store.every_destroyed():
        if owner_id in owners:
            yield "destroyed_owners", {"owner_id": owner_id, "destroyed_at": destroyed_at}
