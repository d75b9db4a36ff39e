"""A nudge: one sentence of the coach's own about one partner's open task, to that one alone, once.

The partner meets it on their home, above the task; its mail says nothing. Neither says anything of the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.assignments import OPEN
from portal.domain.errors import Conflict, NotAllowed, NotFound
from portal.domain.lines import line
from portal.domain.people import Label, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Task
from portal.models.couples import Partnership
from portal.models.nudges import Nudge
from portal.models.users import Person
from portal.services import audit, outbox, scope, vault

TEXT = "nudges.text"


@dataclass(frozen=True, slots=True)
class SentNudge:
    """What the coach wrote to one partner about their copy; `text` is None where that partner was erased."""

    text: str | None
    sent_at: datetime


def of_assignment(viewer: Viewer, assignment_id: UUID) -> Mapping[Label, SentNudge]:
    """What was written about the copies of an assignment, by whose it is. Raises NotFound."""
    found = scope.assignment(viewer, assignment_id, scope.couples_to_read)
    rows = db.session.execute(
        select(Nudge, Partnership.label)
        .join(Task, Task.id == Nudge.task_id)
        .join(Partnership, Partnership.person_id == Task.person_id)
        .where(Task.assignment_id == found.id, Partnership.couple_id == found.couple_id)
    ).all()
    return {
        Label(label): SentNudge(vault.unseal_or_none(row.person_id, TEXT, row.id, row.text), row.sent_at)
        for row, label in rows
    }


def nudge(viewer: Viewer, assignment_id: UUID, label: Label, typed: str, link: str) -> str:
    """Write to one partner about their copy of an assignment; gives their name. `link` goes into the mail.

    Raises NotFound, Invalid with `field`, NotAllowed "nothing_open" for a copy that was sent or withdrawn, and
    Conflict "nudged_already".
    """
    text = line(typed, field="text")
    begin_write()
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    person_ids = select(Partnership.person_id).where(
        Partnership.couple_id == found.couple_id, Partnership.label == label
    )
    copies = select(Task).where(Task.assignment_id == found.id, Task.person_id.in_(person_ids))
    task = db.session.scalars(copies.with_for_update()).one_or_none()
    if task is None:
        raise NotFound
    if task.state not in OPEN:
        raise NotAllowed("nothing_open")
    if db.session.scalars(select(Nudge.id).where(Nudge.task_id == task.id)).first() is not None:
        raise Conflict("nudged_already")
    nudge_id = randomness.new_id()
    db.session.add(
        Nudge(
            id=nudge_id,
            practice_id=task.practice_id,
            task_id=task.id,
            person_id=task.person_id,
            text=vault.seal(task.person_id, TEXT, nudge_id, text),
            sent_by=viewer.person_id,
            sent_at=clock.now(),
        )
    )
    person = db.session.scalars(select(Person).where(Person.id == task.person_id)).one()
    outbox.enqueue(person, outbox.TASK, f"nudge:{task.id}", {"link": link})
    audit.record(viewer, "task:nudged", person.id)
    db.session.commit()
    return person.display_name
