"""The coach's acts on the work with a couple: paused, gone on with, separated, closed, reopened with fresh consent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from portal import clock
from portal.domain.assignments import OPEN, TaskState
from portal.domain.errors import NotAllowed
from portal.domain.parting import (
    CoupleAct,
    TakingPart,
    acts_from,
    after_act,
    check_reopening,
    has_agreed_since,
    may_be_asked_anew,
)
from portal.domain.people import ENDED, CoupleState, Label, PersonState, Viewer
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.choices import OfferedChoice
from portal.models.couples import Couple, Partnership
from portal.models.outbox import OutboxEntry
from portal.models.pathways import Pathway
from portal.models.responses import Draft, ParkedText, Response
from portal.models.sessions import Session, SessionCheckIn
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person
from portal.services import (
    audit,
    caseload_row,
    choices,
    outbox,
    parting,
    rendered_briefs,
    scope,
    session_openings,
    taking_part,
)

DONE = {  # as it goes on record
    CoupleAct.PAUSE: "paused",
    CoupleAct.RESUME: "resumed",
    CoupleAct.SEPARATE: "separated",
    CoupleAct.CLOSE: "closed",
    CoupleAct.REOPEN: "reopened",
}


@dataclass(frozen=True, slots=True)
class PartnerStands:
    """Where one partner stands, for the coach."""

    person_id: UUID
    label: Label
    name: str
    left_at: datetime | None
    asked_anew_at: datetime | None
    goes_on_alone: bool
    has_agreed_anew: bool
    may_be_asked: bool
    is_erased: bool


@dataclass(frozen=True, slots=True)
class CoupleStands:
    """Where the work with a couple stands, and what its coach can do from here."""

    couple_id: UUID
    names: str
    state: CoupleState
    ended_at: datetime | None
    partners: tuple[PartnerStands, ...]
    acts: tuple[CoupleAct, ...]

    @property
    def is_for_both(self) -> bool:
        """Whether there may be something new for both."""
        return self.state not in ENDED and all(one.left_at is None and not one.is_erased for one in self.partners)


def stands(viewer: Viewer, couple_id: UUID) -> CoupleStands:
    """Where the work with one couple stands. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_read)
    state = CoupleState(couple.state)
    rows = db.session.execute(
        select(Partnership, Person)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id == couple.id)
        .order_by(Partnership.label)
    )
    partners = tuple(_partner(couple, state, partnership, person) for partnership, person in rows)
    return CoupleStands(couple.id, couple.names, state, couple.ended_at, partners, acts_from(state))


def _partner(couple: Couple, state: CoupleState, own: Partnership, person: Person) -> PartnerStands:
    where = TakingPart(Label(own.label), own.withdrawn_at, own.agreed_anew_at)
    is_here = person.state == PersonState.ACTIVE and own.ended_at is None
    anew = state in ENDED and own.withdrawn_at is None and has_agreed_since(where, couple.ended_at)
    return PartnerStands(
        person.id,
        where.label,
        person.display_name,
        own.withdrawn_at,
        own.asked_anew_at,
        anew and state is CoupleState.SEPARATED,
        anew,
        is_here and own.asked_anew_at is None and may_be_asked_anew(state, where, couple.ended_at),
        person.state == PersonState.DEACTIVATED,
    )


def act(viewer: Viewer, couple_id: UUID, wanted: CoupleAct | None) -> None:
    """Pause the work with a couple, go on, separate or close it, or reopen it once both have agreed anew.

    Raises NotFound, and NotAllowed for what is no such act or does not follow, and for reopening without both.
    """
    begin_write()
    mine = scope.couples_to_act_for(viewer).where(Couple.id == couple_id)
    couple = scope.found(mine.with_for_update(of=Couple, key_share=True))  # as `taking_part.hold`
    done = DONE.get(wanted) if wanted else None
    if wanted is None or done is None:
        raise NotAllowed("not_in_this_state")
    partners = taking_part.partners_of([couple.id]).get(couple.id, ())
    is_anybody_gone = len(partners) < len(Label) or any(one.withdrawn_at is not None for one in partners)
    following = after_act(CoupleState(couple.state), wanted, is_anybody_gone=is_anybody_gone)
    if wanted is CoupleAct.REOPEN:
        check_reopening(partners, couple.ended_at)
        couple.ended_at = None
    elif following in ENDED:
        couple.ended_at = couple.ended_at or clock.now()
        _end_work(couple, is_separated=following is CoupleState.SEPARATED)
    couple.state = following
    if wanted is CoupleAct.REOPEN:  # what was chosen for after the end
        anew = update(Partnership).where(Partnership.couple_id == couple.id)
        db.session.execute(anew.values(later=None, later_given=0))
    caseload_row.follow(couple.id)
    audit.record(viewer, f"couple:{done}", couple.id)
    db.session.commit()


def _end_work(couple: Couple, *, is_separated: bool) -> None:
    """What was still to come does not: open tasks and choices, what comes again, a pathway, sessions ahead.

    After a separation nothing opens.
    """
    now = clock.now()
    rendered_briefs.drop(couple.id)
    of_couple = select(Assignment.id).where(Assignment.couple_id == couple.id)
    running = update(Repetition).where(Repetition.couple_id == couple.id, Repetition.ended_at.is_(None))
    db.session.execute(running.values(ended_at=now))
    db.session.execute(delete(SessionCheckIn).where(SessionCheckIn.couple_id == couple.id))
    way = update(Pathway).where(Pathway.couple_id == couple.id, Pathway.ended_at.is_(None))
    db.session.execute(way.values(ended_at=now))
    still_open = select(Task).where(Task.assignment_id.in_(of_couple), Task.state.in_(OPEN)).order_by(Task.id)
    tasks = db.session.scalars(still_open.with_for_update()).all()
    for task in tasks:
        task.state, task.withdrawn_at = TaskState.WITHDRAWN, now
    choices.let_go(OfferedChoice.couple_id == couple.id)
    caseload_row.tell_given(couple.id)  # held before what was sent, as whoever sends or corrects does
    task_ids = [task.id for task in tasks]
    asked = select(TaskQuestion.id).join(Task, Task.id == TaskQuestion.task_id).where(Task.assignment_id.in_(of_couple))
    mails = _mails_of(task_ids, db.session.scalars(asked).all())
    db.session.execute(update(OutboxEntry).where(*mails).values(failed_at=now, payload=None))
    for table in (Draft, ParkedText):
        db.session.execute(delete(table).where(table.task_id.in_(task_ids)))
    ahead = (Session.couple_id == couple.id, Session.state == SessionState.PLANNED, Session.starts_at > now)
    of_both = () if not is_separated else (Session.kind == SessionKind.JOINT,)
    called_off = (
        update(Session).where(*ahead, *of_both).values(state=SessionState.CANCELLED, changes=Session.changes + 1)
    )
    for starts_at in db.session.scalars(called_off.returning(Session.starts_at)).all():
        session_openings.carry(couple.id, starts_at, None)  # what was to open in it does not
    if is_separated:
        sent = select(Response.id).join(Task, Task.id == Response.task_id).where(Task.assignment_id.in_(of_couple))
        parting.close_to_other(db.session.scalars(sent).all())


def _mails_of(task_ids: Iterable[UUID], question_ids: Iterable[UUID]) -> tuple[ColumnElement[bool], ...]:
    """The mails that wait about these tasks, and about answers to these questions."""
    about_tasks = [f"{what}:{task_id}" for task_id in task_ids for what in ("task", "nudge")]
    key = OutboxEntry.dedupe_key.in_([*about_tasks, *(f"question:{question_id}" for question_id in question_ids)])
    return key, OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None)


def ask_anew(viewer: Viewer, couple_id: UUID, person_id: UUID, link: str) -> None:
    """Ask a partner to agree anew: one who left, or either after the end. A second time changes nothing.

    `link` goes to them. Raises NotFound, and NotAllowed for somebody who takes part.
    """
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_act_for)
    own = scope.found(
        select(Partnership)
        .where(Partnership.couple_id == couple.id, Partnership.person_id == person.id)
        .with_for_update()
    )
    shown = _partner(couple, CoupleState(couple.state), own, person)
    if own.asked_anew_at is None:
        if not shown.may_be_asked:
            raise NotAllowed("not_in_this_state")
        own.asked_anew_at = clock.now()
        key = f"anew:{couple.id}:{own.label}:{clock.now().isoformat()}"
        outbox.enqueue(person, "task", key, {"link": link})
        audit.record(viewer, "taking_part:asked_anew", person.id)
    db.session.commit()
