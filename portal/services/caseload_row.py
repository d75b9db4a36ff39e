"""The couple's row of the caseload, kept true in the transaction of what changes it; coach pages alone read it."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Update, bindparam, func, select, update

from portal import clock
from portal.domain.assignments import OPEN
from portal.domain.people import Label
from portal.extensions import db, put
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload

COUPLE: BindParameter[UUID] = bindparam("couple")


def tell_sent(couple_id: UUID, label: Label, *, dropped: bool | None, unread: int = 1) -> None:
    """That one partner has sent something. `dropped`: whether it is notably lower; None for what has no score.

    `unread` is by how many forms there is more to read: a correction of one that waits anyway adds none. The caller
    holds the row.
    """
    fallen = {} if dropped is None else {"fallen": clock.now() if dropped else None}
    put(_told(label, is_scored=dropped is not None), couple=couple_id, more=unread, **fallen)


@cache
def _told(label: Label, *, is_scored: bool) -> Update:
    values = {"unread": Caseload.unread + bindparam("more"), **_derived()}
    if is_scored:
        values["dropped_a_at" if label is Label.A else "dropped_b_at"] = bindparam("fallen")
    return update(Caseload).where(Caseload.couple_id == COUPLE).values(values)


def tell_given(couple_id: UUID) -> None:
    """That something was given or taken back: what is still open, and since when somebody is silent."""
    _hold(couple_id)
    put(_followed(), couple=couple_id)


@cache
def _followed() -> Update:
    return update(Caseload).where(Caseload.couple_id == COUPLE).values(_derived())


def tell_read(couple_id: UUID) -> None:
    """That the coach has read one response more."""
    put(_one_less(), couple=couple_id)


@cache
def _one_less() -> Update:
    return update(Caseload).where(Caseload.couple_id == COUPLE, Caseload.unread > 0).values(unread=Caseload.unread - 1)


def _hold(couple_id: UUID) -> None:
    """Wait for whoever is changing this couple, so that what is derived next sees what they wrote."""
    db.session.flush()
    db.session.execute(select(Caseload.couple_id).where(Caseload.couple_id == couple_id).with_for_update())


def _derived() -> dict[str, ColumnElement[Any]]:
    """The earliest instant at which an open task is due; since when the more silent of two has sent nothing.

    Who has never sent anything is silent since the first form that was given to them.
    """
    of_couple = Task.assignment_id.in_(select(Assignment.id).where(Assignment.couple_id == COUPLE))
    asked = of_couple & (Task.withdrawn_at.is_(None) | Task.submitted_at.is_not(None))
    heard = func.coalesce(func.max(Task.submitted_at), func.min(Task.issued_at)).label("heard")
    by_person = select(heard).where(asked).group_by(Task.person_id).subquery()
    return {
        "open_until": select(func.min(Task.due_at)).where(of_couple, Task.state.in_(OPEN)).scalar_subquery(),
        "silent_since": select(func.min(by_person.c.heard)).scalar_subquery(),
    }
