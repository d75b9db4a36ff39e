"""Holds: the owner says that a person's records must be kept for now, and nothing of theirs is erased meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal import clock, randomness
from portal.domain.errors import NotAllowed
from portal.domain.people import PersonState, Viewer
from portal.domain.roles import check_owner
from portal.extensions import begin_write, db
from portal.models.erasures import Hold
from portal.models.users import Person
from portal.services import audit, erasures, scope


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that stands."""

    hold_id: UUID
    name: str
    placed_at: datetime


def holds(viewer: Viewer) -> tuple[Held, ...]:
    """The holds that stand, the latest first; empty for all but the owner."""
    rows = db.session.execute(
        scope.holds(viewer)
        .where(Hold.lifted_at.is_(None))
        .join(Person, Person.id == Hold.person_id)
        .with_only_columns(Hold.id, Person.display_name, Hold.placed_at)
        .order_by(Hold.placed_at.desc(), Hold.id)
    )
    return tuple(Held(*row) for row in rows)


def people(viewer: Viewer) -> tuple[tuple[UUID, str], ...]:
    """The partners whom the viewer may see to, by name: those whose records are still there."""
    there = scope.partners(viewer).where(Person.state != PersonState.DEACTIVATED)
    rows = db.session.scalars(there.order_by(Person.display_name, Person.id))
    return tuple((row.id, row.display_name) for row in rows)


def place(viewer: Viewer, person_id: UUID) -> None:
    """Keep a person's records; a second time changes nothing. For the owner.

    Raises NotFound, and NotAllowed where they are being erased already.
    """
    begin_write()
    check_owner(viewer)
    person = erasures.hold_person(scope.found(scope.partners(viewer).where(Person.id == person_id)).id)
    standing = erasures.standing_of(person.id)
    if standing is not None and standing.begun_at is not None:
        raise NotAllowed("erased_already")
    if not erasures.is_held(person.id):
        hold = Hold(
            id=randomness.new_id(),
            practice_id=viewer.practice_id,
            person_id=person.id,
            placed_by=viewer.person_id,
            placed_at=clock.now(),
        )
        db.session.add(hold)
        audit.record(viewer, "hold:placed", person.id)
    db.session.commit()


def lift(viewer: Viewer, hold_id: UUID) -> None:
    """Let the records go their way again; a second time changes nothing. For the owner; raises NotFound."""
    begin_write()
    hold = scope.found(scope.holds(viewer).where(Hold.id == hold_id).with_for_update())
    if hold.lifted_at is None:
        hold.lifted_by, hold.lifted_at = viewer.person_id, clock.now()
        audit.record(viewer, "hold:lifted", hold.person_id)
    db.session.commit()
