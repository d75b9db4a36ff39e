"""Pages that show something of several sent forms: that they were read goes on record, once a reader, form and day.

Such a page may be looked at all day: it asks what is on record already, and writes what is missing, so that most looks
write nothing and wait for nobody. Which forms are noted follows from their being sent and shown, never from what was
answered in them, nor from anything that the other partner did: their author may look the list up.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam, func, select

from portal import clock
from portal.domain.audit import READINGS_OF_FORM
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent
from portal.services import audit
from portal.services.sent_forms import SentForm

DAILY_FOR = timedelta(weeks=12)  # what is older is drawn upon on every page of a couple, and noted once a reader


def note(viewer: Viewer, forms: Iterable[SentForm], zone: str) -> None:
    """Put on record that a page shows these forms; a day begins and ends on the reader's own wall.

    It ends the transaction: what the page shows has been gathered, as values, by then.
    """
    missing = _not_noted(viewer, forms, zone)
    if missing:
        begin_write()
        audit.record_each(viewer, "response:read", missing)
        db.session.commit()


def note_saved(viewer: Viewer, couple_id: UUID, forms: Iterable[SentForm], zone: str) -> None:
    """The same of a file with a couple's weeks, and each time that it was saved as one."""
    missing = _not_noted(viewer, forms, zone)
    begin_write()
    audit.record_each(viewer, "response:read", missing)
    audit.record(viewer, "export:weeks", couple_id)
    db.session.commit()


def _not_noted(viewer: Viewer, forms: Iterable[SentForm], zone: str) -> list[UUID]:
    """The forms of which it is not on record yet that this reader has read them."""
    shown = {form.response_id: form for form in forms}
    read = _last_read(viewer, shown) if shown else {}
    return [id_ for id_, form in shown.items() if id_ not in read or read[id_] < _counts_from(form, zone)]


def has_read(viewer: Viewer, form: SentForm) -> bool:
    """Whether this reader has read what a form says now, by whichever page."""
    last = _last_read(viewer, [form.response_id]).get(form.response_id)
    return last is not None and last >= form.versions[-1].written_at


def _last_read(viewer: Viewer, response_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When this reader last read each of these forms, by whichever page."""
    # as literals, for the database must see that these are the events that the index is of
    events: BindParameter[Any] = bindparam("events", READINGS_OF_FORM, expanding=True, literal_execute=True)
    rows = db.session.execute(
        select(AuditEvent.subject_id, func.max(AuditEvent.at))
        .where(AuditEvent.practice_id == viewer.practice_id, AuditEvent.subject_id.in_(list(response_ids)))
        .where(AuditEvent.event.in_(events), AuditEvent.actor_id == viewer.person_id)
        .group_by(AuditEvent.subject_id)
    )
    return {subject_id: at for subject_id, at in rows if subject_id is not None}


def _counts_from(form: SentForm, zone: str) -> datetime:
    """An earlier reading than this one is not of today, or not of what the form says now."""
    now, written = clock.now(), form.versions[-1].written_at
    if form.submitted_at < now - DAILY_FOR:
        return written
    midnight = datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))
    return max(midnight, written)
