"""The work on the briefs of a day, in the background: one brief at a time, each in a transaction of its own.

A machine says of each that it has begun; one that says nothing more for two minutes has ended, and the brief is begun
anew, three times at most. One that cannot be set keeps no other back.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update

from portal import clock
from portal.domain.brief_choices import Copy
from portal.domain.day_packs import KEPT_FOR, MOST_TRIES, TAKEN_FOR, Outcome
from portal.domain.errors import NotFound
from portal.domain.people import PersonState, Role, Viewer
from portal.extensions import begin_write, db
from portal.models.day_packs import DayPack, DayPackRow
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import scope, tenants
from portal.services.rendered_briefs import Order

AT_ONCE = 6  # rows of one pack: what is cancelled ends after these


def orders() -> list[Order]:
    """The next briefs of each pack that is being made, in their order."""
    found: list[Order] = []
    for practice_id in tenants.each(tenants.AT_HOME):
        running = select(DayPack.id).where(DayPack.practice_id == practice_id, DayPack.ended_at.is_(None))
        for pack_id in db.session.scalars(running.order_by(DayPack.asked_at, DayPack.id)).all():
            rows = select(DayPackRow.id, DayPackRow.session_id).where(DayPackRow.pack_id == pack_id, _is_free())
            some = db.session.execute(rows.order_by(DayPackRow.position).limit(AT_ONCE)).all()
            found += [Order(practice_id, session_id, Copy.COACH, row_id=row_id) for row_id, session_id in some]
    return found


def _is_free() -> ColumnElement[bool]:
    has_ended = or_(DayPackRow.taken_at.is_(None), DayPackRow.taken_at <= clock.now() - TAKEN_FOR)
    return (DayPackRow.outcome == Outcome.WAITING) & has_ended


def take(row_id: UUID) -> Viewer | None:
    """Begin with one brief: for whom it is; None where another machine has it, or it will not be made any more."""
    begin_write()
    pack_id = select(DayPackRow.pack_id).where(DayPackRow.id == row_id).scalar_subquery()
    pack = db.session.scalars(select(DayPack).where(DayPack.id == pack_id).with_for_update()).one()
    row = db.session.scalars(select(DayPackRow).where(DayPackRow.id == row_id, _is_free())).one_or_none()
    viewer = None
    if row is not None and pack.ended_at is None:
        viewer = _reader_or_none(pack.asked_by, row.session_id)
        if viewer is None or row.tries >= MOST_TRIES:
            row.outcome = Outcome.GONE if viewer is None else Outcome.FAILED
            viewer = None
        else:
            row.taken_at, row.tries = clock.now(), row.tries + 1
        _end_if_done(pack)
    db.session.commit()
    return viewer


def _reader_or_none(person_id: UUID, session_id: UUID) -> Viewer | None:
    """Whoever asked for it, while they are here and the couple is theirs."""
    person = db.session.scalars(select(Person).where(Person.id == person_id)).one()
    viewer = Viewer(person.id, person.practice_id, Role(person.role))
    if person.state != PersonState.ACTIVE:
        return None
    try:
        scope.found(scope.sessions(viewer, scope.couples_to_act_for).where(Session.id == session_id))
    except NotFound:
        return None
    return viewer


def settle(row_id: UUID, outcome: Outcome) -> None:
    """Say what became of a brief, unless that was said already; what nothing waits of any more has ended."""
    begin_write()
    pack_id = select(DayPackRow.pack_id).where(DayPackRow.id == row_id).scalar_subquery()
    pack = db.session.scalars(select(DayPack).where(DayPack.id == pack_id).with_for_update()).one()
    waiting = update(DayPackRow).where(DayPackRow.id == row_id, DayPackRow.outcome == Outcome.WAITING)
    db.session.execute(waiting.values(outcome=outcome))
    _end_if_done(pack)
    db.session.commit()


def _end_if_done(pack: DayPack) -> None:
    """The caller holds the pack."""
    db.session.flush()
    waits = select(DayPackRow.id).where(DayPackRow.pack_id == pack.id, DayPackRow.outcome == Outcome.WAITING)
    if pack.ended_at is None and db.session.scalars(waits).first() is None:
        pack.ended_at = clock.now()


def let_go() -> None:
    """Forget what was asked for a day ago."""
    for practice_id in tenants.each():
        begin_write()
        old = select(DayPack.id).where(DayPack.practice_id == practice_id, DayPack.asked_at <= clock.now() - KEPT_FOR)
        db.session.execute(delete(DayPackRow).where(DayPackRow.pack_id.in_(old)))
        db.session.execute(delete(DayPack).where(DayPack.id.in_(old)))
        db.session.commit()
