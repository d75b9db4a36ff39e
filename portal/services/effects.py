"""What a sent response sets in motion on the coach's side: signals of private answers, and the line of the caseload."""

from collections.abc import Iterable

from sqlalchemy import func, select

from portal import clock, randomness
from portal.domain.answers import Answer
from portal.domain.assignments import OPEN
from portal.domain.items import Item
from portal.domain.scoring import Scores
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.services import sent_forms


def raise_signals(row: Task, response: Response, items: Iterable[Item], answers: Iterable[Answer]) -> None:
    """What private questions raise; on the coach's side alone."""
    couple_id = db.session.scalars(select(Assignment.couple_id).where(Assignment.id == row.assignment_id)).one()
    values = {answer.item_id: answer.value for answer in answers}
    for item in items:
        kind = item.signal(values.get(item.id))
        if kind is not None:
            db.session.add(
                Signal(
                    id=randomness.new_id(),
                    practice_id=row.practice_id,
                    couple_id=couple_id,
                    person_id=row.person_id,
                    response_id=response.id,
                    item=item.id,
                    kind=kind,
                    raised_at=clock.now(),
                )
            )


def tell_caseload(row: Task, scores: Scores | None) -> None:
    """Keep the couple's line of the caseload true: what is unread, still open, and since when somebody is silent."""
    db.session.flush()
    couple_id = db.session.scalars(select(Assignment.couple_id).where(Assignment.id == row.assignment_id)).one()
    line = db.session.scalars(select(Caseload).where(Caseload.couple_id == couple_id).with_for_update()).one()
    mine = select(Assignment.id).where(Assignment.couple_id == couple_id)
    line.unread += 1
    line.open_until = db.session.scalar(
        select(func.min(Task.due_at)).where(Task.assignment_id.in_(mine), Task.state.in_(OPEN))
    )
    latest = db.session.scalars(
        select(func.max(Task.submitted_at)).where(Task.assignment_id.in_(mine)).group_by(Task.person_id)
    )
    known = [instant for instant in latest if instant is not None]
    line.silent_since = min(known) if known else None
    if scores is not None:
        line.dropped_at = clock.now() if sent_forms.has_dropped(row, scores) else None
