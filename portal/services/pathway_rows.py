"""Pathways as they stand in the tables, as the domain's values: steps in the coach's order, and each one's own side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, select

from portal.domain.assignments import For
from portal.domain.own_paths import Side
from portal.domain.pathways import Pathway, PathwayStep, ReleaseKind, opening_of_confirmation, release
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.session_facts import Both
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Partnership
from portal.models.pathways import Pathway as PathwayRow
from portal.models.pathways import PathwayStep as StepRow
from portal.models.practices import Practice
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.users import Person


@dataclass(frozen=True, slots=True)
class Way:
    """One pathway: its rows, whose it is by label, the practice's zone, and where each partner stands.

    `steps` are rows of a step with the entry it is of: its id, title, audience and minutes.
    """

    row: PathwayRow
    zone: str
    steps: tuple[Row[Any], ...]
    names: Both[str]
    sides: Both[Side]

    def as_of(self, now: datetime) -> Pathway:
        """As it stands at an instant (aware): what the coach has confirmed opens at the 08:00 that follows."""
        return Pathway(tuple(self._step(row, now) for row in self.steps))

    @property
    def decided(self) -> Pathway:
        """As the coach has left it: what is confirmed is, also before it opens."""
        return Pathway(tuple(self._step(row, None) for row in self.steps))

    def step(self, step_id: UUID) -> Row[Any]:
        return next(row for row in self.steps if row.PathwayStep.id == step_id)

    def opens_at(self, step: StepRow, label: Label) -> datetime | None:
        """When what the coach has confirmed for somebody opens; None where nothing is confirmed."""
        at = step.confirmed_a_at if label is Label.A else step.confirmed_b_at
        return None if at is None else opening_of_confirmation(at, self.zone)

    def _step(self, row: Row[Any], now: datetime | None) -> PathwayStep:
        step: StepRow = row.PathwayStep
        openings = {label: self.opens_at(step, label) for label in Label}
        return PathwayStep(
            step.id,
            row.questionnaire_id,
            Audience(row.audience),
            For(step.given_to),
            release(ReleaseKind(step.release), step.release_on, step.release_after, step.release_days),
            frozenset(label for label, at in openings.items() if at is not None and (now is None or at <= now)),
            step.skipped_at is not None or row.withdrawn_at is not None,
        )


def in_own_time() -> ScalarSelect[datetime | None]:
    """When the pathway began of which an assignment is a step that each partner gets in their own time; else nothing.

    On which day whose copy of it went out follows from what that partner did, and is nothing for the other to know.
    """
    began = select(PathwayRow.begun_at).join(StepRow, StepRow.pathway_id == PathwayRow.id)
    its = began.where(StepRow.assignment_id == Assignment.id, StepRow.given_to == For.BOTH)
    return its.correlate(Assignment).scalar_subquery()


def ways_of(rows: Sequence[PathwayRow]) -> tuple[Way, ...]:
    """Pathways whose couples the caller has found, in three statements however many they are."""
    if not rows:
        return ()
    ids, couple_ids = [row.id for row in rows], [row.couple_id for row in rows]
    steps, copies, people = _steps(ids), _copies(ids), _people(couple_ids)
    return tuple(_way(row, steps.get(row.id, ()), copies.get(row.id, ()), people[row.couple_id]) for row in rows)


def _way(row: PathwayRow, steps: Sequence[Row[Any]], copies: Sequence[Row[Any]], people: Sequence[Row[Any]]) -> Way:
    by_label = {Label(person.label): person for person in people}
    sides = Both(*(_side([one for one in copies if one.label == label], by_label[label].zone) for label in Label))
    names = Both(*(by_label[label].display_name for label in Label))
    return Way(row, by_label[Label.A].practice_zone, tuple(steps), names, sides)


def _side(copies: Iterable[Row[Any]], zone: str) -> Side:
    own = {copy.step_id: copy.submitted_at for copy in copies}
    return Side(frozenset(own), {step_id: at for step_id, at in own.items() if at is not None}, zone)


def _steps(ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    version = QuestionnaireVersion
    statement = (
        select(StepRow, version.questionnaire_id, version.title, version.audience, version.minutes)
        .add_columns(Assignment.withdrawn_at)
        .join(version, version.id == StepRow.version_id)
        .outerjoin(Assignment, Assignment.id == StepRow.assignment_id)
        .where(StepRow.pathway_id.in_(ids))
        .order_by(StepRow.position, StepRow.id)
    )
    found: dict[UUID, list[Row[Any]]] = {}
    for row in db.session.execute(statement.execution_options(populate_existing=True)):
        found.setdefault(row.PathwayStep.pathway_id, []).append(row)
    return found


def _copies(ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    """What has reached whom of these pathways, and when it was sent."""
    statement: Select[*tuple[Any, ...]] = (
        select(StepRow.pathway_id, StepRow.id.label("step_id"), Partnership.label, Task.submitted_at)
        .join(PathwayRow, PathwayRow.id == StepRow.pathway_id)
        .join(Task, Task.assignment_id == StepRow.assignment_id)
        .join(Partnership, (Partnership.couple_id == PathwayRow.couple_id) & (Partnership.person_id == Task.person_id))
        .where(StepRow.pathway_id.in_(ids))
    )
    found: dict[UUID, list[Row[Any]]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.pathway_id, []).append(row)
    return found


def _people(couple_ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    statement = (
        select(Partnership.couple_id, Partnership.label, Person.display_name, Person.zone)
        .add_columns(Practice.zone.label("practice_zone"))
        .join(Person, Person.id == Partnership.person_id)
        .join(Practice, Practice.id == Partnership.practice_id)
        .where(Partnership.couple_id.in_(couple_ids))
    )
    found: dict[UUID, list[Row[Any]]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.couple_id, []).append(row)
    return found
