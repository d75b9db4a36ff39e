"""A nudge: one sentence of the coach's own about one partner's open task, to that one alone, once.

The partner meets it on their home, above the task; its mail says nothing. Neither says anything of the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.assignments import OPEN, TaskState
from portal.domain.errors import Conflict, NotAllowed, NotFound
from portal.domain.lines import line
from portal.domain.people import Label, PersonState, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.nudges import Nudge
from portal.models.users import Person
from portal.services import audit, outbox, scope, taking_part, vault

TEXT = "nudges.text"


@dataclass(frozen=True, slots=True)
class SentNudge:
    """What somebody wrote to one partner about their copy; `text` is None where that partner was erased."""

    text: str | None
    by: str
    sent_at: datetime


def of_assignment(viewer: Viewer, assignment_id: UUID) -> Mapping[Label, SentNudge]:
    """What was written about the copies of an assignment, by whose it is. Raises NotFound."""
    found = scope.assignment(viewer, assignment_id, scope.couples_to_read)
    rows = db.session.execute(
        select(Nudge, Partnership.label, Person.display_name)
        .join(Person, Person.id == Nudge.sent_by)
        .join(Task, Task.id == Nudge.task_id)
        .join(Partnership, Partnership.person_id == Task.person_id)
        .where(Task.assignment_id == found.id, Partnership.couple_id == found.couple_id)
    ).all()
    return {
        Label(label): SentNudge(vault.unseal_or_none(row.person_id, TEXT, row.id, row.text), by, row.sent_at)
        for row, label, by in rows
    }


def nudge(viewer: Viewer, assignment_id: UUID, label: Label, typed: str, link: str) -> str:
    """Write to one partner about their copy of an assignment; gives their name. `link` goes into the mail.

    Raises NotFound, Conflict "nudged_already", Invalid with `field`, and NotAllowed: "nothing_open" for a copy that was
    sent or withdrawn, or that a later one has taken the place of; "not_come_in"; "not_in_this_state" while nothing new
    comes to them.
    """
    begin_write()
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    taking_part.hold(found.couple_id, is_shared=True)
    task, person = _copy(found, label)
    couple = db.session.scalars(select(Couple).where(Couple.id == found.couple_id)).one()
    if task.state not in OPEN or _is_past(found, task):
        raise NotAllowed("nothing_open")
    if label not in taking_part.labels(couple):
        raise NotAllowed("not_in_this_state")
    if person.state != PersonState.ACTIVE:
        raise NotAllowed("not_come_in")
    if db.session.scalars(select(Nudge.id).where(Nudge.task_id == task.id)).first() is not None:
        raise Conflict("nudged_already")
    text = line(typed, field="text")
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
    outbox.enqueue(person, outbox.TASK, f"nudge:{task.id}", {"link": link})
    audit.record(viewer, "task:nudged", person.id)
    db.session.commit()
    return person.display_name


def _copy(found: Assignment, label: Label) -> tuple[Task, Person]:
    """One partner's copy, held, and whose it is. Raises NotFound."""
    row = db.session.execute(
        select(Task, Person)
        .join(Person, Person.id == Task.person_id)
        .join(Partnership, Partnership.person_id == Task.person_id)
        .where(Task.assignment_id == found.id, Partnership.couple_id == found.couple_id, Partnership.label == label)
        .with_for_update(of=Task)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.Task, row.Person


def _is_past(found: Assignment, task: Task) -> bool:
    """Whether home shows a later form of the same rule in its place: nobody is asked to catch up.

    A later one that was withdrawn from them is not there. One that they put away as it was sent counts as sent: whoever
    reminds must not learn of it.
    """
    if found.repetition_id is None or task.state == TaskState.STARTED:
        return False
    of_rule = (Assignment.repetition_id == found.repetition_id, Assignment.assigned_on > found.assigned_on)
    own = (Task.person_id == task.person_id, Task.withdrawn_at.is_(None))
    later = select(Task.id).join(Assignment, Assignment.id == Task.assignment_id).where(*of_rule, *own)
    return db.session.scalars(later).first() is not None
