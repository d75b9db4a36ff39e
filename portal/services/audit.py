"""The audit trail: written in the transaction of what it tells; event names are `subject:action`."""

from functools import cache
from uuid import UUID

from sqlalchemy import Insert, insert

from portal import clock, randomness
from portal.domain.people import Viewer
from portal.extensions import put
from portal.models.audit import AuditEvent


def record(viewer: Viewer, event: str, subject_id: UUID | None = None) -> None:
    """Add one event of somebody who is signed in; the caller commits."""
    record_before_sign_in(viewer.practice_id, viewer.person_id, event, subject_id)


def record_before_sign_in(
    practice_id: UUID | None, actor_id: UUID | None, event: str, subject_id: UUID | None = None
) -> None:
    """Add one event of somebody at a door."""
    put(
        _inserted(),
        id=randomness.new_id(),
        practice_id=practice_id,
        actor_id=actor_id,
        event=event,
        subject_id=subject_id,
        at=clock.now(),
    )


@cache
def _inserted() -> Insert:
    return insert(AuditEvent)
