"""What the operator does to the whole house goes on record, where each practice's owner reads it too."""

from uuid import UUID

from sqlalchemy.exc import DBAPIError

from portal.extensions import begin_write, db, work_for
from portal.services import audit, tenants
from portal.services.transactions import DatabaseBusy

TRIES = 5


def record(event: str) -> None:
    """Put it on record in the chain that is no practice's, and in each practice's own."""
    record_for(None, event)
    for practice_id in tenants.each():
        record_for(practice_id, event)


def record_for(practice_id: UUID | None, event: str, subject_id: UUID | None = None) -> None:
    """Put it on record in one chain; PostgreSQL reaches one in a transaction, so each has a transaction of its own.

    What was done cannot be undone: while others hold the database, it is tried again.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            return _write(practice_id, event, subject_id)
        except DBAPIError as error:
            if not tries_left or not DatabaseBusy.is_cause_of(error):
                raise


def _write(practice_id: UUID | None, event: str, subject_id: UUID | None) -> None:
    work_for(practice_id)
    begin_write()
    audit.record_before_sign_in(practice_id, None, event, subject_id)
    db.session.commit()
