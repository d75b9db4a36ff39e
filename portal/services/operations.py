"""What the operator does to the whole house goes on record, where each practice's owner reads it too."""

from uuid import UUID

from portal.extensions import begin_write, db, work_for
from portal.services import audit, tenants


def record(event: str) -> None:
    """Put it on record in the chain that is no practice's, and in each practice's own."""
    record_for(None, event)
    for practice_id in tenants.each():
        record_for(practice_id, event)


def record_for(practice_id: UUID | None, event: str, subject_id: UUID | None = None) -> None:
    """Put it on record in one chain; PostgreSQL reaches one in a transaction, so each has a transaction of its own."""
    work_for(practice_id)
    begin_write()
    audit.record_before_sign_in(practice_id, None, event, subject_id)
    db.session.commit()
