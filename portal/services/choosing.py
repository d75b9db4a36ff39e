"""Choosing: what a partner may choose from, and one small step taken of it, which becomes a task of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from portal import clock
from portal.domain.accounts import stays_sealed
from portal.domain.assignments import For
from portal.domain.people import Label, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.choices import OfferedChoice, OfferedStep
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.users import Person
from portal.services import audit, choices, issuing, scope, scope_of_choices, taking_part, vault
from portal.services.issuing import Copies, Given


@dataclass(frozen=True, slots=True)
class StepToTake:
    """One of the steps that somebody may take."""

    step_id: UUID
    title: str
    purpose: str
    minutes: int
    frequency: str


@dataclass(frozen=True, slots=True)
class ChoiceToMake:
    """What a partner may choose from now, with the coach's words about it."""

    choice_id: UUID
    why: str | None  # closed after a reset by mail
    due_on: date
    steps: tuple[StepToTake, ...]


@dataclass(frozen=True, slots=True)
class OfferedToMe:
    """What one could choose from at some time, and the title of what was taken."""

    titles: tuple[str, ...]
    offered_at: datetime
    why: str | None
    taken: str | None


def open_choice(viewer: Viewer) -> ChoiceToMake | None:
    """What the viewer may choose from now, None for nothing; in one statement."""
    rows = scope.of_partner(viewer, _open_steps())
    if not rows:
        return None
    first = rows[0]
    why = None if stays_sealed(first.reset_at, first.vouched_at) else first.why
    return ChoiceToMake(
        first.choice_id,
        vault.unseal_or_none(viewer.person_id, choices.WHY, first.choice_id, why),
        first.due_on,
        tuple(StepToTake(row.id, row.title, row.purpose, row.minutes, row.frequency) for row in rows),
    )


@cache
def _open_steps() -> Select[*tuple[Any, ...]]:
    return (
        select(
            OfferedStep.id,
            OfferedStep.choice_id,
            OfferedChoice.why,
            OfferedChoice.due_on,
            QuestionnaireVersion.title,
            QuestionnaireVersion.purpose,
            QuestionnaireVersion.minutes,
            QuestionnaireVersion.frequency,
            Person.reset_at,
            Person.vouched_at,
        )
        .join(OfferedChoice, OfferedChoice.id == OfferedStep.choice_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == OfferedStep.version_id)
        .join(Person, Person.id == OfferedChoice.person_id)
        .where(
            OfferedChoice.practice_id == scope.A_PARTNER.practice_id,
            OfferedChoice.person_id == scope.A_PARTNER.person_id,
            OfferedChoice.picked_at.is_(None),
            OfferedChoice.withdrawn_at.is_(None),
        )
        .order_by(OfferedStep.position)
    )


def pick(viewer: Viewer, choice_id: UUID, step_id: UUID) -> UUID:
    """Take one step; gives the id of the task that it is now. What was not taken is there no more.

    A second time, with whatever step, gives the same task. Raises NotFound, also for what was taken back.
    """
    begin_write()
    own = scope_of_choices.own_choice(viewer, choice_id)
    couple_id = scope.found(own).couple_id
    taking_part.hold(couple_id, is_shared=True)
    _hold_place(viewer, couple_id)
    choice = scope.found(own.with_for_update().execution_options(populate_existing=True))
    if choice.task_id is None:
        choice.task_id, choice.picked_at = _given(viewer, choice, step_id), clock.now()
        audit.record(viewer, "choice:made", viewer.person_id)
    task_id = choice.task_id
    db.session.commit()
    return task_id


def _hold_place(viewer: Viewer, couple_id: UUID) -> None:
    """Hold one's own place in the couple, before the choice: as whoever offers another does, and then takes it back."""
    place = (Partnership.couple_id == couple_id, Partnership.person_id == viewer.person_id)
    db.session.execute(select(Partnership.label).where(*place).with_for_update(read=True))


def _given(viewer: Viewer, choice: OfferedChoice, step_id: UUID) -> UUID:
    """The task of a step that is taken: an assignment to this one alone, and without a mail."""
    version = scope.found(
        select(QuestionnaireVersion)
        .join(OfferedStep, OfferedStep.version_id == QuestionnaireVersion.id)
        .where(
            OfferedStep.practice_id == viewer.practice_id,
            OfferedStep.choice_id == choice.id,
            OfferedStep.id == step_id,
        )
    )
    row = db.session.execute(
        select(Couple, Partnership.label)
        .join(Partnership, Partnership.couple_id == Couple.id)
        .where(Couple.id == choice.couple_id, Partnership.person_id == viewer.person_id)
    ).one()
    label, today = Label(row.label), clock.today(scope.own_practice(viewer).zone)
    why = vault.unseal_or_none(viewer.person_id, choices.WHY, choice.id, choice.why) or ""
    given = Given(For.A if label is Label.A else For.B, today, max(choice.due_on, today), why)
    assignment = issuing.open_assignment(row.Couple, version, given, choice.offered_by)
    copies = Copies(version.questionnaire_id, (label,), given.due_on, is_told=False)
    [task_id] = issuing.issue_copies(row.Couple, assignment, copies)
    db.session.flush()
    return task_id


def offered_to(viewer: Viewer) -> tuple[OfferedToMe, ...]:
    """Everything that somebody was offered, the oldest first; what was taken back before a choice was not offered."""
    rows = db.session.execute(
        select(OfferedChoice, Assignment.version_id)
        .outerjoin(Task, Task.id == OfferedChoice.task_id)
        .outerjoin(Assignment, Assignment.id == Task.assignment_id)
        .where(OfferedChoice.practice_id == viewer.practice_id, OfferedChoice.person_id == viewer.person_id)
        .where(OfferedChoice.withdrawn_at.is_(None))
        .order_by(OfferedChoice.offered_at, OfferedChoice.id)
    ).all()
    titles = choices.titles_of(row.OfferedChoice.id for row in rows)
    return tuple(_offered(row.OfferedChoice, row.version_id, titles) for row in rows)


def _offered(found: OfferedChoice, version_id: UUID | None, titles: Mapping[UUID, Mapping[UUID, str]]) -> OfferedToMe:
    its = titles.get(found.id, {})
    why = vault.unseal_or_none(found.person_id, choices.WHY, found.id, found.why)
    return OfferedToMe(tuple(its.values()), found.offered_at, why, its.get(version_id) if version_id else None)
