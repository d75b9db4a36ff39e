"""Today: the sessions ahead, the next one in detail, who needs the coach, what came in, and whether something waits."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal import clock
from portal.domain.people import Label, Viewer
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
from portal.services import caseload, caseload_lines, safety, scope, sent_forms
from portal.services.caseload import Waiting
from portal.services.sent_forms import CameIn, SentForm

DAYS_AHEAD = 7
DAYS_BACK = 3
MOST_NEEDS = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionAhead:
    """One appointment of the coming days; `checked_in` counts those of its couple whose check-in came in this week."""

    session_id: UUID
    couple_id: UUID
    names: str
    name_a: str
    name_b: str
    kind: SessionKind
    starts_at: datetime
    minutes: int
    place: str
    number: int | None
    checked_in: frozenset[Label]


@dataclass(frozen=True, slots=True)
class SideOfHero:
    """One partner before the next session: when their check-in came, how their homework went, what they wish for."""

    label: Label
    name: str
    checked_in_at: datetime | None
    homework: Progress | None
    wish: str | None


@dataclass(frozen=True, slots=True)
class Hero:
    """The next session with both partners side by side."""

    session: SessionAhead
    sides: tuple[SideOfHero, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A couple that needs the coach, and why; `since` is the invitation's day, or the day of the last form."""

    couple_id: UUID
    names: str
    why: tuple[Waiting, ...]
    invited_at: datetime
    silent_since: datetime | None
    open_until: datetime | None


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


def today(viewer: Viewer, zone: str) -> Today:
    """The coach's day in their own zone, in a number of statements that does not grow with the caseload."""
    now = clock.now()
    on = now.astimezone(ZoneInfo(zone)).date()
    until = datetime.combine(on + timedelta(days=DAYS_AHEAD), time(), ZoneInfo(zone))
    since = datetime.combine(on - timedelta(days=DAYS_BACK), time(), ZoneInfo(zone))
    ahead = _sessions_ahead(viewer, now, until)
    needs = _needs(viewer, now)
    return Today(
        now,
        on,
        _hero(viewer, ahead[0]) if ahead else None,
        ahead[1:],
        needs[:MOST_NEEDS],
        len(needs) > MOST_NEEDS,
        sent_forms.came_in(viewer, since),
        safety.waiting(viewer),
    )


def _sessions_ahead(viewer: Viewer, now: datetime, until: datetime) -> tuple[SessionAhead, ...]:
    """Planned sessions, also one that is going on; earliest first."""
    statement = (
        scope.sessions(viewer)
        .join(Couple, Couple.id == Session.couple_id)
        .add_columns(Couple.names)
        .where(Session.state == SessionState.PLANNED, Session.starts_at > now - timedelta(hours=1))
        .where(Session.starts_at < until)
        .order_by(Session.starts_at, Session.id)
    )
    rows = [row for row in db.session.execute(statement) if row[0].starts_at + timedelta(minutes=row[0].minutes) > now]
    couple_ids = [session.couple_id for session, _ in rows]
    people = _partners(couple_ids)
    checked_in = _checked_in(couple_ids, now - WEEK)
    numbers = caseload_lines.joint_before(couple_ids, now)
    made = []
    for session, names in rows:
        number = None
        if session.kind == SessionKind.JOINT:
            held = session.starts_at <= now  # going on: counted among those that have begun
            number = numbers.get(session.couple_id, 0) + (0 if held else 1)
            numbers[session.couple_id] = number
        made.append(_ahead(session, names, people[session.couple_id], number, checked_in))
    return tuple(made)


def _ahead(
    session: Session,
    names: str,
    people: dict[Label, tuple[UUID, str]],
    number: int | None,
    checked_in: dict[UUID, datetime],
) -> SessionAhead:
    return SessionAhead(
        session.id,
        session.couple_id,
        names,
        people[Label.A][1] if Label.A in people else "",
        people[Label.B][1] if Label.B in people else "",
        SessionKind(session.kind),
        session.starts_at,
        session.minutes,
        session.place,
        number,
        frozenset(label for label, (person_id, _) in people.items() if person_id in checked_in),
    )


def _partners(couple_ids: list[UUID]) -> dict[UUID, dict[Label, tuple[UUID, str]]]:
    rows = db.session.execute(
        select(Partnership.couple_id, Partnership.label, Person.id, Person.display_name)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id.in_(couple_ids))
    )
    found: dict[UUID, dict[Label, tuple[UUID, str]]] = {couple_id: {} for couple_id in couple_ids}
    for couple_id, label, person_id, name in rows:
        found[couple_id][Label(label)] = (person_id, name)
    return found


def _checked_in(couple_ids: list[UUID], since: datetime) -> dict[UUID, datetime]:
    """By person, when their latest check-in of the week came in."""
    rows = db.session.execute(
        select(Response.person_id, func.max(Response.submitted_at))
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(
            Assignment.couple_id.in_(couple_ids),
            Questionnaire.kind == Kind.CHECK_IN,
            Response.submitted_at > since,
        )
        .group_by(Response.person_id)
    )
    return {person_id: at for person_id, at in rows}


def _hero(viewer: Viewer, session: SessionAhead) -> Hero:
    """The next session, from what came in since the last joint one (or in the last two weeks)."""
    last = db.session.scalar(
        select(func.max(Session.starts_at)).where(
            Session.couple_id == session.couple_id,
            Session.kind == SessionKind.JOINT,
            Session.state != SessionState.CANCELLED,
            Session.starts_at < session.starts_at,
        )
    )
    forms = sent_forms.of_couple(viewer, session.couple_id, since=last or session.starts_at - 2 * WEEK)
    names = {Label.A: session.name_a, Label.B: session.name_b}
    return Hero(session, tuple(side_of(label, name, forms) for label, name in names.items() if name))


def side_of(label: Label, name: str, forms: tuple[SentForm, ...]) -> SideOfHero:
    """What one partner sent, as the coach takes it in at one glance."""
    mine = [form for form in forms if form.label is label]
    check_in = next((form for form in reversed(mine) if form.kind is Kind.CHECK_IN), None)
    homework = next((form for form in reversed(mine) if form.kind is Kind.EXERCISE), None)
    return SideOfHero(
        label,
        name,
        check_in.submitted_at if check_in else None,
        progress_of(homework) if homework else None,
        _text(check_in.value("t2")) if check_in else None,
    )


def progress_of(form: SentForm) -> Progress | None:
    """How far somebody got, in their own judgement; None where they skipped the question."""
    value = form.value("done")
    return Progress(value) if value in list(Progress) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _needs(viewer: Viewer, now: datetime) -> tuple[Need, ...]:
    mine = scope.couples(viewer).with_only_columns(Couple.id)
    rows = db.session.execute(
        select(Couple.id, Couple.names, Couple.state, Couple.created_at, Caseload)
        .join(Caseload, Caseload.couple_id == Couple.id)
        .where(Couple.id.in_(mine), caseload.needs_coach(now) | caseload.has_dropped())
        .order_by(Caseload.open_until.is_(None), Caseload.open_until, Couple.names, Couple.id)
        .limit(MOST_NEEDS + 1)
    )
    return tuple(
        Need(
            row.id,
            row.names,
            tuple(why for why in caseload.waiting_of(row.Caseload, row.state, now) if why != Waiting.RESPONSES),
            row.created_at,
            row.Caseload.silent_since,
            row.Caseload.open_until,
        )
        for row in rows
    )
