"""What a session's brief is drawn from, read in scope and as of its cut-off, with a fixed number of statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.assignments import For
from portal.domain.brief_choices import Copy
from portal.domain.consent import Policy
from portal.domain.errors import NotFound
from portal.domain.items import speak
from portal.domain.people import Label, Viewer
from portal.domain.programme import Kind
from portal.domain.session_facts import Both, Choices, Frame, HomeworkStart, StepNow
from portal.domain.sessions import Appointment, SessionKind, brief_until, number_of, previous_joint
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.programme import Step
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.sessions import BriefChoice, Session
from portal.models.users import Person
from portal.services import notes, scope, sent_forms, sessions, vault
from portal.services.notes import Standing
from portal.services.pathway_rows import in_own_time
from portal.services.sent_forms import SentForm

LINE = "brief_choices.line"


@dataclass(frozen=True, slots=True)
class Given:
    """An exercise that was given to the couple by the cut-off; `why` is the coach's word, or else its purpose."""

    assignment_id: UUID
    slug: str
    title: str
    why: str
    given_to: For
    assigned_on: date
    due_on: date
    extended_to: date | None
    is_withdrawn: bool
    reached: frozenset[Label]  # whose copy has gone out
    own_time_since: date | None = None  # of a step that each gets in their own time: when its pathway began

    @property
    def is_for_both(self) -> bool:
        return self.given_to in (For.BOTH, For.JOINT)

    @property
    def start(self) -> HomeworkStart:
        return HomeworkStart(self.assigned_on, self.title)


@dataclass(frozen=True, slots=True)
class Material:
    """A session, what frames it, and what the couple did until its cut-off; `since` is where the brief before it ends,
    `met_at` the joint session of that one. `until` is now, or when the session begins: what was sent by the cut-off may
    open to both until then.

    `forms` are oldest first, each as it stood at the cut-off; `given` is newest first; `choices` by copy. For the
    coach: what of it both may read is picked by `joint_facts`.
    """

    session_id: UUID
    couple_id: UUID
    kind: SessionKind
    since: datetime | None
    met_at: datetime | None
    cut_off: datetime
    until: datetime
    zone: ZoneInfo
    frame: Frame
    notes: Standing
    given: tuple[Given, ...]
    forms: tuple[SentForm, ...]
    choices: Mapping[Copy, Choices]
    sent: tuple[SentForm, ...]  # as it stands now, with what came after the cut-off
    prints_strip: bool = False  # whether the practice has what stands before the door on its own paper

    @property
    def latest(self) -> tuple[SentForm, ...]:
        """What came in before the hour, each form as it stood then, whatever the cut-off."""
        return tuple(form.as_of(self.until) for form in self.sent if form.submitted_at <= self.until)

    @property
    def later(self) -> tuple[SentForm, ...]:
        """What came in, or was corrected, after the cut-off and before the hour: told of on the screen alone."""
        return tuple(form for form in self.latest if form.versions[-1].written_at > self.cut_off)

    @property
    def is_cut_off(self) -> bool:
        """Whether the brief stands as it is, though its session has not begun."""
        return self.cut_off < self.until

    def has_opened_since(self, form: SentForm, opened_at: datetime) -> bool:
        """Whether something of a form opened after the session before, or came too late for the copies of that one."""
        return self.met_at is None or opened_at > self.met_at or self.is_new(form.submitted_at)

    def was_written_since(self, instant: datetime) -> bool:
        """Whether the coach wrote this after the session before: no cut-off keeps her own words back."""
        return self.met_at is None or instant > self.met_at

    def is_new(self, instant: datetime) -> bool:
        """Whether this happened in the time that the brief covers."""
        return (self.since is None or instant > self.since) and instant <= self.cut_off

    def was_open_since(self, given: Given) -> bool:
        """Whether homework was still to be done after the session before, more time counted; for the coach alone."""
        met = self.frame.last_met
        return met is None or max(given.due_on, given.extended_to or given.due_on) >= met

    def was_given_past(self, given: Given) -> bool:
        """Whether homework was given until after the session before: what was sent plays no part in it.

        More time plays none either, for it is given while one of the two has it open.
        """
        return self.frame.last_met is None or given.due_on >= self.frame.last_met


def gather(viewer: Viewer, session_id: UUID) -> Material:
    """Everything both copies are made from, keys included. Raises NotFound."""
    mine = scope.sessions(viewer, scope.couples_to_read).with_only_columns(Session.id)
    row = db.session.execute(_frame_select().where(Session.id == session_id, Session.id.in_(mine))).one_or_none()
    if row is None:
        raise NotFound
    session: Session = row.Session
    vault.load_keys([session.couple_id, row.id_a, row.id_b])
    own = sessions.as_appointment(session)
    appointments = sessions.appointments_of([session.couple_id])
    before = previous_joint(own, appointments)
    closes_at = brief_until(own, appointments)
    until = min(clock.now(), session.starts_at)
    cut_off = min(until, closes_at)
    sent = sent_forms.so_far(viewer, session.couple_id)
    return Material(
        session.id,
        session.couple_id,
        own.kind,
        brief_until(before, appointments) if before else None,
        before.starts_at if before else None,
        cut_off,
        until,
        ZoneInfo(row.Practice.zone),
        _frame(row, own, number_of(own, appointments), before, (cut_off, closes_at)),
        notes.standing_at(session.couple_id, until, before=session.starts_at),
        _given(session.couple_id, row.coach_name, cut_off),
        tuple(form.as_of(cut_off) for form in sent if form.submitted_at <= cut_off),
        {copy: _as_chosen(getattr(row, _chosen(copy))) for copy in Copy},
        sent,
        row.Practice.prints_strip,
    )


def _chosen(copy: Copy) -> str:
    return f"chosen_for_{copy}"


def _as_chosen(row: BriefChoice | None) -> Choices:
    """What was chosen for one copy; its couple's key is loaded."""
    if row is None:
        return Choices()
    line = vault.unseal_or_none(row.couple_id, LINE, row.id, row.line) or ""
    return Choices(line, frozenset(row.hidden.split()), tuple(row.openers.split()), row.chosen_at)


@cache  # building it takes longer than asking it
def _frame_select() -> Select[*tuple[Any, ...]]:
    """A session with its couple, coach, practice, step, and both partners' names and ids."""
    coach = aliased(Person)
    statement = (
        select(Session, Practice, coach.display_name.label("coach_name"), *_step_columns())
        .select_from(Session)
        .join(Couple, Couple.id == Session.couple_id)
        .join(Practice, Practice.id == Session.practice_id)
        .join(coach, coach.id == Couple.coach_id)
        .outerjoin(Step, (Step.practice_id == Couple.practice_id) & (Step.slug == Couple.step) & _is_in_use(Step))
    )
    for copy in Copy:
        choice = aliased(BriefChoice, name=_chosen(copy))
        statement = statement.add_columns(choice).outerjoin(
            choice, (choice.session_id == Session.id) & (choice.copy == copy)
        )
    for label in Label:
        partnership, person, end = aliased(Partnership), aliased(Person), label.lower()
        is_theirs = (partnership.couple_id == Couple.id) & (partnership.label == label)
        statement = (
            statement.add_columns(person.display_name.label(f"name_{end}"), person.id.label(f"id_{end}"))
            .join(partnership, is_theirs)
            .join(person, person.id == partnership.person_id)
        )
    return statement


def _step_columns() -> tuple[Any, ...]:
    """The couple's step, its number in the practice's order, and how many there are; a retired one is none."""
    other = aliased(Step)
    all_steps = select(func.count(other.id)).where(other.practice_id == Couple.practice_id, _is_in_use(other))
    up_to_it = all_steps.where(other.position <= Step.position)
    return (
        Step.slug.label("step"),
        Step.title.label("step_title"),
        up_to_it.correlate(Couple, Step).scalar_subquery().label("step_number"),
        all_steps.correlate(Couple).scalar_subquery().label("step_of"),
    )


def _is_in_use(step: Any) -> ColumnElement[bool]:
    is_in_use: ColumnElement[bool] = step.retired_at.is_(None)
    return is_in_use


def _frame(
    row: Row[Any], own: Appointment, number: int, before: Appointment | None, data: tuple[datetime, datetime]
) -> Frame:
    """`data`: until when answers are in, and until when they count."""
    practice: Practice = row.Practice
    zone = ZoneInfo(practice.zone)
    return Frame(
        names=Both(row.name_a, row.name_b),
        coach=row.coach_name,
        number=number,
        starts_at=own.starts_at.astimezone(zone),
        last_met=before.starts_at.astimezone(zone).date() if before else None,
        step=StepNow(row.step, row.step_number, row.step_of, row.step_title) if row.step else None,
        cut_off=data[0].astimezone(zone),
        policy=Policy(practice.policy),
        policy_version=practice.policy_version,
        policy_since=(practice.policy_since or practice.created_at).astimezone(zone).date(),
        closes_at=data[1].astimezone(zone),
    )


def _given(couple_id: UUID, coach_name: str, cut_off: datetime) -> tuple[Given, ...]:
    statement = (
        select(Assignment, QuestionnaireVersion.title, QuestionnaireVersion.purpose, Questionnaire.slug, Practice.zone)
        .add_columns(in_own_time().label("begun_at"))
        .join(Practice, Practice.id == Assignment.practice_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(
            Assignment.couple_id == couple_id,
            Assignment.created_at <= cut_off,
            Questionnaire.kind == Kind.EXERCISE,
        )
        .order_by(Assignment.assigned_on.desc(), Assignment.created_at.desc(), Assignment.id)
    )
    rows = db.session.execute(statement).all()
    reached = _reached(couple_id, [row.Assignment.id for row in rows if row.begun_at], cut_off)
    return tuple(_as_given(row, coach_name, cut_off, reached) for row in rows)


def _reached(couple_id: UUID, assignment_ids: list[UUID], cut_off: datetime) -> dict[UUID, frozenset[Label]]:
    """Whose copy had gone out, of steps of which each gets theirs in their own time."""
    if not assignment_ids:
        return {}
    copies = (
        select(Task.assignment_id, Partnership.label)
        .join(Partnership, (Partnership.person_id == Task.person_id) & (Partnership.couple_id == couple_id))
        .where(Task.assignment_id.in_(assignment_ids), Task.issued_at <= cut_off)
    )
    found: dict[UUID, frozenset[Label]] = {}
    for assignment_id, label in db.session.execute(copies):
        found[assignment_id] = found.get(assignment_id, frozenset()) | {Label(label)}
    return found


def _as_given(
    row: Row[*tuple[Any, ...]], coach_name: str, cut_off: datetime, reached: dict[UUID, frozenset[Label]]
) -> Given:
    given: Assignment = row.Assignment
    why = vault.unseal_or_none(given.couple_id, "assignments.why", given.id, given.why) or row.purpose
    return Given(
        given.id,
        row.slug,
        speak(row.title, coach_name),
        speak(why, coach_name),
        For(given.given_to),
        given.assigned_on,
        given.due_on,
        given.extended_to,
        given.withdrawn_at is not None and given.withdrawn_at <= cut_off,
        reached.get(given.id, frozenset()) if row.begun_at else frozenset(For(given.given_to).labels),
        row.begun_at.astimezone(ZoneInfo(row.zone)).date() if row.begun_at else None,
    )
