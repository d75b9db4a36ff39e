"""The outbox: mails asked for in the transaction of a change, and sent after it, once each."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

import structlog
from sqlalchemy import select, update

from portal import clock, randomness
from portal.domain.people import PersonState, Role
from portal.extensions import begin_write, db, work_for
from portal.models.outbox import OutboxEntry
from portal.models.practices import Practice
from portal.models.safe_ways import SafeWay
from portal.models.users import Person
from portal.services import safe_ways, tenants, vault
from portal.services.vault import VaultError

BATCH = 50
TASK = "task"
MOST_ATTEMPTS = 16  # with the waits below, a day and a half
LONGEST_WAIT = timedelta(hours=4)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One mail, ready to be worded: to whom, which message, in which language, and what its words need."""

    entry_id: UUID
    practice_id: UUID
    address: str
    message: str
    locale: str
    dedupe_key: str
    practice_name: str
    created_at: datetime
    words: dict[str, str]
    goes_to_staff: bool = False


@dataclass(frozen=True, slots=True)
class Unopened:
    """One mail whose words or address do not open: bytes that changed, or a key that is not here."""

    entry_id: UUID
    practice_id: UUID
    kind: str


def enqueue(person: Person, message: str, dedupe_key: str, words: dict[str, str]) -> None:
    """Add one mail to one person; the same `dedupe_key` is never added twice. The caller commits."""
    entry_id = randomness.new_id()
    db.session.add(
        OutboxEntry(
            id=entry_id,
            practice_id=person.practice_id,
            person_id=person.id,
            message=message,
            payload=vault.seal_document(person.id, "outbox.payload", entry_id, words),
            dedupe_key=dedupe_key,
            due_at=clock.now(),
            created_at=clock.now(),
        )
    )


def due() -> list[Outgoing]:
    """What is to be sent now, a practice at a time, oldest first; nothing to whom was erased.

    The mail about a new task is let go of where its person said that none may come. What goes to partners goes before
    what goes to staff: a private answer writes to the coach, and nobody's own mail may wait for that. One that does not
    open keeps no other back: it counts as failed, and is tried again like any other that is.
    """
    found = [mail for practice_id in tenants.each(tenants.AT_HOME) for mail in _due_in(practice_id)]
    return sorted(found, key=attrgetter("goes_to_staff"))


def _let_go_unwanted(practice_id: UUID) -> None:
    """What its person wants none of counts as done: it waits for nothing, and nothing that it was to say stays."""
    waiting = (OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None))
    tasks = (OutboxEntry.practice_id == practice_id, OutboxEntry.message == TASK, *waiting)
    said_something = select(OutboxEntry.person_id).join(SafeWay, SafeWay.person_id == OutboxEntry.person_id)
    people = set(db.session.scalars(said_something.where(*tasks)))
    quiet = safe_ways.without_mail(people) if people else frozenset()
    if quiet:
        begin_write()
        unwanted = update(OutboxEntry).where(*tasks, OutboxEntry.person_id.in_(quiet))
        db.session.execute(unwanted.values(done_at=clock.now(), payload=None))
        db.session.commit()


def _due_in(practice_id: UUID) -> list[Outgoing]:
    _let_go_unwanted(practice_id)
    is_waiting = (OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None), OutboxEntry.due_at <= clock.now())
    statement = (
        select(OutboxEntry, Person, Practice.name)
        .join(Person, Person.id == OutboxEntry.person_id)
        .join(Practice, Practice.id == OutboxEntry.practice_id)
        .where(OutboxEntry.practice_id == practice_id, *is_waiting, Person.state != PersonState.DEACTIVATED)
        .order_by(Person.role != Role.PARTNER, OutboxEntry.due_at, OutboxEntry.id)
        .limit(BATCH)
    )
    rows = db.session.execute(statement).all()
    with suppress(VaultError):  # one key that does not open; the other people's are looked for one by one
        vault.load_keys(person.id for _, person, _ in rows)
    opened = [_opened(entry, person, practice) for entry, person, practice in rows]
    for one in opened:
        if isinstance(one, Unopened):
            log.error("mail does not open", entry=str(one.entry_id), kind=one.kind)
            mark_failed(one)
    return [mail for mail in opened if isinstance(mail, Outgoing)]


def _opened(entry: OutboxEntry, person: Person, practice: str) -> Outgoing | Unopened:
    try:
        words = vault.unseal_document(person.id, "outbox.payload", entry.id, entry.payload) if entry.payload else {}
        address = vault.unseal(person.id, "people.address", person.id, person.address)
    except VaultError as error:
        return Unopened(entry.id, entry.practice_id, type(error).__name__)
    return Outgoing(
        entry.id,
        entry.practice_id,
        address,
        entry.message,
        person.locale,
        entry.dedupe_key,
        practice,
        entry.created_at,
        words,
        person.role != Role.PARTNER,
    )


def may_go(mail: Outgoing) -> bool:
    """Whether a mail is still to be sent: looked at once more right before it goes, for its person may be let go."""
    work_for(mail.practice_id)
    still = select(OutboxEntry.id).join(Person, Person.id == OutboxEntry.person_id)
    waiting = (OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None), Person.state != PersonState.DEACTIVATED)
    own = (OutboxEntry.id == mail.entry_id, tenants.is_at_home(OutboxEntry.practice_id))
    found = db.session.scalars(still.where(*own, *waiting)).first() is not None
    db.session.rollback()  # nothing is held while the post is spoken to
    return found


def mark_sent(mail: Outgoing) -> None:
    """The mail has gone; its payload goes with it."""
    work_for(mail.practice_id)
    begin_write()
    entry = _entry(mail)
    entry.done_at, entry.payload, entry.attempts = clock.now(), None, entry.attempts + 1
    db.session.commit()


def mark_failed(mail: Outgoing | Unopened) -> None:
    """The mail did not go: tried again later, each time after a longer while, and given up after some."""
    work_for(mail.practice_id)
    begin_write()
    entry = _entry(mail)
    entry.attempts += 1
    entry.due_at = clock.now() + min(timedelta(minutes=2**entry.attempts), LONGEST_WAIT)
    if entry.attempts >= MOST_ATTEMPTS:
        entry.failed_at = clock.now()
    db.session.commit()


def _entry(mail: Outgoing | Unopened) -> OutboxEntry:
    return db.session.scalars(select(OutboxEntry).where(OutboxEntry.id == mail.entry_id)).one()
