"""The contacts of a practice: whom its people can call, each checked by the practice itself."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.practices import Contact


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the help page."""

    country: str
    audience: str
    name: str
    phone: str
    web: str
    hours: str


def of_practice(viewer: Viewer) -> tuple[Listed, ...]:
    """Every contact of the viewer's practice, emergencies first; a stale one is never hidden."""
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.practice_id == viewer.practice_id)
        .order_by(Contact.country, Contact.audience != "emergency", Contact.audience, Contact.name)
    )
    return tuple(Listed(row.country, row.audience, row.name, row.phone, row.web, row.hours) for row in rows)
