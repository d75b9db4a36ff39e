"""A text that was being written when the session ran out: kept for a day, sealed for its author alone."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.people import PersonState, Role, Viewer
from portal.extensions import ask, begin_write, db
from portal.models.responses import ParkedText
from portal.models.users import Person, WebSession
from portal.services import responses, standing, tenants
from portal.services.accounts import UNSEALED_FOR, hash_of
from portal.services.drafts import PARKED_PLACE, Typed, seal_typed
from portal.services.responses import PARKED_FOR, OpenTask


def park(token: str, task_id: UUID, read: Callable[[OpenTask], Typed], version: int, *, was_sent: bool = False) -> None:
    """Keep what was typed into a task of whoever held a browser session until it was idle too long.

    A session that was ended, or is older than any may be, keeps nothing, and neither does another's task. `read` takes
    the fields of the form out of what was posted; `version` is the draft's that they were typed on. `was_sent`: it is
    a correction of what was sent, and kept only where the pass phrase had opened the form in that session.
    """
    tenants.enter_by(WebSession.token_hash, hash_of(token))
    begin_write()
    row = ask(_session_select(), token_hash=hash_of(token)).one_or_none()
    viewer = _idle_holder_or_none(row)
    task = _task_or_none(viewer, task_id, was_sent=was_sent) if viewer else None
    task = None if was_sent and not _had_it_open(row, task_id) else task
    if viewer is not None and task is not None:
        sealed = seal_typed(viewer.person_id, PARKED_PLACE, task_id, read(task))
        db.session.execute(delete(ParkedText).where(ParkedText.task_id == task_id))
        own = {"practice_id": viewer.practice_id, "person_id": viewer.person_id, "task_id": task_id}
        version = max(version, 0)
        db.session.add(ParkedText(version=version, document=sealed, parked_at=clock.now(), **own))
    db.session.commit()


def _task_or_none(viewer: Viewer, task_id: UUID, *, was_sent: bool) -> OpenTask | None:
    try:
        task = responses.open_for(viewer, task_id)
    except NotFound:
        return None
    return task if (task.state.is_sent if was_sent else task.state.is_open) else None


def _had_it_open(row: Row[Any] | None, task_id: UUID) -> bool:
    """Whether the pass phrase had opened this form, when that session was last used."""
    if row is None or row.unsealed_task_id != task_id or row.unsealed_at is None:
        return False
    is_fresh: bool = row.seen_at - row.unsealed_at < UNSEALED_FOR
    return is_fresh


def _idle_holder_or_none(row: Row[Any] | None) -> Viewer | None:
    """The partner whose session has ended by nothing but idleness, and had opened everything before."""
    now, none = clock.now(), timedelta()
    if row is None or row.ended_at is not None or row.role != Role.PARTNER:
        return None
    is_idle = now - row.seen_at > standing.IDLE[False]
    is_young = none <= now - row.created_at <= standing.LONGEST
    owes_nothing = row.proved_at is not None or not row.has_second_factor
    return Viewer(row.id, row.practice_id, Role.PARTNER) if is_idle and is_young and owes_nothing else None


@cache
def _session_select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            WebSession.created_at,
            WebSession.seen_at,
            WebSession.ended_at,
            WebSession.proved_at,
            WebSession.unsealed_task_id,
            WebSession.unsealed_at,
            Person.id,
            Person.practice_id,
            Person.role,
            Person.has_second_factor,
        )
        .join(Person, Person.id == WebSession.person_id)
        .where(WebSession.token_hash == bindparam("token_hash"), Person.state == PersonState.ACTIVE)
        .where(tenants.is_at_home(Person.practice_id))
    )


def let_go() -> None:
    """Forget what nobody came back to within a day."""
    for practice_id in tenants.each():
        begin_write()
        is_old = ParkedText.parked_at <= clock.now() - PARKED_FOR
        db.session.execute(delete(ParkedText).where(ParkedText.practice_id == practice_id, is_old))
        db.session.commit()
