"""The work of giving the same to many couples, in the background: each couple in a transaction of its own.

Broken off anywhere, it is gone on with where it stood: what was given is marked in the same transaction.
"""

from functools import partial
from uuid import UUID

from sqlalchemy import select, update

from portal import clock
from portal.domain.assignments import For
from portal.domain.bulk import REFUSED, Outcome, Reason
from portal.domain.errors import NotAllowed, NotFound, Refused
from portal.domain.people import PersonState, Role, Viewer
from portal.extensions import begin_write, db
from portal.models.bulk import BulkAssignment, BulkRow
from portal.models.couples import Couple
from portal.models.questionnaires import Questionnaire
from portal.models.users import Person
from portal.services import assignments, bulk, scope, taking_part, tenants, vault
from portal.services.assignments import NewAssignment
from portal.services.piecemeal import done


def carry_out(link: str = "") -> int:
    """Give what was asked for and waits, in all practices; gives how many assignments. `link` goes into the mails."""
    given = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        waiting = (BulkAssignment.practice_id == practice_id, BulkAssignment.done_at.is_(None))
        asked = select(BulkAssignment.id).where(*waiting).order_by(BulkAssignment.asked_at, BulkAssignment.id)
        given += sum(_one(bulk_id, link) for bulk_id in db.session.scalars(asked).all())
    return given


def _one(bulk_id: UUID, link: str) -> int:
    its = (BulkRow.bulk_id == bulk_id, BulkRow.outcome == Outcome.WAITING)
    rows = db.session.scalars(select(BulkRow.id).where(*its).order_by(BulkRow.position)).all()
    given = sum(done("couple of many", row_id, partial(_give, row_id, link)) for row_id in rows)
    done("many couples", bulk_id, partial(_finish, bulk_id))
    return given


def _give(row_id: UUID, link: str) -> bool:
    """Give one couple its part, or say why not; False for what was done already, or is passed over."""
    try:
        return _given(row_id, link)
    except Refused as refusal:
        db.session.rollback()  # with whatever was begun for them
        return _passed_over(row_id, REFUSED.get(refusal.code, Reason.OTHERWISE))


def _given(row_id: UUID, link: str) -> bool:
    begin_write()
    row = _held(row_id)
    if row is not None:
        row.assignment_id, row.outcome = _assigned(row, link), Outcome.GIVEN
    db.session.commit()
    return row is not None


def _passed_over(row_id: UUID, reason: Reason) -> bool:
    begin_write()
    row = _held(row_id)
    if row is not None:
        row.outcome, row.reason = Outcome.SKIPPED, reason
    db.session.commit()
    return False


def _held(row_id: UUID) -> BulkRow | None:
    """The row while it waits, held after its couple; None for one that was settled already."""
    couple_id = db.session.scalars(select(BulkRow.couple_id).where(BulkRow.id == row_id)).one()
    taking_part.hold(couple_id, is_shared=True)
    waits = (BulkRow.id == row_id, BulkRow.outcome == Outcome.WAITING)
    return db.session.scalars(select(BulkRow).where(*waits).with_for_update()).one_or_none()


def _assigned(row: BulkRow, link: str) -> UUID:
    """The assignment that it becomes. Raises Refused where the couple is passed over."""
    asked = db.session.scalars(select(BulkAssignment).where(BulkAssignment.id == row.bulk_id)).one()
    person = db.session.scalars(select(Person).where(Person.id == asked.asked_by)).one()
    viewer = Viewer(person.id, person.practice_id, Role(person.role))
    if person.state != PersonState.ACTIVE:
        raise NotFound
    couple = scope.found(scope.couples_to_act_for(viewer).where(Couple.id == row.couple_id))
    entry = db.session.scalars(select(Questionnaire).where(Questionnaire.id == asked.questionnaire_id)).one()
    reason = bulk.reasons_of([couple], entry, clock.today(scope.own_practice(viewer).zone))[couple.id]
    if reason is not None:
        raise NotAllowed(reason)
    why = vault.unseal_or_none(viewer.person_id, bulk.WHY, asked.id, asked.why) or ""
    return assignments.give(viewer, couple.id, NewAssignment(entry.id, For.BOTH, asked.due_on, why), link)


def _finish(bulk_id: UUID) -> bool:
    """Mark it as done once nothing of it waits."""
    begin_write()
    waits = select(BulkRow.id).where(BulkRow.bulk_id == bulk_id, BulkRow.outcome == Outcome.WAITING)
    is_done = db.session.scalars(waits).first() is None
    if is_done:
        marked = update(BulkAssignment).where(BulkAssignment.id == bulk_id, BulkAssignment.done_at.is_(None))
        db.session.execute(marked.values(done_at=clock.now()))
    db.session.commit()
    return is_done
