"""Today: the sessions ahead, the next one in detail, who needs the coach, what came in, and whether something waits."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select

from portal import clock
from portal.domain.caseload import Waiting, waiting_of
from portal.domain.people import CoupleState, Label, PersonState, Viewer
from portal.domain.programme import Kind
from portal.domain.session_facts import Progress
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import caseload, caseload_row, errands, glances, safety, scope, sent_forms, sessions
from portal.services.errands import Errands
from portal.services.sent_forms import CameIn, SentForm
from portal.services.sessions import SessionLine

DAYS_AHEAD = 7
DAYS_BACK = 3
MOST_NEEDS = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionAhead:
    """One appointment of the coming days; `names` by label, `checked_in` whose check-in came in this week."""

    line: SessionLine
    names: dict[Label, str]
    checked_in: frozenset[Label]


@dataclass(frozen=True, slots=True)
class SideOfHero:
    """One partner before the next session: when their check-in came, how their last sent homework went, their wish."""

    label: Label
    name: str
    checked_in_at: datetime | None
    homework: str | None  # the title of what they sent last
    progress: Progress | None
    wish: str | None


@dataclass(frozen=True, slots=True)
class Hero:
    """The next session with both partners side by side."""

    session: SessionAhead
    sides: tuple[SideOfHero, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A couple that needs the coach, and why; in the order of their names, so that nobody is ranked."""

    couple_id: UUID
    names: str
    why: tuple[Waiting, ...]
    invited_at: datetime
    silent_since: datetime | None
    overdue_since: datetime | None
    not_come_in: str | None  # who, where the other has


@dataclass(frozen=True, slots=True)
class Today:
    """The coach's day; `on` is today on the coach's own wall. `something_waits` has no name, number or kind."""

    now: datetime
    on: date
    hero: Hero | None
    ahead: tuple[SessionAhead, ...]
    needs: tuple[Need, ...]
    needs_more: bool
    came_in: tuple[CameIn, ...]
    something_waits: bool
    errands: Errands


def today(viewer: Viewer, zone: str) -> Today:
    """The coach's day in their own zone, in a number of statements that does not grow with the caseload.

    What it shows of forms goes on record as read.
    """
    now = clock.now()
    on = now.astimezone(ZoneInfo(zone)).date()
    until = datetime.combine(on + timedelta(days=DAYS_AHEAD), time(), ZoneInfo(zone))
    since = datetime.combine(on - timedelta(days=DAYS_BACK), time(), ZoneInfo(zone))
    lines = sessions.ahead(viewer, until)
    around = _around([line.couple_id for line in lines], lines[0].starts_at if lines else now, now)
    ahead = tuple(_ahead(line, around[line.couple_id]) for line in lines)
    needs = _needs(viewer, now)
    forms = _before(viewer, ahead[0].line, around[ahead[0].line.couple_id]) if ahead else ()
    found = Today(
        now,
        on,
        _hero(ahead[0], forms) if ahead else None,
        ahead[1:],
        needs[:MOST_NEEDS],
        len(needs) > MOST_NEEDS,
        sent_forms.came_in(viewer, since),
        safety.waiting(viewer, on),
        errands.of(viewer),
    )
    if found.hero:
        glances.note(viewer, (form for side in found.hero.sides for form in taken_in(side.label, forms)), zone)
    return found


def _around(couple_ids: list[UUID], before: datetime, now: datetime) -> dict[UUID, list[Row[Any]]]:
    """By couple, a row for each partner: the name, this week's check-in, and the last joint session before."""
    rows = db.session.execute(
        select(
            Partnership.couple_id,
            Partnership.label,
            Person.display_name,
            _latest_check_in(now - WEEK).label("checked_in_at"),
            _last_joint(before).label("last_joint"),
        )
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id.in_(set(couple_ids)))
        .order_by(Partnership.label)
    )
    found: dict[UUID, list[Row[Any]]] = {couple_id: [] for couple_id in couple_ids}
    for row in rows:
        found[row.couple_id].append(row)
    return found


def _latest_check_in(since: datetime) -> Any:
    return (
        select(func.max(Response.submitted_at))
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Assignment.couple_id == Partnership.couple_id, Response.person_id == Partnership.person_id)
        .where(Questionnaire.kind == Kind.CHECK_IN, Response.submitted_at > since)
        .correlate(Partnership)
        .scalar_subquery()
    )


def _last_joint(before: datetime) -> Any:
    return (
        select(func.max(Session.starts_at))
        .where(Session.couple_id == Partnership.couple_id, Session.kind == SessionKind.JOINT)
        .where(Session.state != SessionState.CANCELLED, Session.starts_at < before)
        .correlate(Partnership)
        .scalar_subquery()
    )


def _ahead(line: SessionLine, partners: list[Row[Any]]) -> SessionAhead:
    names = {Label(row.label): row.display_name for row in partners}
    return SessionAhead(line, names, frozenset(Label(row.label) for row in partners if row.checked_in_at is not None))


def _before(viewer: Viewer, line: SessionLine, partners: list[Row[Any]]) -> tuple[SentForm, ...]:
    """What came in since the last joint session before this one (or in the last two weeks)."""
    last = partners[0].last_joint if partners else None
    return sent_forms.of_couple(viewer, line.couple_id, since=last or line.starts_at - 2 * WEEK)


def _hero(session: SessionAhead, forms: tuple[SentForm, ...]) -> Hero:
    """The next session, from what came in before it."""
    attending = session.line.kind.attending
    sides = (side_of(label, name, forms) for label, name in session.names.items() if attending in (None, label))
    return Hero(session, tuple(sides))


def side_of(label: Label, name: str, forms: tuple[SentForm, ...]) -> SideOfHero:
    """What one partner sent, as the coach takes it in at one glance."""
    check_in, homework = (_latest(label, kind, forms) for kind in (Kind.CHECK_IN, Kind.EXERCISE))
    return SideOfHero(
        label,
        name,
        check_in.submitted_at if check_in else None,
        homework.title if homework else None,
        progress_of(homework) if homework else None,
        _text(check_in.value("t2")) if check_in else None,
    )


def taken_in(label: Label, forms: tuple[SentForm, ...]) -> tuple[SentForm, ...]:
    """The forms that one partner's side is taken from."""
    latest = (_latest(label, kind, forms) for kind in (Kind.CHECK_IN, Kind.EXERCISE))
    return tuple(form for form in latest if form is not None)


def _latest(label: Label, kind: Kind, forms: tuple[SentForm, ...]) -> SentForm | None:
    return next((form for form in reversed(forms) if form.label is label and form.kind is kind), None)


def progress_of(form: SentForm) -> Progress | None:
    """How far somebody got, in their own judgement; None where they skipped the question."""
    value = form.value("done")
    return Progress(value) if value in list(Progress) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _needs(viewer: Viewer, now: datetime) -> tuple[Need, ...]:
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    rows = db.session.execute(
        select(Couple, Caseload, _not_come_in().label("not_come_in"))
        .join(Caseload, Caseload.couple_id == Couple.id)
        .where(Couple.id.in_(mine), caseload.needs_coach(now) | caseload.has_dropped())
        .order_by(Couple.names, Couple.id)
        .limit(MOST_NEEDS + 1)
    )
    return tuple(_need(row, now) for row in rows)


def _not_come_in() -> Any:
    """The name of a partner whose invitation is still open."""
    return (
        select(func.min(Person.display_name))
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == Couple.id, Person.state == PersonState.INVITED)
        .correlate(Couple)
        .scalar_subquery()
    )


def _need(row: Row[Any], now: datetime) -> Need:
    couple, line = row.Couple, row.Caseload
    why = waiting_of(caseload_row.stands_of(line), now)
    return Need(
        couple.id,
        couple.names,
        tuple(reason for reason in why if reason is not Waiting.RESPONSES),
        couple.created_at,
        line.silent_since,
        line.overdue_from,
        row.not_come_in if couple.state == CoupleState.ACTIVE else None,
    )
