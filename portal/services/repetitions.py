"""What comes again, in the coach's hands: one time left out, held quietly, gone on with.

Nothing of it shows on the partners' side: what they were given stays, and what does not come was never there.
"""

from datetime import date
from uuid import UUID

from portal import clock
from portal.domain.errors import NotAllowed
from portal.domain.lines import line
from portal.domain.people import Viewer
from portal.domain.repeats import latest_due
from portal.extensions import begin_write, db
from portal.models.assignments import Repetition
from portal.services import audit, repeating, scope, taking_part, vault
from portal.services.assigned import SKIP_WHY


def skip_next(viewer: Viewer, repetition_id: UUID, reason: str) -> date:
    """Leave out the next day on which it can come; gives the day. The reason is kept for who acts for the couple alone.

    Raises NotFound, Invalid with `field`, and NotAllowed "nothing_to_skip" for what has ended or is held.
    """
    why = line(reason, field="reason", missing="reason_to_skip_missing")
    begin_write()
    row = _held(viewer, repetition_id)
    day = repeating.next_day(row) if row.ended_at is None and row.held_at is None else None
    if day is None:
        raise NotAllowed("nothing_to_skip")
    row.skip_on, row.skip_why = day, vault.seal(row.couple_id, SKIP_WHY, row.id, why)
    audit.record(viewer, "repetition:skipped", row.id)
    db.session.commit()
    return day


def come_after_all(viewer: Viewer, repetition_id: UUID) -> None:
    """Leave no day out any more. A second time changes nothing. Raises NotFound."""
    begin_write()
    row = _held(viewer, repetition_id)
    if row.skip_on is not None:
        row.skip_on = row.skip_why = None
        audit.record(viewer, "repetition:not_skipped", row.id)
    db.session.commit()


def hold(viewer: Viewer, repetition_id: UUID) -> None:
    """Let nothing of it come until it goes on. A second time changes nothing. Raises NotFound."""
    begin_write()
    row = _held(viewer, repetition_id)
    if row.held_at is None and row.ended_at is None:
        row.held_at = clock.now()
        audit.record(viewer, "repetition:held", row.id)
    db.session.commit()


def go_on(viewer: Viewer, repetition_id: UUID) -> None:
    """Let it come again from its next day on; what it was held over is not made up for. Raises NotFound."""
    begin_write()
    row = _held(viewer, repetition_id)
    if row.held_at is not None:
        passed = latest_due(repeating.rule_of(row), row.last_issued_on, clock.now())
        row.held_at, row.last_issued_on = None, passed.on if passed else row.last_issued_on
        audit.record(viewer, "repetition:went_on", row.id)
    db.session.commit()


def _held(viewer: Viewer, repetition_id: UUID) -> Repetition:
    """The row, held after its couple as by the sweep, which waits."""
    found = scope.repetition(viewer, repetition_id)
    taking_part.hold(found.couple_id, is_shared=True)
    db.session.refresh(found, with_for_update=True)
    return found
