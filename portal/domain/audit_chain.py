"""How the events of the audit trail hang together in a chain: each says which was before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

BEFORE_SIGN_IN = UUID(int=0)  # the chain of what belongs to no practice
NOTHING_BEFORE = bytes(32)  # what the first event of a chain follows
_WRITTEN_AS = b"audit 1"  # the order of the parts below; another order is another number


@dataclass(frozen=True, slots=True)
class Link:
    """One event in its place: `number` counts from 1 in its chain, `previous` is the hash of the one before."""

    chain_id: UUID
    number: int
    event_id: UUID
    practice_id: UUID | None
    actor_id: UUID | None
    event: str
    subject_id: UUID | None
    at: datetime
    previous: bytes

    def canonical(self) -> bytes:
        """Every column as bytes in one way only: two events that differ anywhere never give the same."""
        ids = (self.event_id, self.practice_id, self.actor_id, self.subject_id)
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        texts = (str(self.number).encode(), self.event.encode(), at.encode())
        written = (id_.bytes if id_ else None for id_ in ids)
        return _joined((_WRITTEN_AS, self.chain_id.bytes, *written, *texts, self.previous))


def canonical_head(chain_id: UUID, length: int, last: bytes) -> bytes:
    """Where a chain ends, as bytes: how many events it has, and the hash of the last."""
    return _joined((b"audit head 1", chain_id.bytes, str(length).encode(), last))


def _joined(parts: Iterable[bytes | None]) -> bytes:
    """Each part behind its length, so that no byte can wander into its neighbour; nothing is not the same as empty."""
    return b"".join(b"-" if part is None else len(part).to_bytes(4) + part for part in parts)
