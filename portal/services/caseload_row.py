"""The couple's row of the caseload, kept true in the transaction of what changes it; coach pages alone read it.

What follows from the clock alone (a session begins, a task is let go of) is caught up with by the sweep.
"""

from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Row, Update, bindparam, case, func, select, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.assignments import OPEN
from portal.domain.caseload import AHEAD_BY, LET_GO_AFTER, LONG_AGO, NOT_YET, Stands, folded, needs_from, turns_at
from portal.domain.people import Label, PersonState
from portal.domain.sessions import SessionState
from portal.extensions import begin_write, db, put
from portal.models.assignments import Assignment, Task
from portal.models.columns import Instant
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import tenants
from portal.services.piecemeal import apart

COUPLE: BindParameter[UUID] = bindparam("couple")
KEPT = tuple(Caseload.__table__.columns[name] for name in Stands.__dataclass_fields__)
_kept = attrgetter(*Stands.__dataclass_fields__)


def stands_of(line: Caseload | Row[Any]) -> Stands:
    """A row of these columns, among others, as the rules take it."""
    return Stands(*_kept(line))


def tell_sent(couple_id: UUID, label: Label, *, dropped: bool | None, unread: int = 1) -> None:
    """That one partner has sent something. `dropped`: whether it is notably lower; None for what has no score.

    `unread` is by how many forms there is more to read: a correction of one that waits anyway adds none. The caller
    holds the row.
    """
    fallen = {} if dropped is None else {"fallen": clock.now() if dropped else None}
    let_go = clock.now() - LET_GO_AFTER
    _change(_told(label, is_scored=dropped is not None), couple_id, let_go=let_go, more=unread, **fallen)


@cache
def _told(label: Label, *, is_scored: bool) -> Update:
    values = {"unread": Caseload.unread + bindparam("more"), **_of_tasks()}
    if is_scored:
        values["dropped_a_at" if label is Label.A else "dropped_b_at"] = bindparam("fallen")
    return _one().values(values).returning(*KEPT)


def tell_given(couple_id: UUID) -> None:
    """That something was given or taken back: what is still open, and since when somebody is silent."""
    follow(couple_id)


def follow(couple_id: UUID) -> None:
    """That anything else of a couple changed: its state, its coach, who came in, its sessions. The caller commits."""
    _hold(couple_id)
    now = clock.now()
    _change(_followed(), couple_id, now=now, let_go=now - LET_GO_AFTER)


@cache
def _followed() -> Update:
    couple = {name: _of_couple(getattr(Couple, name)) for name in ("coach_id", "state")}
    elsewhere = {"door_since": _door_since(), "next_at": func.coalesce(_next_at(), NOT_YET)}
    return _one().values({**couple, **elsewhere, **_of_tasks()}).returning(*KEPT)


def tell_names(couple_id: UUID, names: str) -> None:
    """That a couple's names are others: by which words it is found."""
    put(_renamed(), couple=couple_id, words=folded(names))


@cache
def _renamed() -> Update:
    return _one().values(find=bindparam("words"))


def tell_read(couple_id: UUID) -> None:
    """That the coach has read one response more."""
    put(_one_less(), couple=couple_id)


@cache
def _one_less() -> Update:
    return _one().where(Caseload.unread > 0).values(unread=Caseload.unread - 1)


def turn_due() -> None:
    """Catch up with the clock, in every practice: rows of which something is over by now, each on its own."""
    for practice_id in tenants.each():
        due = (Caseload.practice_id == practice_id, Caseload.turns_at <= clock.now())
        rows = select(Caseload.couple_id).where(*due).order_by(Caseload.turns_at)
        for couple_id in db.session.scalars(rows).all():
            with apart("lines of the caseload", couple_id):
                _turn(couple_id)


def _turn(couple_id: UUID) -> None:
    begin_write()
    follow(couple_id)
    db.session.commit()


def _one() -> Update:
    return update(Caseload).where(Caseload.couple_id == COUPLE)


def _change(statement: Update, couple_id: UUID, **values: object) -> None:
    """Change the row, and keep from when the couple needs its coach by what it says then."""
    db.session.flush()
    row = db.session.connection().execute(statement, {"couple": couple_id, **values}).one()
    stands = Stands(*row)
    put(_settled(), couple=couple_id, needs=needs_from(stands), turns=turns_at(stands))


@cache
def _settled() -> Update:
    return _one().values(needs_from=bindparam("needs"), turns_at=bindparam("turns"))


def _hold(couple_id: UUID) -> None:
    """Wait for whoever is changing this couple, so that what is derived next sees what they wrote."""
    db.session.flush()
    db.session.execute(select(Caseload.couple_id).where(Caseload.couple_id == couple_id).with_for_update())


def _of_couple(column: Any) -> Any:
    return select(column).where(Couple.id == COUPLE).scalar_subquery()


def _door_since() -> Any:
    invited = (Partnership.couple_id == COUPLE, Person.state == PersonState.INVITED)
    joined = select(func.min(Person.created_at)).join(Partnership, Partnership.person_id == Person.id)
    return joined.where(*invited).scalar_subquery()


def _next_at() -> Any:
    ahead = (Session.state == SessionState.PLANNED, Session.starts_at > bindparam("now", type_=Instant()))
    return select(func.min(Session.starts_at)).where(Session.couple_id == COUPLE, *ahead).scalar_subquery()


def _of_tasks() -> dict[str, ColumnElement[Any]]:
    """When what is open is due; since when the more silent of two has sent nothing; whether one is ahead.

    Who has never sent anything is silent since the first form that was given to them.
    """
    of_couple = Task.assignment_id.in_(_given())
    asked = of_couple & (Task.withdrawn_at.is_(None) | Task.submitted_at.is_not(None))
    heard = func.coalesce(func.max(Task.submitted_at), func.min(Task.issued_at)).label("heard")
    by_person = select(heard).where(asked).group_by(Task.person_id).subquery()
    due = select(func.min(Task.due_at)).where(of_couple, Task.state.in_(OPEN))
    sent = select(func.max(Task.submitted_at)).where(of_couple)
    return {
        "open_until": due.scalar_subquery(),
        "overdue_from": due.where(Task.due_at > bindparam("let_go", type_=Instant())).scalar_subquery(),
        "silent_since": select(func.min(by_person.c.heard)).scalar_subquery(),
        "heard_at": func.coalesce(sent.scalar_subquery(), LONG_AGO),
        "ahead_since": _ahead_since(),
    }


def _given() -> Any:
    return select(Assignment.id).where(Assignment.couple_id == COUPLE)


def _ahead_since() -> Any:
    """Since when one has sent two forms (or more) that the other got too, after whatever the other sent last.

    What is later than the earlier of the two last sendings is by the one who sent more lately.
    """
    sent, beside = aliased(Task), aliased(Task)
    last = func.coalesce(func.max(Task.submitted_at), LONG_AGO).label("last")
    by_person = select(last).where(Task.assignment_id.in_(_given())).group_by(Task.person_id).subquery()
    return (
        select(case((func.count() >= AHEAD_BY, func.max(sent.submitted_at)), else_=None))
        .select_from(sent)
        .join(beside, (beside.assignment_id == sent.assignment_id) & (beside.person_id != sent.person_id))
        .where(sent.assignment_id.in_(_given()), beside.submitted_at.is_(None), beside.withdrawn_at.is_(None))
        .where(sent.submitted_at > select(func.min(by_person.c.last)).scalar_subquery())
        .scalar_subquery()
    )
