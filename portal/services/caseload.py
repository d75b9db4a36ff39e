"""The caseload: a coach's couples as a list that is searched, sorted and paged, in a fixed number of statements."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.assignments import OPEN
from portal.domain.people import ENDED, CoupleState, Label, PersonState, Viewer
from portal.domain.sessions import SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.programme import Step
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import caseload_lines, scope
from portal.services.caseload_lines import NextSession, TaskNow, Week

PAGE = 20
SILENT_AFTER = timedelta(days=14)
LET_GO_AFTER = timedelta(days=21)
SORTS = ("names", "next", "waiting")
CURRENT = "current"  # everybody but those whose work has ended


class Waiting(StrEnum):
    """Why a couple waits for the coach. Nothing that a private question raised is among these."""

    RESPONSES = "responses"
    OVERDUE = "overdue"
    SILENT = "silent"
    DROPPED = "dropped"
    NOT_COME_IN = "not_come_in"
    NOTHING_ASSIGNED = "nothing_assigned"


@dataclass(frozen=True, slots=True)
class CaseloadQuery:
    """What is asked of the list. `state` is a couple's state, "current" or "all"; `sort` one of SORTS, "-" turns it."""

    q: str = ""
    state: str = CURRENT
    step: str = ""
    sort: str = "next"
    page: int = 1


@dataclass(frozen=True, slots=True)
class CaseloadLine:
    """One couple of the list. `weeks` are the last eight, oldest first: whose check-ins came in."""

    couple_id: UUID
    names: str
    name_a: str
    name_b: str
    state: CoupleState
    step: str
    invited_at: datetime
    next: NextSession | None
    weeks: tuple[Week, ...]
    task: TaskNow | None
    waiting: tuple[Waiting, ...]
    unread: int


@dataclass(frozen=True, slots=True)
class CaseloadPage:
    """A page of the list; `first` and `last` count from 1, `with_coach` and `active` count the whole caseload."""

    lines: tuple[CaseloadLine, ...]
    query: CaseloadQuery
    total: int
    first: int
    last: int
    pages: int
    with_coach: int
    active: int


def caseload(viewer: Viewer, query: CaseloadQuery) -> CaseloadPage:
    """A page of the coach's couples; a page beyond the last is the last one."""
    narrowed = _narrow(viewer, query)
    total, with_coach, active = _counts(viewer, narrowed)
    pages = max(1, -(-total // PAGE))
    query = replace(query, page=min(max(query.page, 1), pages))
    statement = _lines(viewer).where(narrowed).order_by(*_order(query.sort))
    rows = db.session.execute(statement.limit(PAGE).offset((query.page - 1) * PAGE)).all()
    lines = _assemble(rows)
    first = (query.page - 1) * PAGE + 1 if lines else 0
    return CaseloadPage(lines, query, total, first, max(0, first + len(lines) - 1), pages, with_coach, active)


def waiting_of(
    line: Caseload, state: str, overdue_since: datetime | None, not_come_in: str | None, now: datetime
) -> tuple[Waiting, ...]:
    """Why a couple waits for the coach, the most pressing first."""
    if state == CoupleState.INVITED:
        return (Waiting.NOT_COME_IN,)
    if state != CoupleState.ACTIVE:
        return (Waiting.RESPONSES,) if line.unread else ()
    reasons = {
        Waiting.RESPONSES: line.unread > 0,
        Waiting.OVERDUE: overdue_since is not None,
        Waiting.SILENT: line.silent_since is not None and line.silent_since < now - SILENT_AFTER,
        Waiting.DROPPED: line.dropped_a_at is not None or line.dropped_b_at is not None,
        Waiting.NOT_COME_IN: not_come_in is not None,
        Waiting.NOTHING_ASSIGNED: line.open_until is None and not_come_in is None,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def overdue_since(now: datetime) -> Any:
    """When the oldest task of a couple ended that is still open; what ended long ago is let go of."""
    return (
        select(func.min(Task.due_at))
        .join(Assignment, Assignment.id == Task.assignment_id)
        .where(Assignment.couple_id == Couple.id, Task.state.in_(OPEN))
        .where(Task.due_at <= now, Task.due_at > now - LET_GO_AFTER)
        .correlate(Couple)
        .scalar_subquery()
    )


def not_come_in() -> Any:
    """The name of a partner whose invitation is still open."""
    return (
        select(func.min(Person.display_name))
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == Couple.id, Person.state == PersonState.INVITED)
        .correlate(Couple)
        .scalar_subquery()
    )


def needs_coach(now: datetime) -> ColumnElement[bool]:
    """The condition on couple and caseload under which somebody needs the coach; unread responses apart."""
    return (Couple.state == CoupleState.INVITED) | and_(
        Couple.state == CoupleState.ACTIVE,
        Caseload.open_until.is_(None)
        | (Caseload.open_until <= now) & overdue_since(now).is_not(None)
        | (Caseload.silent_since < now - SILENT_AFTER)
        | not_come_in().is_not(None),
    )


def has_dropped() -> ColumnElement[bool]:
    """The condition for a check-in that is notably lower. It stands on Today alone: the list shows no score."""
    either = Caseload.dropped_a_at.is_not(None) | Caseload.dropped_b_at.is_not(None)
    return (Couple.state == CoupleState.ACTIVE) & either


def _narrow(viewer: Viewer, query: CaseloadQuery) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = Couple.id.in_(scope.couples_to_read(viewer).with_only_columns(Couple.id))
    if query.state == CURRENT:
        wanted &= Couple.state.not_in(ENDED)
    elif query.state in list(CoupleState):
        wanted &= Couple.state == query.state
    if query.step:
        wanted &= Couple.step == query.step
    if query.q.strip():
        wanted &= Couple.id.in_(_ids_with_name(viewer, query.q))
    return wanted


def _ids_with_name(viewer: Viewer, text: str) -> list[UUID]:
    """Couples of whose names one begins with each word: "ana" is no Hana.

    Matched here: no two databases fold the letters of the world alike.
    """
    wanted = _folded(text).split()
    named = db.session.execute(scope.couples_to_read(viewer).with_only_columns(Couple.id, Couple.names))
    return [couple_id for couple_id, names in named if _begin(_folded(names).split(), wanted)]


def _begin(names: list[str], wanted: list[str]) -> bool:
    return all(any(name.startswith(word) for name in names) for word in wanted)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def _counts(viewer: Viewer, narrowed: ColumnElement[bool]) -> tuple[int, int, int]:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    columns = (count(narrowed), count(Couple.state.not_in(ENDED)), count(Couple.state == CoupleState.ACTIVE))
    total, with_coach, active = db.session.execute(scope.couples_to_read(viewer).with_only_columns(*columns)).one()
    return int(total), int(with_coach), int(active)


def _next_start() -> Any:
    """The start of a couple's next session, whoever sits in it."""
    return (
        select(func.min(Session.starts_at))
        .where(Session.couple_id == Couple.id, Session.state == SessionState.PLANNED)
        .where(Session.starts_at > clock.now())
        .correlate(Couple)
        .scalar_subquery()
    )


def _lines(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    a, b, in_a, in_b = aliased(Person), aliased(Person), aliased(Partnership), aliased(Partnership)
    return (
        select(
            Couple.id,
            Couple.names,
            Couple.state,
            Couple.created_at,
            Caseload,
            a.id.label("id_a"),
            a.display_name.label("name_a"),
            b.id.label("id_b"),
            b.display_name.label("name_b"),
            Step.title.label("step"),
            overdue_since(clock.now()).label("overdue_since"),
            not_come_in().label("not_come_in"),
        )
        .join(Caseload, Caseload.couple_id == Couple.id)
        .outerjoin(in_a, (in_a.couple_id == Couple.id) & (in_a.label == Label.A))
        .outerjoin(in_b, (in_b.couple_id == Couple.id) & (in_b.label == Label.B))
        .outerjoin(a, a.id == in_a.person_id)
        .outerjoin(b, b.id == in_b.person_id)
        .outerjoin(Step, (Step.practice_id == Couple.practice_id) & (Step.slug == Couple.step))
        .where(Couple.practice_id == viewer.practice_id)
    )


def _order(sort: str) -> tuple[Any, ...]:
    key = sort.removeprefix("-")
    turned = sort.startswith("-")
    by_names = func.lower(Couple.names)
    if key == "names":
        return (by_names.desc() if turned else by_names.asc(), Couple.id)
    if key == "waiting":
        rank = _pressing(clock.now())
        return (rank.asc() if turned else rank.desc(), by_names, Couple.id)
    start = _next_start()
    return (start.is_(None), start.desc() if turned else start.asc(), by_names, Couple.id)


def _pressing(now: datetime) -> ColumnElement[int]:
    """Who waits first: what came in, the most first, and then whoever needs the coach."""
    return Caseload.unread * 2 + case((needs_coach(now), 1), else_=literal(0))


def _assemble(rows: Iterable[Row[Any]]) -> tuple[CaseloadLine, ...]:
    listed, now = list(rows), clock.now()
    couple_ids = [row.id for row in listed]
    sessions = caseload_lines.next_sessions(couple_ids, now)
    weeks = caseload_lines.check_in_weeks([(row.id, row.id_a, row.id_b) for row in listed], now)
    tasks = caseload_lines.tasks_now(couple_ids, now)
    return tuple(
        CaseloadLine(
            row.id,
            row.names,
            row.name_a or "",
            row.name_b or "",
            CoupleState(row.state),
            row.step or "",
            row.created_at,
            sessions.get(row.id),
            weeks[row.id],
            tasks.get(row.id),
            _waiting(row, now),
            row.Caseload.unread,
        )
        for row in listed
    )


def _waiting(row: Row[Any], now: datetime) -> tuple[Waiting, ...]:
    why = waiting_of(row.Caseload, row.state, row.overdue_since, row.not_come_in, now)
    return tuple(reason for reason in why if reason is not Waiting.DROPPED)
