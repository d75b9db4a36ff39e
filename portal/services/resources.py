"""The shelf: what a practice puts beside its steps to hear, to see or to read, and what a partner finds there."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal import clock, randomness
from portal.domain import resources as rules
from portal.domain.errors import Invalid
from portal.domain.media import Media
from portal.domain.people import Viewer
from portal.domain.resources import MOST_ON_STEP, ResourceKind
from portal.domain.resources import Resource as Link
from portal.extensions import begin_write, db
from portal.models.programme import Step
from portal.models.resources import Resource
from portal.services import audit, ordering, programme, scope, scope_of_resources


@dataclass(frozen=True, slots=True)
class NewResource:
    """A link as a coach types it; `minutes` is None where nobody said."""

    step: str
    kind: str
    title: str
    address: str
    minutes: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One link as the practice keeps it; one that was taken away can be put back."""

    resource_id: UUID
    link: Link
    is_retired: bool


@dataclass(frozen=True, slots=True)
class ShelfOfStep:
    """What stands beside one step, in the practice's order, and what was taken away."""

    step: str
    title: str
    kept: tuple[Kept, ...]
    retired: tuple[Kept, ...]


def shelf(viewer: Viewer) -> tuple[ShelfOfStep, ...]:
    """The whole shelf of the viewer's practice, step by step; two statements."""
    rows = db.session.scalars(scope_of_resources.resources(viewer).order_by(Resource.position, Resource.id))
    kept = [_kept(row) for row in rows]
    return tuple(
        ShelfOfStep(
            step.slug,
            step.title,
            tuple(one for one in kept if one.link.step == step.slug and not one.is_retired),
            tuple(one for one in kept if one.link.step == step.slug and one.is_retired),
        )
        for step in programme.steps_of(viewer)
    )


def one(viewer: Viewer, resource_id: UUID) -> Kept:
    """One link of the viewer's practice. Raises NotFound."""
    return _kept(scope.found(scope_of_resources.resources(viewer).where(Resource.id == resource_id)))


def for_partner(viewer: Viewer) -> tuple[Link, ...]:
    """What stands beside the step of the couple that the viewer is in; the same for both. NotFound for the staff."""
    rows = scope.of_partner(viewer, scope_of_resources.of_partners_step())
    return tuple(Link("", ResourceKind(row.kind), Media(row.title, row.address, row.minutes), row.why) for row in rows)


def _kept(row: Resource) -> Kept:
    media = Media(row.title, row.address, row.minutes)
    return Kept(row.id, Link(row.step, ResourceKind(row.kind), media, row.why), row.retired_at is not None)


def add(viewer: Viewer, new: NewResource) -> UUID:
    """Put a link at the end of what stands beside its step. Raises NotFound, and Invalid with `field`."""
    begin_write()
    link = _checked(viewer, new)
    _check_room(viewer, link.step)
    row = Resource(id=randomness.new_id(), practice_id=viewer.practice_id, position=_place_at_end(viewer, link.step))
    _write(row, link)
    db.session.add(row)
    audit.record(viewer, "resource:added", row.id)
    db.session.commit()
    return row.id


def change(viewer: Viewer, resource_id: UUID, new: NewResource) -> None:
    """Let a link say something else, or stand at the end of what is beside another step.

    Raises NotFound, and Invalid with `field`.
    """
    begin_write()
    row = scope_of_resources.resource(viewer, resource_id)
    link = _checked(viewer, new)
    if link.step != row.step:
        if row.retired_at is None:
            _check_room(viewer, link.step)
        row.position = _place_at_end(viewer, link.step)
    _write(row, link)
    audit.record(viewer, "resource:changed", row.id)
    db.session.commit()


def _checked(viewer: Viewer, new: NewResource) -> Link:
    """What was typed, as a link; its step is held, so that two who add at once do not take the same place."""
    scope_of_resources.check_coach(viewer)
    programme.check_step(viewer, new.step)
    _hold_step(viewer, new.step)
    return rules.checked(new.step, new.kind, new.title, new.address, new.minutes, new.why)


def _hold_step(viewer: Viewer, step: str) -> None:
    own = (Step.practice_id == viewer.practice_id, Step.slug == step)
    db.session.execute(select(Step.id).where(*own).with_for_update())


def _check_room(viewer: Viewer, step: str) -> None:
    """Raise Invalid "shelf_full", with `field`, where no more may stand beside a step; the caller holds it."""
    on_shelf = (Resource.step == step, Resource.retired_at.is_(None))
    count = scope_of_resources.resources(viewer).where(*on_shelf).with_only_columns(func.count(Resource.id))
    if db.session.scalars(count).one() >= MOST_ON_STEP:
        raise Invalid("shelf_full", most=MOST_ON_STEP, field="step")


def _place_at_end(viewer: Viewer, step: str) -> int:
    """The place behind everything beside a step, what was taken off too; the caller holds the step."""
    beside = scope_of_resources.resources(viewer).where(Resource.step == step)
    return (db.session.scalar(beside.with_only_columns(func.max(Resource.position))) or 0) + 1


def _write(row: Resource, link: Link) -> None:
    row.step, row.kind, row.why = link.step, link.kind, link.why
    row.title, row.address, row.minutes = link.media.title, link.media.address, link.media.minutes


def retire(viewer: Viewer, resource_id: UUID) -> None:
    """Take a link off the partners' pages. A second time changes nothing. Raises NotFound."""
    begin_write()
    row = scope_of_resources.resource(viewer, resource_id)
    if row.retired_at is None:
        row.retired_at = clock.now()
        audit.record(viewer, "resource:retired", row.id)
    db.session.commit()


def bring_back(viewer: Viewer, resource_id: UUID) -> None:
    """Put a link where it stood. A second time changes nothing.

    Raises NotFound, and Invalid "shelf_full" where others took its place.
    """
    begin_write()
    row = scope_of_resources.resource(viewer, resource_id)
    if row.retired_at is not None:
        _hold_step(viewer, row.step)
        _check_room(viewer, row.step)
        row.retired_at = None
        audit.record(viewer, "resource:brought_back", row.id)
    db.session.commit()


def move(viewer: Viewer, resource_id: UUID, *, up: bool) -> None:
    """Put a link a place up or down among those beside its step; at an end it stays. Raises NotFound."""
    begin_write()
    row = scope_of_resources.resource(viewer, resource_id, is_held=False)
    beside = scope_of_resources.resources(viewer).where(Resource.step == row.step, Resource.retired_at.is_(None))
    rows = ordering.held(beside, Resource.id)
    if row in rows:
        ordering.move(rows, row, up=up)
        audit.record(viewer, "resource:reordered", row.id)
    db.session.commit()
