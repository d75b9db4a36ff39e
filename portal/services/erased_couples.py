"""What becomes of the couples of somebody who is erased: their part ends, and the work of both rests."""

from uuid import UUID

from sqlalchemy import delete, func, select, update

from portal import clock
from portal.domain.assignments import TaskState
from portal.domain.people import ENDED, CoupleState, Label
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.pathways import Pathway
from portal.models.questionnaires import QuestionnaireDraft
from portal.models.sessions import Session
from portal.services import caseload_row, rendered_briefs


def leave(person_id: UUID) -> list[str]:
    """End the person's part in each couple; gives the labels they had, the latest first."""
    now = clock.now()
    mine = select(Partnership).where(Partnership.person_id == person_id).order_by(Partnership.joined_at.desc())
    labels = []
    for own in db.session.scalars(mine).all():
        labels.append(own.label)
        own.ended_at, own.later = own.ended_at or now, None
        db.session.flush()
        _rest(own.couple_id, Label(own.label), person_id)
    return labels


def _rest(couple_id: UUID, label: Label, person_id: UUID) -> None:
    """The work of a couple that somebody has left rests: nothing that goes out by itself, and nothing unread.

    No weekly form, no pathway, no session of theirs alone.
    """
    now = clock.now()
    rendered_briefs.drop(couple_id)
    couple = db.session.scalars(select(Couple).where(Couple.id == couple_id)).one()
    others = select(func.count()).where(Partnership.couple_id == couple_id, Partnership.ended_at.is_(None))
    if couple.state not in ENDED:
        couple.state = CoupleState.WITHDRAWN if db.session.scalar(others) else CoupleState.CLOSED
        couple.ended_at = now if couple.state == CoupleState.CLOSED else None
    running = (Repetition.couple_id == couple_id, Repetition.ended_at.is_(None))
    db.session.execute(update(Repetition).where(*running).values(ended_at=now))
    db.session.execute(delete(QuestionnaireDraft).where(QuestionnaireDraft.couple_id == couple_id))
    way = update(Pathway).where(Pathway.couple_id == couple_id, Pathway.ended_at.is_(None))
    db.session.execute(way.values(ended_at=now))
    kind = SessionKind.INDIVIDUAL_A if label is Label.A else SessionKind.INDIVIDUAL_B
    alone = (Session.couple_id == couple_id, Session.kind == kind, Session.state == SessionState.PLANNED)
    db.session.execute(update(Session).where(*alone).values(state=SessionState.CANCELLED, changes=Session.changes + 1))
    of_couple = select(Assignment.id).where(Assignment.couple_id == couple_id)
    unread = (Task.person_id == person_id, Task.assignment_id.in_(of_couple), Task.state == TaskState.SUBMITTED)
    marked = update(Task).where(*unread).values(state=TaskState.REVIEWED, reviewed_at=now).returning(Task.id)
    read = len(db.session.scalars(marked).all())
    dropped = Caseload.dropped_a_at if label is Label.A else Caseload.dropped_b_at
    line = update(Caseload).where(Caseload.couple_id == couple_id)
    db.session.execute(line.values({dropped: None, Caseload.unread: Caseload.unread - read}))
    caseload_row.tell_given(couple_id)
