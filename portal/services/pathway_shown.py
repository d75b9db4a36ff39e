"""A couple's pathway as its coach reads it: where both are, what waits to be opened, and what could come next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from portal import clock
from portal.domain.assignments import For
from portal.domain.own_paths import Here
from portal.domain.pathway_proposals import Proposal, ToConfirm, proposals, to_confirm, where_are_they
from portal.domain.pathways import PathwayStep, ReleaseKind
from portal.domain.people import Label, Viewer
from portal.domain.programme import Audience
from portal.domain.session_facts import Both
from portal.extensions import db
from portal.models.pathways import PathwayStep as StepRow
from portal.services import pathway_rows, scope, scope_of_colleagues, scope_of_pathways, taking_part, vault
from portal.services.pathway_issuing import WHY
from portal.services.pathway_rows import Way
from portal.services.pathways import SKIPPED_WHY


@dataclass(frozen=True, slots=True)
class SideOfStep:
    """One partner at one step: when they sent their form, whether they have it, else when it opens if that is known."""

    label: Label
    name: str
    sent_at: datetime | None
    has_it: bool
    opens_at: datetime | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step in the coach's order; `after` is the title of the step that it follows, `sides` whom it is for.

    `to_open`: for whom the coach alone can open it, and has not; `ready` are those of them who have come to it.
    """

    step_id: UUID
    title: str
    audience: Audience
    minutes: int
    given_to: For
    kind: ReleaseKind
    day: date | None
    after: str | None
    days: int
    days_open: int
    why: str | None
    is_skipped: bool
    skipped_why: str | None
    assignment_id: UUID | None
    sides: tuple[SideOfStep, ...]
    to_open: tuple[Label, ...]
    ready: tuple[Label, ...]

    @property
    def can_change(self) -> bool:
        """Whether somebody has it still before them, and it may be another for them."""
        return not self.is_skipped and not all(side.has_it for side in self.sides)


@dataclass(frozen=True, slots=True)
class PathwayShown:
    """The page of a couple's pathway; `begun_at` is None before it begins, `steps` empty where there is none.

    While it is held, since `held_at`, nothing new of it reaches anybody.

    Each of `proposals` is made from what both did, opens nothing, and is for the coach alone.
    """

    couple_id: UUID
    couple_names: str
    names: Mapping[Label, str]
    begun_at: datetime | None
    held_at: datetime | None
    steps: tuple[StepShown, ...]
    proposals: tuple[Proposal, ...]
    titles: Mapping[UUID, str]

    @property
    def waiting(self) -> tuple[StepShown, ...]:
        """What waits for the coach, in her order: somebody has come to it, and cannot go on without her."""
        return tuple(step for step in self.steps if step.ready)


def pathway(viewer: Viewer, couple_id: UUID) -> PathwayShown:
    """The pathway of a couple that the viewer may read, in a fixed number of statements. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_read)
    mine = scope_of_pathways.pathway(viewer, couple_id, scope.couples_to_read)
    row = db.session.scalars(mine).one_or_none()
    if row is None:
        return PathwayShown(couple.id, couple.names, taking_part.names(couple.id), None, None, (), (), {})
    [way] = pathway_rows.ways_of([row])
    titles = {one.PathwayStep.id: one.title for one in way.steps}
    names = {label: way.names.of(label) for label in Label}
    told = proposals(way.decided, way.sides, clock.now()) if row.begun_at and way.steps else ()
    has_reason = any(one.PathwayStep.skipped_why for one in way.steps)
    steps = _steps(way, tells_why=has_reason and scope_of_colleagues.acts_for(viewer, couple.id))
    return PathwayShown(couple.id, couple.names, names, row.begun_at, row.held_at, steps, told, titles)


def _steps(way: Way, *, tells_why: bool) -> tuple[StepShown, ...]:
    now, decided, has_begun = clock.now(), way.decided, way.row.begun_at is not None
    places = where_are_they(way.as_of(now), way.sides, now) if has_begun else None
    waiting = {one.step: one for one in to_confirm(decided, way.sides)} if has_begun else {}
    titles = {one.PathwayStep.id: one.title for one in way.steps}
    return tuple(
        _step(way, row, step, _Around(places, waiting.get(step.id), titles, tells_why))
        for row, step in zip(way.steps, decided.steps, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What a step is shown with: where both are, whether it waits for the coach, and what the others are called."""

    places: Both[Here] | None
    waiting: ToConfirm | None
    titles: Mapping[UUID, str]
    tells_why: bool


def _step(way: Way, row: Row[Any], step: PathwayStep, around: _Around) -> StepShown:
    kept: StepRow = row.PathwayStep
    return StepShown(
        step.id,
        row.title,
        step.audience,
        row.minutes,
        step.given_to,
        step.release.kind,
        kept.release_on,
        around.titles.get(kept.release_after) if kept.release_after else None,
        kept.release_days,
        kept.days_open,
        vault.unseal_or_none(way.row.couple_id, WHY, kept.id, kept.why),
        step.is_skipped,
        vault.unseal_or_none(way.row.couple_id, SKIPPED_WHY, kept.id, kept.skipped_why) if around.tells_why else None,
        kept.assignment_id,
        tuple(_side(way, kept, label, around.places) for label in step.given_to.labels),
        around.waiting.labels if around.waiting else (),
        around.waiting.ready if around.waiting else (),
    )


def _side(way: Way, step: StepRow, label: Label, places: Both[Here] | None) -> SideOfStep:
    side = way.sides.of(label)
    here = places.of(label) if places else None
    is_here = here is not None and here.step == step.id
    opens_at = way.opens_at(step, label) or (here.opens_at if here and is_here else None)
    return SideOfStep(label, way.names.of(label), side.done.get(step.id), step.id in side.given, opens_at, is_here)
