"""What stands beside each couple of a list: the next session, eight weeks of check-ins, the task now.

Each function asks once for all couples of a page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select

from portal.domain.assignments import OPEN, TaskState
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


@dataclass(frozen=True, slots=True)
class NextSession:
    """A couple's next session; `number` counts joint ones and is None for one that only one partner attends."""

    session_id: UUID
    starts_at: datetime
    kind: SessionKind
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
        select(Session.couple_id, Session.id, Session.starts_at, Session.kind)
        .where(Session.couple_id.in_(couple_ids), Session.state == SessionState.PLANNED, Session.starts_at > now)
        .order_by(Session.starts_at.desc(), Session.id)
    )
    first = {session.couple_id: session for session in ahead}
    before = _joint_before(couple_ids, now)
    return {
        couple_id: NextSession(
            session.id,
            session.starts_at,
            SessionKind(session.kind),
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


def check_in_weeks(
    couples: Iterable[tuple[UUID, UUID | None, UUID | None]], now: datetime
) -> dict[UUID, tuple[Week, ...]]:
    """By couple, in which of the last eight weeks (Monday to Sunday) each partner's check-in came in, oldest first.

    `couples` are (couple, A, B). Whether it came in is all that is told.
    """
    listed = list(couples)
    rows = db.session.execute(
        select(Assignment.couple_id, Response.person_id, Response.submitted_at, Practice.zone)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .join(Practice, Practice.id == Response.practice_id)
        .where(
            Assignment.couple_id.in_([couple_id for couple_id, _, _ in listed]),
            Questionnaire.kind == Kind.CHECK_IN,
            Response.submitted_at > now - timedelta(weeks=WEEKS),
        )
    )
    came = {(couple_id, person_id, weeks_ago(sent, now, zone)) for couple_id, person_id, sent, zone in rows}
    return {
        couple_id: tuple(((couple_id, a, ago) in came, (couple_id, b, ago) in came) for ago in range(WEEKS - 1, -1, -1))
        for couple_id, a, b in listed
    }


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
    rows = db.session.execute(
        select(
            Assignment.couple_id, Assignment.id, QuestionnaireVersion.title, Questionnaire.kind, Task.due_at,
            Task.state, Partnership.label,
        )
        .join(Task, Task.assignment_id == Assignment.id)
        .join(Partnership, (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Task.person_id))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Assignment.id.in_(open_ones), Task.withdrawn_at.is_(None))
    )  # fmt: skip
    copies: dict[tuple[UUID, UUID], list[Any]] = {}
    for row in rows:
        copies.setdefault((row.couple_id, row.id), []).append(row)
    found: dict[UUID, TaskNow] = {}
    for (couple_id, _), of_one in sorted(copies.items(), key=lambda item: _place(item[1])):
        found.setdefault(couple_id, _task_now(of_one, now))
    return found


def _place(copies: Sequence[Row[Any]]) -> tuple[bool, datetime, UUID]:
    return copies[0].kind != Kind.EXERCISE, _last_day(copies), copies[0].id


def _last_day(copies: Iterable[Row[Any]]) -> datetime:
    found: datetime = max(copy.due_at for copy in copies if TaskState(copy.state).is_open)
    return found


def _task_now(copies: Sequence[Row[Any]], now: datetime) -> TaskNow:
    due_at, sent = _last_day(copies), [Label(copy.label) for copy in copies if TaskState(copy.state).is_sent]
    return TaskNow(copies[0].title, due_at, due_at <= now, tuple(sorted(sent)))
