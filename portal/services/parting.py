"""Leaving alone: one partner stops taking part, or lets nothing more open, at once and without a sign to the other.

What the other has read stays with them unless the author hides it. The coach is told; the other's own tasks, pages and
mails go on as they were. Coming back goes through the coach, who asks for fresh consent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, delete, select, update

from portal import clock
from portal.domain.accounts import stays_sealed
from portal.domain.assignments import OPEN, TaskState
from portal.domain.consent import Terms, check_signature
from portal.domain.disclosure import NEVER
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.parting import CoupleAct, after_act
from portal.domain.people import CoupleState, Role, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.choices import OfferedChoice
from portal.models.consents import Consent
from portal.models.couples import Couple, Partnership
from portal.models.outbox import OutboxEntry
from portal.models.responses import Draft, EarlierVersion, ParkedText, Response
from portal.models.users import Person
from portal.services import (
    accounts,
    audit,
    authorisations,
    caseload_row,
    choices,
    consents,
    outbox,
    released,
    rendered_briefs,
    scope,
    shared,
    taking_part,
)


@dataclass(frozen=True, slots=True)
class ReadByOther:
    """One's own form of which something is open to the other partner: what hiding would take away."""

    title: str
    assigned_on: date | None


def read_by_other(viewer: Viewer) -> tuple[ReadByOther, ...]:
    """One's own forms of which something is open to the other now, the latest first. Raises NotFound."""
    mine = _partnership(viewer).label
    return tuple(
        ReadByOther(form.title, form.assigned_on)
        for form in shared.for_both(viewer)
        if any(answer.label == mine for question in form.questions for answer in question.answers)
    )


def end_sharing(viewer: Viewer, passphrase: str, *, hides: bool) -> None:
    """Let nothing more open of what one has sent so far, and go on; what is sent later follows its own choices.

    `hides`: what the other has read already is taken from their pages as well. Raises NotFound, and Invalid for a
    wrong pass phrase, and for one that came by mail and that the coach has not vouched for.
    """
    _check(viewer, passphrase)
    begin_write()
    own = _partnership(viewer, is_held=True)
    _end_sharing(viewer, own.couple_id, hides=hides)
    audit.record(viewer, "sharing:ended", viewer.person_id)
    db.session.commit()


def leave(viewer: Viewer, passphrase: str, link: str, *, hides: bool) -> None:
    """Stop taking part, at once; a second time changes nothing. `link` goes to the coach. Raises as `end_sharing`."""
    _check(viewer, passphrase)
    begin_write()
    own = _partnership(viewer, is_held=True)
    if own.withdrawn_at is None:
        own.withdrawn_at, own.asked_anew_at, own.agreed_anew_at = clock.now(), None, None
        own.left_at_step = db.session.scalars(select(Couple.step).where(Couple.id == own.couple_id)).one()
        db.session.flush()
        _take_from_home(viewer, own.couple_id)
        _take_consent_back(viewer)
        authorisations.take_back(viewer, own.couple_id)
        _cancel_mails(viewer)
        _follow(own.couple_id, CoupleAct.LEAVE)
        _tell_coach(own.couple_id, f"left:{own.couple_id}:{own.label}:{clock.now().isoformat()}", link)
        audit.record(viewer, "taking_part:ended", viewer.person_id)
    _end_sharing(viewer, own.couple_id, hides=hides)
    db.session.commit()


def left_at(viewer: Viewer, passphrase: str) -> datetime | None:
    """When one stopped taking part, None for who takes part; no page says it otherwise. Raises as `end_sharing`."""
    _check(viewer, passphrase)
    return _partnership(viewer).withdrawn_at


def _check(viewer: Viewer, passphrase: str) -> None:
    if viewer.role is not Role.PARTNER:
        raise NotFound
    accounts.check_own_passphrase(viewer, passphrase)
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")


def _partnership(viewer: Viewer, *, is_held: bool = False) -> Partnership:
    """One's own part in the couple of the present; held, after its couple, it keeps forms from being made meanwhile."""
    couple_id = scope.couple_id_of_partner(viewer)
    if is_held:
        taking_part.hold(couple_id)
    own = select(Partnership).where(Partnership.couple_id == couple_id, Partnership.person_id == viewer.person_id)
    return scope.found(own.with_for_update() if is_held else own)


def _own_tasks(viewer: Viewer, couple_id: UUID) -> Select[UUID]:
    own = (Assignment.practice_id == viewer.practice_id, Assignment.couple_id == couple_id)
    of_couple = select(Assignment.id).where(*own)
    return scope.own_tasks(viewer).where(Task.assignment_id.in_(of_couple)).with_only_columns(Task.id)


def _take_from_home(viewer: Viewer, couple_id: UUID) -> None:
    """One's own open copies and choices go, and what was typed; the other's copies and the assignment stay."""
    mine = select(Task).where(Task.id.in_(_own_tasks(viewer, couple_id)), Task.state.in_(OPEN))
    tasks = db.session.scalars(mine.order_by(Task.id).with_for_update()).all()
    for table in (Draft, ParkedText):
        db.session.execute(delete(table).where(table.person_id == viewer.person_id))
    for task in tasks:
        task.state, task.withdrawn_at = TaskState.WITHDRAWN, clock.now()
    choices.let_go(OfferedChoice.couple_id == couple_id, OfferedChoice.person_id == viewer.person_id)
    caseload_row.tell_given(couple_id)


def _take_consent_back(viewer: Viewer) -> None:
    own = (Consent.practice_id == viewer.practice_id, Consent.person_id == viewer.person_id)
    standing = update(Consent).where(*own, Consent.withdrawn_at.is_(None))
    db.session.execute(standing.values(withdrawn_at=clock.now()))


def _cancel_mails(viewer: Viewer) -> None:
    """What tells of something to do is not sent any more; what concerns one's own door still is."""
    waiting = (OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None), OutboxEntry.message == "task")
    mails = update(OutboxEntry).where(OutboxEntry.person_id == viewer.person_id, *waiting)
    db.session.execute(mails.values(failed_at=clock.now(), payload=None))


def _follow(couple_id: UUID, act: CoupleAct) -> None:
    """Let the couple's state follow from what a partner did. The caller holds the couple."""
    couple = db.session.scalars(select(Couple).where(Couple.id == couple_id)).one()
    gone = select(Partnership.label).where(
        Partnership.couple_id == couple_id, Partnership.withdrawn_at.is_not(None) | Partnership.ended_at.is_not(None)
    )
    is_anybody_gone = db.session.scalars(gone).first() is not None
    couple.state = after_act(CoupleState(couple.state), act, is_anybody_gone=is_anybody_gone)
    caseload_row.follow(couple_id)


def _tell_coach(couple_id: UUID, key: str, link: str) -> None:
    coach = select(Person).join(Couple, Couple.coach_id == Person.id).where(Couple.id == couple_id)
    outbox.enqueue(db.session.scalars(coach).one(), "task", key, {"link": link})


def _end_sharing(viewer: Viewer, couple_id: UUID, *, hides: bool) -> None:
    rendered_briefs.drop(couple_id)
    mine = select(Response.id).where(Response.task_id.in_(_own_tasks(viewer, couple_id)))
    response_ids = db.session.scalars(mine).all()
    close_to_other(response_ids)
    if hides:
        db.session.execute(
            update(Response)
            .where(Response.id.in_(response_ids), Response.hidden_at.is_(None))
            .values(hidden_at=clock.now())
        )
        audit.record(viewer, "sharing:hidden", viewer.person_id)


def close_to_other(response_ids: Iterable[UUID]) -> None:
    """Let nothing of these open any more that is not open now, corrections included. The caller commits.

    Nobody is asked any more whether something of them may be brought into a session.
    """
    ids, now = tuple(response_ids), clock.now()
    sent = update(Response).where(Response.id.in_(ids), Response.sharing_ended_at.is_(None))
    waiting = update(Response).where(Response.id.in_(ids), Response.corrected_opens_at > now)
    earlier = update(EarlierVersion).where(EarlierVersion.response_id.in_(ids), EarlierVersion.opens_at > now)
    db.session.execute(sent.values(sharing_ended_at=now))
    db.session.execute(waiting.values(corrected_opens_at=NEVER))
    db.session.execute(earlier.values(opens_at=NEVER))
    released.ask_no_more(ids)


def is_asked_anew(viewer: Viewer) -> bool:
    """Whether the coach has asked somebody to agree anew. Raises NotFound for all but partners."""
    return _partnership(viewer).asked_anew_at is not None


def agree_anew(viewer: Viewer, passphrase: str, typed: str, read: Terms, link: str) -> None:
    """Sign anew, where the coach has asked, and take part again. `link` goes to the coach.

    `read` is what stood on the page: Conflict "text_changed_meanwhile" where something else is in force by now. Raises
    Invalid as `end_sharing` and for a missing name, and NotAllowed "nothing_asked".
    """
    name = check_signature(typed)
    _check(viewer, passphrase)
    begin_write()
    own = _partnership(viewer, is_held=True)
    if own.asked_anew_at is None:
        raise NotAllowed("nothing_asked")
    was_gone = own.withdrawn_at is not None
    own.asked_anew_at, own.withdrawn_at, own.agreed_anew_at = None, None, clock.now()
    db.session.flush()
    person = scope.own_person(viewer, is_held=True)  # whoever signs on another page at this moment waits
    practice = scope.own_practice(viewer)
    if read != consents.in_force(practice):
        raise Conflict("text_changed_meanwhile")
    _take_consent_back(viewer)
    consents.add(person, practice, name)
    if was_gone:
        _follow(own.couple_id, CoupleAct.COME_BACK)
    _tell_coach(own.couple_id, f"agreed:{own.couple_id}:{own.label}:{clock.now().isoformat()}", link)
    audit.record(viewer, "taking_part:agreed_anew", viewer.person_id)
    db.session.commit()
