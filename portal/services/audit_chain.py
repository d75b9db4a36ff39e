"""Going over the audit trail: every chain from its first event to its head, and where one does not hold."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, LargeBinary, Row, TextClause, select, text
from sqlalchemy.types import TypeEngine

from portal.domain.audit import BEGINNINGS
from portal.domain.audit_chain import BEFORE_SIGN_IN, NOTHING_BEFORE, Link, canonical_head
from portal.domain.errors import NotFound
from portal.extensions import db, keys, work_for
from portal.models.audit import AuditEvent, AuditHead
from portal.models.practices import Practice
from portal.services.transactions import stand_still

BATCH = 1_000
MOST_FAULTS = 20  # of one chain: the first says where to look

COLUMNS: Mapping[str, TypeEngine[Any]] = {column.name: column.type for column in AuditEvent.__table__.columns}
NAMED = {"event_id": "id"}  # a link's field, where the column is called otherwise


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain does not hold: the number of the event, and `code` for what is wrong there."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One chain, gone over. `name` is the practice's, None for what happens before sign-in."""

    name: str | None
    length: int
    faults: tuple[Fault, ...]


def verify(practice_name: str | None = None) -> Iterator[Checked]:
    """Go over every chain, or over those of the practices of that name (or id); changes nothing. Raises NotFound."""
    work_for(None)
    every = db.session.execute(select(Practice.id, Practice.name).order_by(Practice.name, Practice.id)).all()
    wanted = [row for row in every if practice_name in (None, row.name, str(row.id))]
    if not wanted and practice_name is not None:
        raise NotFound
    for row in wanted:
        work_for(row.id)
        yield Checked(row.name, *_gone_over(row.id, is_needed=True))
    work_for(None)
    if practice_name is None:
        yield Checked(None, *_gone_over(BEFORE_SIGN_IN, is_needed=False))
        loose = db.session.scalar(_loose(), {"before": _lies_as(BEFORE_SIGN_IN)})
        if loose:
            yield Checked(None, loose, (Fault(0, "of_no_chain"),))


def holds(practice_id: UUID) -> bool:
    """Whether the chain of a practice holds, which is worked for from now on."""
    work_for(practice_id)
    return not _gone_over(practice_id, is_needed=True)[1]


def _gone_over(chain_id: UUID, *, is_needed: bool) -> tuple[int, tuple[Fault, ...]]:
    """How many events a chain has, and its faults. A practice has one from its first day on (`is_needed`)."""
    stand_still()
    walk = _Walk(chain_id)
    for row in _rows(chain_id):
        walk.step(row)
    head = db.session.scalars(select(AuditHead).where(AuditHead.chain_id == chain_id)).one_or_none()
    if head is not None:
        walk.end(head)
    elif is_needed or walk.number:
        walk.note(walk.number, "head_is_gone")
    db.session.rollback()
    return walk.number, tuple(walk.faults[:MOST_FAULTS])


class _Walk:
    """The way along one chain: the number and the hash that the next event must follow.

    `secrets` is how many of the audit's secrets the next event may be made with: once a newer one was used, those
    before it make nothing any more.
    """

    def __init__(self, chain_id: UUID) -> None:
        self.secrets: int | None = None
        self.chain_id = chain_id
        self.number = 0
        self.last = NOTHING_BEFORE
        self.faults: list[Fault] = []

    def note(self, number: int, code: str) -> None:
        self.faults.append(Fault(number, code))

    def step(self, row: Row[Any]) -> None:
        if row.number != self.number + 1:
            self.note(self.number + 1, "is_missing")
        elif row.previous != self.last:
            self.note(row.number, "follows_another")
        if row.number == 1 and self.chain_id != BEFORE_SIGN_IN and row.event not in BEGINNINGS:
            self.note(row.number, "is_not_the_first")
        if not self._is_made(row.hash, _canonical_or_none(row)):
            self.note(row.number, "was_changed")
        self.number, self.last = row.number, row.hash

    def end(self, head: AuditHead) -> None:
        if not self._is_made(head.seal, canonical_head(self.chain_id, head.length, head.last)):
            self.note(head.length, "head_was_changed")
        if head.length > self.number:
            self.note(self.number + 1, "is_missing")
        elif (head.length, head.last) != (self.number, self.last):
            self.note(self.number, "is_not_the_last")

    def _is_made(self, found: object, written: bytes | None) -> bool:
        """Whether this is what one of the secrets makes of what is written, the newest that may be asked for first."""
        made = keys.audits(written)[: self.secrets] if written is not None else []
        place = next((place for place, right in enumerate(made) if _is_same(right, found)), None)
        if place is None:
            return False
        self.secrets = place + 1
        return True


def _canonical_or_none(row: Row[Any]) -> bytes | None:
    """What an event's hash is made of; None unless each column lies in the database as it was put there."""
    dialect = db.engine.dialect
    try:
        values = {name: _read(kind, dialect, row._mapping[name]) for name, kind in COLUMNS.items()}
        lies = {name: _put(kind, dialect, values[name]) for name, kind in COLUMNS.items() if not _is_bytes(kind)}
        if any(lies[name] != row._mapping[name] for name in lies):
            return None
        return Link(**{field.name: values[NAMED.get(field.name, field.name)] for field in fields(Link)}).canonical()
    except (ValueError, TypeError, AttributeError):  # no id, no instant, no text: nothing that was ever put there
        return None


def _is_same(right: bytes, found: object) -> bool:
    """SQLite keeps in any column whatever was put there, so what was found may be no bytes at all."""
    return isinstance(found, bytes | memoryview) and secrets.compare_digest(right, found)


def _is_bytes(kind: TypeEngine[Any]) -> bool:
    """Bytes lie there as they are, and drivers wrap them on their way."""
    return isinstance(kind, LargeBinary)


def _read(kind: TypeEngine[Any], dialect: Dialect, value: Any) -> Any:
    process = kind.dialect_impl(dialect).result_processor(dialect, None)
    return process(value) if process else value


def _put(kind: TypeEngine[Any], dialect: Dialect, value: Any) -> Any:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process else value


def _rows(chain_id: UUID) -> Iterator[Row[Any]]:
    """The events of a chain as the database holds them, in batches, in the order of their numbers."""
    told = ", ".join(COLUMNS)
    batch = text(
        f"SELECT {told} FROM audit_events WHERE chain_id = :chain AND number > :after ORDER BY number LIMIT {BATCH}"  # noqa: S608 - our own columns
    )
    after = -(2**31)
    while rows := db.session.execute(batch, {"chain": _lies_as(chain_id), "after": after}).all():
        yield from rows
        after = rows[-1].number


def _loose() -> TextClause:
    """How many events say that they belong to a chain that there is not; on PostgreSQL nobody can reach their rows."""
    if db.engine.dialect.name == "postgresql":
        return text("SELECT audit_events_of_no_chain(:before)")
    return text(
        "SELECT count(*) FROM audit_events WHERE chain_id <> :before AND chain_id NOT IN (SELECT id FROM practices)"
    )


def _lies_as(value: UUID) -> Any:
    return _put(COLUMNS["chain_id"], db.engine.dialect, value)
