"""What stands beside each couple of a list: the next session, eight weeks of check-ins, the task now.

Each function asks once for all couples of a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from portal.domain.assignments import OPEN, SENT
from portal.domain.caseload import LET_GO_AFTER
from portal.domain.people import Label
from portal.domain.programme import Kind
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Partnership
from portal.models.practices import Practice
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.responses import Response
from portal.models.sessions import Session

WEEKS = 8
Week = tuple[bool, bool]
NONE_CAME: tuple[Week, ...] = ((False, False),) * WEEKS


@dataclass(frozen=True, slots=True)
class NextSession:
    """A couple's next session; `number` counts joint ones and is None for one that only one partner attends."""

    starts_at: datetime
    number: int | None


@dataclass(frozen=True, slots=True)
class TaskNow:
    """The open task of a couple: an exercise before a check-in, the earlier before the later; `sent`: by whom it is."""

    title: str
    due_at: datetime
    is_over: bool
    sent: tuple[Label, ...] = ()


def next_sessions(couple_ids: Sequence[UUID], now: datetime) -> dict[UUID, NextSession]:
    """By couple, the next session that is planned; two statements."""
    ahead = db.session.execute(
        select(Session.couple_id, Session.starts_at, Session.kind)
        .where(Session.couple_id.in_(couple_ids), Session.state == SessionState.PLANNED, Session.starts_at > now)
        .order_by(Session.starts_at.desc(), Session.id)
    )
    first = {session.couple_id: session for session in ahead}
    before = _joint_before(couple_ids, now)
    return {
        couple_id: NextSession(
            session.starts_at,
            before.get(couple_id, 0) + 1 if session.kind == SessionKind.JOINT else None,
        )
        for couple_id, session in first.items()
    }


def _joint_before(couple_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """By couple, how many joint sessions there have been."""
    counted = db.session.execute(
        select(Session.couple_id, func.count())
        .where(
            Session.couple_id.in_(couple_ids),
            Session.kind == SessionKind.JOINT,
            Session.state != SessionState.CANCELLED,
            Session.starts_at <= now,
        )
        .group_by(Session.couple_id)
    )
    return {couple_id: number for couple_id, number in counted}


def check_in_weeks(couple_ids: Sequence[UUID], now: datetime) -> dict[UUID, tuple[Week, ...]]:
    """By couple, in which of the last eight weeks (Monday to Sunday) each partner's check-in came in, oldest first.

    Whether it came in is all that is told.
    """
    rows = db.session.execute(
        select(Assignment.couple_id, Partnership.label, Response.submitted_at, Practice.zone)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Partnership, (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Task.person_id))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .join(Practice, Practice.id == Response.practice_id)
        .where(
            Assignment.couple_id.in_(couple_ids),
            Questionnaire.kind == Kind.CHECK_IN,
            Response.submitted_at > now - timedelta(weeks=WEEKS),
        )
    )
    came: dict[UUID, set[tuple[str, int]]] = {couple_id: set() for couple_id in couple_ids}
    for couple_id, label, sent_at, zone in rows:
        came[couple_id].add((label, weeks_ago(sent_at, now, zone)))
    return {couple_id: _weeks(of_one) if of_one else NONE_CAME for couple_id, of_one in came.items()}


def _weeks(came: set[tuple[str, int]]) -> tuple[Week, ...]:
    return tuple(((Label.A, ago) in came, (Label.B, ago) in came) for ago in range(WEEKS - 1, -1, -1))


def weeks_ago(instant: datetime, now: datetime, zone: str) -> int:
    """How many weeks, Monday to Sunday on the wall clock of `zone`, lie between the two; 0 is this week."""
    return (monday(now, zone) - monday(instant, zone)).days // 7


def monday(instant: datetime, zone: str, ago: int = 0) -> date:
    """The Monday of the week of an instant on the wall clock of `zone`, or that of some weeks before."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday(), weeks=ago)


def tasks_now(couple_ids: Sequence[UUID], now: datetime) -> dict[UUID, TaskNow]:
    """By couple, the task that is open, and who of those whom it was given to has sent it; one statement.

    What ended long ago is let go of.
    """
    open_ones = (
        select(Task.assignment_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .where(Assignment.couple_id.in_(couple_ids), Task.state.in_(OPEN), Task.due_at > now - LET_GO_AFTER)
    )
    last_day = func.max(case((Task.state.in_(OPEN), Task.due_at)))
    sent_a, sent_b = (
        func.max(case((Task.state.in_(SENT) & (Partnership.label == label), 1), else_=0))
        for label in (Label.A, Label.B)
    )
    rows = db.session.execute(
        select(
            Assignment.couple_id, Assignment.id, QuestionnaireVersion.title, Questionnaire.kind,
            last_day.label("due_at"), sent_a.label("sent_a"), sent_b.label("sent_b"),
        )
        .join(Task, Task.assignment_id == Assignment.id)
        .join(Partnership, (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Task.person_id))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Assignment.id.in_(open_ones), Task.withdrawn_at.is_(None))
        .group_by(Assignment.couple_id, Assignment.id, QuestionnaireVersion.title, Questionnaire.kind)
    )  # fmt: skip
    found: dict[UUID, TaskNow] = {}
    for row in sorted(rows, key=lambda row: (row.kind != Kind.EXERCISE, row.due_at, row.id)):
        sent = tuple(label for label, is_sent in zip(Label, (row.sent_a, row.sent_b), strict=True) if is_sent)
        found.setdefault(row.couple_id, TaskNow(row.title, row.due_at, row.due_at <= now, sent))
    return found
