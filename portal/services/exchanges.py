"""The sealed exchange: what both have sent and shared of one assignment, opened to both at one moment in a session.

It opens only where each of the two shares something of it, so that whoever meets it meets something of the other's;
all else waits for its 08:00 as before. That something does not open yet is told to the coach alone, and never on a
screen that is turned round: there is no button there, for one that opens nothing would tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock
from portal.domain.answers import Answer
from portal.domain.assignments import For
from portal.domain.disclosure import Disclosure, Reader, may_read
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.items import WITHOUT_WAITING, Item
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.domain.sessions import OnScreen, SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.practices import Practice
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.services import audit, scope, sent_forms, shared, taking_part
from portal.services.sent_forms import SentForm

RECENT = timedelta(weeks=4)  # what was sent longer ago is not offered any more; it opens at its 08:00 all the same
MOST_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Exchange:
    """One assignment of both of which something is shared and not open yet; `sent_by` are those who have sent it."""

    assignment_id: UUID
    title: str
    sent_by: tuple[Label, ...]
    is_ready: bool


def of_session(viewer: Viewer, session_id: UUID) -> tuple[Exchange, ...]:
    """What could be opened to both in a session, or could not yet, the latest sent first; for the coach alone.

    Empty but in the hour of a session of both, and once one of the two takes part no more. Raises NotFound.
    """
    session = scope.session(viewer, session_id, scope.couples_to_act_for)
    if not _is_now(session) or not taking_part.are_both(session.couple_id):
        return ()
    by_assignment: dict[UUID, list[SentForm]] = {}
    for form in sent_forms.of_assignments(viewer, _candidates(session.couple_id)):
        by_assignment.setdefault(form.assignment_id, []).append(form)
    found = [_exchange(forms) for forms in by_assignment.values() if _waits(forms)]
    return tuple(found[::-1][:MOST_OFFERED])


def open_now(viewer: Viewer, session_id: UUID, assignment_id: UUID) -> str:
    """Open to both what both share of an assignment, at one moment; gives its title.

    Raises NotFound, also for what was not given to both; NotAllowed "not_in_the_session" outside its hour,
    "not_for_both_now" once one of the two takes part no more, and "not_yet_both" where one has not sent, or shares
    nothing of it. Where all of it is open already, by the same button or by the morning, nothing changes.
    """
    begin_write()
    session = scope.session(viewer, session_id, scope.couples_to_act_for)
    taking_part.hold(session.couple_id, is_shared=True)
    db.session.refresh(session, with_for_update=True)
    if not _is_now(session):
        raise NotAllowed("not_in_the_session")
    taking_part.check_both(session.couple_id)
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    if found.couple_id != session.couple_id or len(For(found.given_to).labels) < len(Label):
        raise NotFound
    rows = _held(found.id)
    forms = sent_forms.of_assignments(viewer, [found.id])
    if not _shared_by_both(forms):
        raise NotAllowed("not_yet_both")
    if not _waits(forms):
        db.session.rollback()
        return forms[0].title
    _open(rows, {form.response_id: form for form in forms}, clock.now())
    audit.record(viewer, "assignment:exchanged", found.id)
    db.session.commit()
    return forms[0].title


def _held(assignment_id: UUID) -> list[Response]:
    """What was sent of an assignment, held until the commit and as it stands now."""
    rows = select(Response).join(Task, Task.id == Response.task_id).where(Task.assignment_id == assignment_id)
    held = rows.order_by(Response.id).with_for_update(of=Response)
    return list(db.session.scalars(held.execution_options(populate_existing=True)).all())


def _open(rows: Iterable[Response], forms: dict[UUID, SentForm], now: datetime) -> None:
    for row in rows:
        is_new = _waiting(forms[row.id], now)
        row.exchanged_at = now
        if is_new and row.corrected_opens_at is not None:  # what is opened is what stands there now
            row.corrected_opens_at = min(row.corrected_opens_at, now)


def _is_now(session: Session) -> bool:
    """Whether it is a session of both, from its beginning to the end of its day, or of its hour where that is later."""
    if session.kind != SessionKind.JOINT or session.state == SessionState.CANCELLED:
        return False
    now, begins = clock.now(), session.starts_at
    zone = ZoneInfo(db.session.scalars(select(Practice.zone).where(Practice.id == session.practice_id)).one())
    is_same_day = now.astimezone(zone).date() == begins.astimezone(zone).date()
    awake_until = OnScreen(begins, session.minutes, SessionState(session.state)).keeps_awake(begins)
    return now >= begins and (is_same_day or now < awake_until)


def _candidates(couple_id: UUID) -> list[UUID]:
    """What was given to both and of which somebody has sent something lately that may open."""
    both = Assignment.given_to.in_([given for given in For if len(given.labels) == len(Label)])
    statement = (
        select(Task.assignment_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Response, Response.task_id == Task.id)
        .where(Assignment.couple_id == couple_id, both, Response.may_open)
        .where(Response.submitted_at > clock.now() - RECENT)
    )
    return list(db.session.scalars(statement.distinct()).all())


def _exchange(forms: Sequence[SentForm]) -> Exchange:
    labels = tuple(sorted(form.label for form in forms))
    return Exchange(forms[0].assignment_id, forms[0].title, labels, _is_ready(forms))


def _waits(forms: Iterable[SentForm]) -> bool:
    """Whether something that is shared here is not open yet."""
    now = clock.now()
    return any(_waiting(form, now) for form in forms)


def _is_ready(forms: Sequence[SentForm]) -> bool:
    return _shared_by_both(forms) and _waits(forms)


def _shared_by_both(forms: Sequence[SentForm]) -> bool:
    now = clock.now()
    return len(forms) == len(Label) and all(_shared(form, now) for form in forms)


def _waiting(form: SentForm, now: datetime) -> bool:
    """Whether there is something shared in a form that would open now and is not open."""
    return any(
        not may_read(answer.disclosure, Reader.PARTNER, form.sent, now, waits=item.opens != WITHOUT_WAITING)
        for item, answer in _shared(form, now)
    )


def _shared(form: SentForm, now: datetime) -> list[tuple[Item, Answer]]:
    """What is shared of a form, as it would stand open now; nothing where its author lets nothing more open."""
    opened = replace(form.sent, exchanged_at=now)
    pairs = shared.open_answers(from_document(form.document), form.answers, opened, now)
    return [(item, answer) for item, answer in pairs if answer.disclosure is Disclosure.SHARED]
