"""What tests begin from: an assignment, one partner's task, a form that was sent."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.assignments import For
from portal.domain.erasure import RunsFrom
from portal.domain.people import Viewer
from portal.domain.repeats import Again
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.erasures import Erasure
from portal.services import (
    accounts,
    assignments,
    correcting,
    erasures,
    holds,
    programme,
    responses,
    retention,
    sealed,
    sending,
)
from portal.services.assignments import NewAssignment
from portal.services.drafts import Typed
from tests.cast import PASSPHRASE, ZONE, Cast, address_of

MONDAY = date(2026, 11, 30)
SECRET = "I am afraid that we talk past each other for good"
OPEN = "That he asks because he cares"


def assign(cast: Cast, slug: str, couple: str = "ana", *, weekly: bool = False, **how: object) -> UUID:
    """Ines gives an exercise (or the check-in) to a couple of hers, to both unless told; no hold is in its way."""
    how |= {"again": Again()} if weekly else {}
    entry = next(entry for entry in programme.library(cast.ines) if entry.slug == slug)
    new = {"questionnaire_id": entry.id, "given_to": For.BOTH, "due_on": last_day(), "cleared": True} | how
    return assignments.assign(cast.ines, cast.couples[couple], NewAssignment(**new))  # type: ignore[arg-type]


def last_day() -> date:
    """A Monday, for tests on whose wall it is not over; else a week from the real day, which some work by."""
    today = clock.today(ZONE)
    return MONDAY if today <= MONDAY else today + timedelta(days=7)


def task_of(viewer: Viewer, assignment_id: UUID) -> UUID:
    """One partner's own copy."""
    where = (Task.assignment_id == assignment_id, Task.person_id == viewer.person_id)
    return db.session.scalars(select(Task.id).where(*where)).one()


def send(viewer: Viewer, task_id: UUID, raw: dict[str, str], key: str = "key", **disclosures: str) -> None:
    """Fill in and send; answers are for whom their questions were written, unless told."""
    task = responses.open_for(viewer, task_id)
    chosen = {item.id: item.disclosure.value for item in task.items} | disclosures
    saved = responses.save_draft(viewer, task_id, Typed(raw, chosen), task.version)
    sending.submit(viewer, task_id, saved.version, key)


def floor(done: str = "done", **more: str) -> dict[str, str]:
    """A filled-in "One holds the floor": one shared sentence, one private."""
    return {"done": done, "felt_heard": "7", "heat_peak": "3", "understood": OPEN, "private_line": SECRET} | more


def opened(viewer: Viewer, task_id: UUID, name: str = "ana") -> str:
    """A new browser in which the pass phrase has opened a sent form; gives its token."""
    token = accounts.sign_in(address_of(name), PASSPHRASE, None) or ""
    sealed.unseal(viewer, task_id, PASSPHRASE, token)
    return token


def correct(viewer: Viewer, task_id: UUID, item_id: str, raw: dict[str, str]) -> None:
    """Ana answers one question again, or her private ones."""
    correcting.correct(viewer, task_id, item_id, raw, opened(viewer, task_id))


def asked_and_done(owner: Viewer, other: Viewer, asked: UUID, done: UUID) -> dict[str, UUID]:
    """By its name in addresses: an erasure that waits, on hold, and one that is done (as if: the keys are there)."""
    retention.set_rule(owner, RunsFrom.LAST_CONTACT, 84, "As we were told")
    for person_id in (asked, done):
        erasures.begin(owner, person_id, "http://127.0.0.1:8000/")
    holds.place(owner, asked)
    rows = {
        row.person_id: row for row in db.session.scalars(select(Erasure).where(Erasure.person_id.in_([asked, done])))
    }
    now, row = clock.now(), rows[done]
    row.asked_at, row.not_before = now - timedelta(days=30), now - timedelta(days=16)
    row.first_by, row.second_by = owner.person_id, other.person_id
    row.first_at = row.second_at = row.begun_at = row.done_at = now - timedelta(days=9)
    row.destroyed = {"forms": 3, "drafts": 1, "lines": 2, "doors": 2, "keys": 1}
    ids = {"erasure_id": rows[asked].id, "erasure_that_is_done": row.id}
    db.session.commit()
    return ids | {"hold_id": holds.holds(owner)[0].hold_id}
