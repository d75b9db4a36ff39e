"""The check-in before each session: set for a couple, and given by the sweep as its time comes.

It follows from what both know, the sessions of both, and never from what one of them did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from portal import clock
from portal.domain.assignments import For
from portal.domain.endings import LATER, is_of_the_end
from portal.domain.errors import Invalid
from portal.domain.people import CoupleState, Label, Viewer
from portal.domain.programme import Kind
from portal.domain.session_check_ins import Ahead, Times, check, stands_in_place
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.couples import Couple
from portal.models.practices import Practice
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.sessions import Session, SessionCheckIn
from portal.services import audit, caseload_row, issuing, programme, scope, session_times, taking_part, tenants
from portal.services.issuing import Copies, Given
from portal.services.pathway_rows import in_own_time
from portal.services.piecemeal import done


@dataclass(frozen=True, slots=True)
class BeforeSessions:
    """What its page shows: the couple, the check-ins in use (id and title), which is asked, and how long before."""

    couple_id: UUID
    names: str
    check_ins: tuple[tuple[UUID, str], ...]
    questionnaire_id: UUID | None
    ahead: Ahead | None


def page(viewer: Viewer, couple_id: UUID) -> BeforeSessions:
    """What is set for one of the coach's own couples. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    rule = db.session.scalars(select(SessionCheckIn).where(SessionCheckIn.couple_id == couple.id)).one_or_none()
    return BeforeSessions(
        couple.id,
        couple.names,
        tuple((entry.id, entry.title) for entry in programme.library(viewer) if entry.kind is Kind.CHECK_IN),
        rule.questionnaire_id if rule else None,
        Ahead(rule.opens_hours, rule.ends_hours) if rule else None,
    )


def ask(viewer: Viewer, couple_id: UUID, questionnaire_id: UUID, ahead: Ahead) -> None:
    """Ask a couple for a check-in before each of its sessions of both from now on.

    A session whose check-in was given already keeps its times. Raises NotFound, and Invalid with `field`.
    """
    check(ahead)
    begin_write()
    couple = _held(viewer, couple_id)
    entry = scope.library_entry(viewer, questionnaire_id)
    programme.check_in_use(entry, field="check_in")
    if entry.kind != Kind.CHECK_IN:
        raise Invalid("not_an_option", field="check_in")
    rule = db.session.scalars(select(SessionCheckIn).where(SessionCheckIn.couple_id == couple.id)).one_or_none()
    if rule is None:
        rule = SessionCheckIn(couple_id=couple.id, practice_id=couple.practice_id)
        db.session.add(rule)
    rule.questionnaire_id, rule.opens_hours, rule.ends_hours = entry.id, ahead.opens, ahead.ends
    rule.set_by, rule.set_at = viewer.person_id, clock.now()
    _set_times(couple.id, ahead)
    audit.record(viewer, "check_in:before_sessions", couple.id)
    db.session.commit()


def ask_no_more(viewer: Viewer, couple_id: UUID) -> None:
    """Ask before no further session; what was given stays. A second time changes nothing. Raises NotFound."""
    begin_write()
    couple = _held(viewer, couple_id)
    rule = db.session.scalars(select(SessionCheckIn).where(SessionCheckIn.couple_id == couple.id)).one_or_none()
    if rule is not None:
        db.session.delete(rule)
        _set_times(couple.id, None)
        audit.record(viewer, "check_in:not_before_sessions", couple.id)
    db.session.commit()


def _held(viewer: Viewer, couple_id: UUID) -> Couple:
    """The couple, held as by whoever plans a session with it, and by the sweep."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    taking_part.hold(couple.id)
    caseload_row.follow(couple.id)
    return couple


def _set_times(couple_id: UUID, ahead: Ahead | None) -> None:
    """Set the times of the sessions ahead whose check-in was not given yet, and whose brief is not cut off."""
    now = clock.now()
    planned = select(Session).where(
        Session.couple_id == couple_id,
        Session.kind == SessionKind.JOINT,
        Session.state == SessionState.PLANNED,
        Session.starts_at > now,
        Session.cut_off_at.is_(None) | (Session.cut_off_at > now),
        ~session_times.is_given(),
    )
    for session in db.session.scalars(planned.order_by(Session.id).with_for_update()):
        times = ahead.times(session.starts_at, now) if ahead else Times()
        session.asks_at, session.cut_off_at = times.asks_at, times.cut_off_at


def issue_due(link: str = "") -> int:
    """Give the check-in of every session whose time has come, in all practices; gives how many were given.

    Each in a transaction of its own; run twice, it gives nothing twice. `link` goes into the mails.
    """
    issued = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        issued += sum(done("check-in", one, partial(_give_next, one, link)) for one in _due_in(practice_id))
    return issued


def _due_in(practice_id: UUID) -> Sequence[UUID]:
    due = select(Session.id).where(Session.practice_id == practice_id, *_is_due())
    return db.session.scalars(due.order_by(Session.id)).all()


def _is_due() -> tuple[ColumnElement[bool], ...]:
    """A session whose check-in is asked by now, is not cut off yet, and was not given; while its couple's work rests
    nothing is."""
    now = clock.now()
    is_planned = (Session.kind == SessionKind.JOINT, Session.state == SessionState.PLANNED)
    rests = select(Couple.id).where(Couple.id == Session.couple_id, Couple.state == CoupleState.PAUSED)
    is_time = (Session.asks_at <= now, Session.cut_off_at > now)
    return (*is_planned, *is_time, ~session_times.is_given(), ~rests.exists())


def _give_next(session_id: UUID, link: str) -> bool:
    """Give the check-in of one session, unless another one stands in its place; nobody plans or gives meanwhile."""
    begin_write()
    couple_id = db.session.scalars(select(Session.couple_id).where(Session.id == session_id)).one()
    taking_part.hold(couple_id)
    caseload_row.follow(couple_id)
    due = select(Session).where(Session.id == session_id, *_is_due())
    session = db.session.scalars(due.with_for_update()).one_or_none()
    is_given = session is not None and _give(session, link)
    db.session.commit()
    return is_given


def _give(session: Session, link: str) -> bool:
    """Give it to whoever takes part; it is looked at once whether another one stands in its place."""
    row = db.session.execute(
        select(SessionCheckIn.questionnaire_id, Couple, Practice.zone)
        .join(Couple, Couple.id == SessionCheckIn.couple_id)
        .join(Practice, Practice.id == Couple.practice_id)
        .where(SessionCheckIn.couple_id == session.couple_id)
    ).one_or_none()
    if row is None or session.cut_off_at is None or not taking_part.labels(row.Couple):
        return False
    today, last = clock.today(row.zone), _last_given(session.couple_id)
    in_place = {given_to for given_to, day in last.items() if stands_in_place(day, today)}
    if in_place & {For.BOTH, For.JOINT}:
        session.asks_at = None  # that one counts, and none is added
        return False
    last_day = max(session.cut_off_at.astimezone(ZoneInfo(row.zone)).date(), today)
    given = Given(For.BOTH, today, last_day, session_id=session.id, ends_at=session.cut_off_at)
    version = _version(row.Couple.id, row.questionnaire_id)
    assignment = issuing.open_assignment(row.Couple, version, given, row.Couple.coach_id)
    others = {label for given_to in in_place for label in given_to.labels}
    labels = tuple(label for label in Label if label not in others)
    issuing.issue_copies(row.Couple, assignment, Copies(row.questionnaire_id, labels, last_day, link))
    audit.record_before_sign_in(session.practice_id, None, "assignment:before_session", assignment.id)
    return True


def _last_given(couple_id: UUID) -> dict[For, date]:
    """The day of the last check-in of a couple, by whom it was given to, and not taken back.

    What one was given alone keeps nothing from the other: that one has a check-in to answer, and gets no second. One
    that came some time after the end stands in nobody's place: only its author and the coach know of it.
    """
    statement = (
        select(Assignment.given_to, func.max(Assignment.assigned_on))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(
            Assignment.couple_id == couple_id,
            Assignment.withdrawn_at.is_(None),
            Questionnaire.kind == Kind.CHECK_IN,
            in_own_time().is_(None),
            func.coalesce(QuestionnaireVersion.document["slug"].as_string(), "") != LATER,
        )
        .group_by(Assignment.given_to)
    )
    return {For(given_to): day for given_to, day in db.session.execute(statement)}


def _version(couple_id: UUID, questionnaire_id: UUID) -> QuestionnaireVersion:
    """The words that the couple was given last where they were written for it; else the library's newest.

    A check-in with which the work once ended, or that came after that, is none to go on with.
    """
    last = (
        select(QuestionnaireVersion)
        .join(Assignment, Assignment.version_id == QuestionnaireVersion.id)
        .where(Assignment.couple_id == couple_id, QuestionnaireVersion.questionnaire_id == questionnaire_id)
        .order_by(Assignment.assigned_on.desc(), Assignment.created_at.desc())
    )
    found = next((one for one in db.session.scalars(last) if not is_of_the_end(one.document)), None)
    return found if found and found.couple_id else programme.newest_version(questionnaire_id)
