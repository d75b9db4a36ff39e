"""The caseload: a coach's couples as a list that is searched, narrowed, sorted and paged, and as a file.

A page costs as many statements, and reads as few lines, of ten thousand couples as of ten: it goes along the index of
its order and stops where it is full. A low check-in stands in no list but one that was asked for who needs the coach.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, union_all
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.caseload import (
    ANY,
    CURRENT,
    EVERYBODY,
    LET_GO_AFTER,
    LONG_AGO,
    NOT_YET,
    SILENT_AFTER,
    SORTS,
    Waiting,
    folded,
    waiting_of,
)
from portal.domain.errors import NotFound
from portal.domain.people import ENDED, CoupleState, Label, Viewer
from portal.extensions import begin_write, db
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.programme import Step
from portal.models.users import Person
from portal.services import audit, caseload_lines, caseload_row, scope, scope_of_lists
from portal.services.caseload_lines import NextSession, TaskNow, Week

__all__ = ["CURRENT", "SORTS", "CaseloadLine", "CaseloadPage", "CaseloadQuery", "Waiting", "as_file", "caseload"]
PAGE = 20
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CaseloadQuery:
    """What is asked of the list. `state` is a couple's state, "current" or "all"; `needs` one of domain NEEDS, or none.

    `sort` is one of SORTS; "-" turns it.
    """

    q: str = ""
    state: str = CURRENT
    step: str = ""
    needs: str = ""
    sort: str = "next"
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves out some of those whom the coach works with."""
        return bool(self.q or self.step or self.needs) or self.state not in (CURRENT, EVERYBODY)


@dataclass(frozen=True, slots=True)
class CaseloadLine:
    """One couple of the list. `weeks` are the last eight, oldest first: whose check-ins came in.

    `heard_at` is when either last sent something; `silent_since` since when the more silent one has sent nothing.
    """

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
    heard_at: datetime | None
    silent_since: datetime | None


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
    now: datetime


def caseload(viewer: Viewer, query: CaseloadQuery) -> CaseloadPage:
    """A page of the coach's couples; a page beyond the last is the last one."""
    now, mine = clock.now(), scope_of_lists.lines_to_read(viewer)
    narrowed = mine & _narrow(viewer, query, now)
    active, others = _with_coach(mine)
    total = _total(query, narrowed, active + others)
    pages = max(1, -(-total // PAGE))
    query = replace(query, page=min(max(query.page, 1), pages))
    skipped = (query.page - 1) * PAGE
    picked = _picked(narrowed, query.sort, skipped)
    lines = _lines(viewer, picked, query, now)
    first, last = skipped + 1 if lines else 0, skipped + len(lines) if lines else 0
    return CaseloadPage(lines, query, total, first, last, pages, active + others, active, now)


def as_file(viewer: Viewer, query: CaseloadQuery) -> list[CaseloadLine]:
    """Every couple that the list would show, in its order; that a coach took it along goes on record."""
    if not viewer.role.is_coach:
        raise NotFound
    begin_write()
    now, couple_ids = clock.now(), db.session.scalars(listed(viewer, query)).all()
    lines = [line for part in _parts(couple_ids) for line in _lines(viewer, part, query, now)]
    audit.record(viewer, "export:caseload", viewer.person_id)
    db.session.commit()
    return lines


def listed(viewer: Viewer, query: CaseloadQuery) -> Select[UUID]:
    """The couples that the list would show, in its order."""
    narrowed = scope_of_lists.lines_to_read(viewer) & _narrow(viewer, query, clock.now())
    return select(Caseload.couple_id).where(narrowed).order_by(*_order(query.sort))


def _parts(couple_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    yield from (couple_ids[start : start + AT_ONCE] for start in range(0, len(couple_ids), AT_ONCE))


def needs_coach(now: datetime) -> ColumnElement[bool]:
    """The condition on a line under which somebody needs the coach; unread responses and drops apart."""
    return Caseload.needs_from <= now


def has_dropped() -> ColumnElement[bool]:
    """The condition for a check-in that is notably lower than its author's own earlier ones."""
    either = Caseload.dropped_a_at.is_not(None) | Caseload.dropped_b_at.is_not(None)
    return (Caseload.state == CoupleState.ACTIVE) & either


def _needs(needs: str, now: datetime) -> ColumnElement[bool]:
    """The condition for one reason, or for any."""
    if needs == Waiting.DROPPED:
        return has_dropped()
    if needs == ANY:
        return needs_coach(now) | has_dropped()
    nothing = Caseload.open_until.is_(None) & Caseload.door_since.is_(None) & (Caseload.state == CoupleState.ACTIVE)
    reasons = {
        Waiting.OVERDUE: (Caseload.overdue_from <= now) & (Caseload.overdue_from > now - LET_GO_AFTER),
        Waiting.SILENT: Caseload.silent_since < now - SILENT_AFTER,
        Waiting.AHEAD: Caseload.ahead_since.is_not(None),
        Waiting.NOT_COME_IN: Caseload.door_since.is_not(None) | (Caseload.state == CoupleState.INVITED),
        Waiting.NOTHING_ASSIGNED: nothing,
    }
    return needs_coach(now) & reasons[Waiting(needs)]


def _narrow(viewer: Viewer, query: CaseloadQuery, now: datetime) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = _in_state(query.state)
    if query.needs:
        wanted &= _needs(query.needs, now)
    if query.step:
        at_step = (Couple.practice_id == viewer.practice_id, Couple.step == query.step)
        wanted &= select(Couple.id).where(Couple.id == Caseload.couple_id, *at_step).exists()
    for word in folded(query.q).split():  # of names one begins with each word: "ana" is no Hana
        wanted &= Caseload.find.contains(f" {word}", autoescape=True)
    return wanted


def _in_state(state: str) -> ColumnElement[bool]:
    if state == CURRENT:
        return Caseload.state.not_in(ENDED)
    return Caseload.state == state if state in list(CoupleState) else Caseload.state.is_not(None)


def _with_coach(mine: ColumnElement[bool]) -> tuple[int, int]:
    """How many couples are active, and how many are resting or on their way: each along its own part of an index."""
    resting = [state for state in CoupleState if state not in (*ENDED, CoupleState.ACTIVE)]
    active, others = (
        select(func.count()).select_from(Caseload).where(mine, Caseload.state.in_(states)).scalar_subquery()
        for states in ([CoupleState.ACTIVE], resting)
    )
    counted: tuple[int, int] = tuple(db.session.execute(select(active, others)).one())
    return counted


def _total(query: CaseloadQuery, narrowed: ColumnElement[bool], with_coach: int) -> int:
    """How many lines there are, which is known already where no more is asked for than who is with the coach."""
    if query.is_narrowed or query.state != CURRENT:
        return db.session.scalar(select(func.count()).select_from(Caseload).where(narrowed)) or 0
    return with_coach


def _order(sort: str) -> tuple[Any, ...]:
    """The columns of an index of the caseload, from its beginning or from its end; whoever has no session is last."""
    key, is_turned = sort.removeprefix("-"), sort.startswith("-")
    columns: dict[str, tuple[Any, ...]] = {
        "names": (Caseload.find,),
        "active": (Caseload.heard_at.desc(), Caseload.find.desc()),
        "waiting": (Caseload.unread.desc(), Caseload.needs_from, Caseload.find),
        "next": (Caseload.next_at, Caseload.find),
    }
    if key == "next" and is_turned:
        return (Caseload.next_at == NOT_YET, Caseload.next_at.desc(), Caseload.find, Caseload.couple_id)
    along = columns.get(key, columns["next"])
    return (*(_turned(column) if is_turned else column for column in along), Caseload.couple_id)


def _picked(narrowed: ColumnElement[bool], sort: str, skipped: int) -> Select[UUID]:
    """The couples of a page, along an index; of the latest sessions first along two parts of one."""
    if sort != "-next":
        order = _order(sort)
        return select(Caseload.couple_id).where(narrowed).order_by(*order).limit(PAGE).offset(skipped)
    columns = (Caseload.couple_id, Caseload.next_at, Caseload.find)
    parts = [
        select(select(*columns, literal(place).label("place")).where(narrowed, part).order_by(*order)
               .limit(skipped + PAGE).subquery())
        for place, part, order in (
            (0, Caseload.next_at < NOT_YET, (Caseload.next_at.desc(), Caseload.find.desc())),
            (1, Caseload.next_at == NOT_YET, (Caseload.find,)),
        )
    ]  # fmt: skip
    both = union_all(*parts).subquery().c
    order = (both.place, both.next_at.desc(), both.find, both.couple_id)
    return select(both.couple_id).order_by(*order).limit(PAGE).offset(skipped)


def _turned(column: Any) -> Any:
    return column.element if hasattr(column, "modifier") else column.desc()


def _lines(
    viewer: Viewer, picked: Select[UUID] | Sequence[UUID], query: CaseloadQuery, now: datetime
) -> tuple[CaseloadLine, ...]:
    """The lines of these couples, as far as the viewer may read them; a drop is told where needs were asked for."""
    statement = _select(viewer).where(Couple.id.in_(picked)).order_by(*_order(query.sort))
    told = set(Waiting) if query.needs else set(Waiting) - {Waiting.DROPPED}
    return _assemble(db.session.execute(statement).all(), told, now)


def _select(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    a, b, in_a, in_b = aliased(Person), aliased(Person), aliased(Partnership), aliased(Partnership)
    return (
        scope.couples_to_read(viewer)
        .with_only_columns(
            Couple.id,
            Couple.names,
            Couple.created_at,
            *caseload_row.KEPT,
            a.display_name.label("name_a"),
            b.display_name.label("name_b"),
            Step.title.label("step"),
        )
        .join(Caseload, Caseload.couple_id == Couple.id)
        .outerjoin(in_a, (in_a.couple_id == Couple.id) & (in_a.label == Label.A))
        .outerjoin(in_b, (in_b.couple_id == Couple.id) & (in_b.label == Label.B))
        .outerjoin(a, a.id == in_a.person_id)
        .outerjoin(b, b.id == in_b.person_id)
        .outerjoin(Step, (Step.practice_id == Couple.practice_id) & (Step.slug == Couple.step))
    )


def _assemble(rows: Iterable[Row[Any]], told: set[Waiting], now: datetime) -> tuple[CaseloadLine, ...]:
    listed = list(rows)
    couple_ids = [row.id for row in listed]
    sessions = caseload_lines.next_sessions(couple_ids, now)
    weeks = caseload_lines.check_in_weeks(couple_ids, now)
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
            tuple(why for why in waiting_of(caseload_row.stands_of(row), now) if why in told),
            row.unread,
            row.heard_at if row.heard_at > LONG_AGO else None,
            row.silent_since,
        )
        for row in listed
    )
