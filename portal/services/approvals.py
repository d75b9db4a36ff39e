"""Erasures as the members of a practice see them: two of them say yes, or what the practice began is stopped."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.erasure import Approval, Cause, Stage, begins_anew, check_second, stage
from portal.domain.errors import NotAllowed, Refused
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.erasures import Erasure
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import audit, erasures, scope

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """One erasure on the practice's page. `name` is the person's, neutral once it is done."""

    erasure_id: UUID
    name: str
    cause: Cause
    stage: Stage
    asked_at: datetime
    not_before: datetime
    looked_at_by: str | None
    is_held: bool
    by_one_alone: bool  # there is nobody else in the practice who could approve
    may_approve: bool
    may_stop: bool
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was destroyed, when, and by whose two approvals; nothing of what it was.

    `destroyed` counts by kind: forms, drafts, lines, doors, keys; `joint` says that the couple's common texts went too.
    """

    erasure_id: UUID
    practice_name: str
    zone: str
    cause: Cause
    asked_at: datetime
    approvals: tuple[tuple[str, datetime], ...]
    done_at: datetime
    destroyed: tuple[tuple[str, int], ...]


def shown(viewer: Viewer) -> tuple[Shown, ...]:
    """What waits in the practice, the oldest first, then what was done; for its owner and coaches."""
    rows = db.session.execute(
        scope.erasures(viewer)
        .join(Person, Person.id == Erasure.person_id)
        .add_columns(Person.display_name)
        .where(Erasure.withdrawn_at.is_(None))
        .order_by(Erasure.done_at.is_not(None), Erasure.done_at.desc(), Erasure.asked_at, Erasure.id)
        .limit(MOST_SHOWN)
    ).all()
    names = _names({row.Erasure.first_by for row in rows})
    members = len(erasures.approvers(viewer.practice_id))
    return tuple(_shown(viewer, row.Erasure, row.display_name, names, members) for row in rows)


def _names(person_ids: set[UUID | None]) -> dict[UUID | None, str]:
    rows = db.session.execute(select(Person.id, Person.display_name).where(Person.id.in_(person_ids - {None})))
    return {row.id: row.display_name for row in rows}


def _shown(viewer: Viewer, row: Erasure, name: str, names: dict[UUID | None, str], members: int) -> Shown:
    held = erasures.is_held(row.person_id)
    return Shown(
        row.id,
        name,
        Cause(row.cause),
        stage(row.first_at, row.second_at, row.done_at),
        row.asked_at,
        row.not_before,
        names.get(row.first_by),
        held,
        members == 1,
        row.second_at is None and not held and _may_approve(viewer, row, members),
        row.begun_at is None and row.cause != Cause.OWN,
        row.done_at,
    )


def _may_approve(viewer: Viewer, row: Erasure, members: int) -> bool:
    try:
        _check(viewer, row, members)
    except Refused:
        return False
    return True


def _check(viewer: Viewer, row: Erasure, members: int) -> bool:
    """Whether an approval would be the first; raises as `approve` does."""
    if row.first_by is None or row.first_at is None:
        return True
    first = Approval(row.first_by, row.first_at, row.first_was_alone)
    second = Approval(viewer.person_id, clock.now(), members == 1)
    if begins_anew(first, second):
        return True
    check_second(first, second)
    return False


def approve(viewer: Viewer, erasure_id: UUID) -> None:
    """Say yes to an erasure, as the first or the second of two.

    Who said yes while there was somebody else, and is alone now, says it anew as the first.

    Raises NotFound; NotAllowed where another member has to, where it is held, or it waits for nobody; and Invalid
    "approve_again_later" in a practice of one.
    """
    begin_write()
    row = _held_row(viewer, erasure_id)
    if row.second_at is not None:
        raise NotAllowed("approved_already")
    if erasures.is_held(row.person_id):
        raise NotAllowed("records_are_held")
    members = len(erasures.approvers(viewer.practice_id))
    if _check(viewer, row, members):
        row.first_by, row.first_at, row.first_was_alone = viewer.person_id, clock.now(), members == 1
        audit.record(viewer, "erasure:approved_once", row.person_id)
    else:
        row.second_by, row.second_at = viewer.person_id, clock.now()
        audit.record(viewer, "erasure:approved", row.person_id)
    db.session.commit()


def stop(viewer: Viewer, erasure_id: UUID) -> None:
    """Take back what the practice began, while it is not carried out. What the person asked for is the person's.

    Raises NotFound, and NotAllowed.
    """
    begin_write()
    row = _held_row(viewer, erasure_id)
    if row.cause == Cause.OWN or row.begun_at is not None:
        raise NotAllowed("not_the_practices_to_stop")
    row.withdrawn_at = clock.now()
    audit.record(viewer, "erasure:stopped", row.person_id)
    db.session.commit()


def _held_row(viewer: Viewer, erasure_id: UUID) -> Erasure:
    """An erasure that stands, held until the commit, and its person with it; raises NotFound."""
    one = scope.erasures(viewer).where(Erasure.id == erasure_id, Erasure.withdrawn_at.is_(None))
    erasures.hold_person(scope.found(one).person_id)
    return scope.found(one.execution_options(populate_existing=True))


def certificate(viewer: Viewer, erasure_id: UUID) -> Certificate:
    """The certificate of an erasure that is done; raises NotFound."""
    done = scope.erasures(viewer).where(Erasure.id == erasure_id, Erasure.done_at.is_not(None))
    row = scope.found(done)
    practice: Practice = scope.own_practice(viewer)
    names = _names({row.first_by, row.second_by})
    approvals = ((names[row.first_by], row.first_at), (names[row.second_by], row.second_at))
    return Certificate(
        row.id,
        practice.name,
        practice.zone,
        Cause(row.cause),
        row.asked_at,
        tuple((name, at) for name, at in approvals if at is not None),
        row.done_at or row.asked_at,
        tuple(sorted((row.destroyed or {}).items())),
    )
