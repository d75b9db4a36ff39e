"""The contacts of a practice: whom its people can call, each checked by the practice itself."""

from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select

from portal import clock, randomness
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.domain.roles import check_owner, runs_practice
from portal.domain.working_hours import WorkingHours
from portal.extensions import begin_write, db, work_for
from portal.models.practices import Contact, Practice
from portal.models.users import Person
from portal.services import audit, scope, tenants, texts, working_hours
from portal.services.texts import Texts

NEEDED = {"emergency", "ipv"}  # whom people must be able to call before the first of them is invited
AUDIENCES = ("emergency", "ipv", "suicide", "child", "general")
STALE_AFTER = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the help page; an empty region is the whole country, `sms` a number for text messages."""

    country: str
    audience: str
    name: str
    phone: str
    web: str
    hours: str
    region: str = ""
    sms: str = ""
    languages: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One entry as the practice keeps it, and who of it checked it last; a stale one is never hidden."""

    contact_id: UUID
    listed: Listed
    checked_on: date
    checked_by: str | None
    is_stale: bool


def of_practice(viewer: Viewer) -> tuple[Listed, ...]:
    """Every contact of the viewer's practice, emergencies first; a stale one is never hidden."""
    return tuple(kept.listed for kept in kept_by_practice(viewer))


@dataclass(frozen=True, slots=True)
class Known:
    """What the help page tells: whom to call, and when somebody reads here; the same for everybody of a practice."""

    contacts: tuple[Listed, ...] = ()
    hours: WorkingHours | None = None
    reading_hours: str = ""
    texts: Texts | None = None


def known_to(viewer: Viewer | None) -> Known:
    """The help page of the viewer's practice; for nobody, that of the only practice that lives here, if it is one."""
    own = Practice.id == viewer.practice_id if viewer else tenants.AT_HOME
    rows = db.session.scalars(select(Practice).where(own).limit(2)).all()
    if len(rows) != 1:
        return Known()
    practice_id, texts_at, hours, line = rows[0].id, rows[0].texts_at, working_hours.of(rows[0]), rows[0].reading_hours
    work_for(practice_id)
    listed = tuple(kept.listed for kept in _kept(practice_id))
    return Known(listed, hours, line, texts.known(practice_id, texts_at))


def kept_by_practice(viewer: Viewer) -> tuple[Kept, ...]:
    """The same list with when each entry was checked."""
    return _kept(viewer.practice_id)


def _kept(practice_id: UUID) -> tuple[Kept, ...]:
    emergencies_first = (Contact.audience != "emergency", Contact.audience)
    rows = db.session.execute(
        select(Contact, Person.display_name)
        .outerjoin(Person, Person.id == Contact.checked_by)
        .where(Contact.practice_id == practice_id)
        .order_by(Contact.country, *emergencies_first, Contact.region, Contact.name, Contact.id)
    )
    today = clock.now().date()
    return tuple(
        Kept(row.id, _listed(row), row.checked_on, checked_by, today - row.checked_on > STALE_AFTER)
        for row, checked_by in rows
    )


def _listed(row: Contact) -> Listed:
    return Listed(**{field.name: getattr(row, field.name) for field in fields(Listed)})


def lacks_contacts(viewer: Viewer) -> bool:
    """Whether an emergency contact is missing, or one for partner violence; a stale one is there all the same."""
    return lacks({listed.audience for listed in of_practice(viewer)})


def lacks(audiences: set[str]) -> bool:
    """The same of those for whom there is one."""
    return not audiences >= NEEDED


def number_stale(viewer: Viewer) -> ColumnElement[int]:
    """How many contacts are to be checked again, for the owner; for anybody else none, for nobody else can."""
    if not runs_practice(viewer.role):
        return literal(0)
    too_old = Contact.checked_on < clock.now().date() - STALE_AFTER
    return select(func.count()).where(Contact.practice_id == viewer.practice_id, too_old).scalar_subquery()


def add(viewer: Viewer, new: Listed) -> None:
    """Add an entry that the owner has just checked. Raises Invalid, and NotFound for anybody else."""
    if not new.phone and not new.sms and not new.web:
        raise Invalid("contact_unreachable")
    begin_write()
    check_owner(viewer)
    entry = Contact(
        id=randomness.new_id(),
        practice_id=viewer.practice_id,
        checked_on=clock.now().date(),
        checked_by=viewer.person_id,
        **asdict(new),
    )
    db.session.add(entry)
    audit.record(viewer, "contact:added", entry.id)
    db.session.commit()


def mark_checked(viewer: Viewer, contact_id: UUID) -> None:
    """Say that the owner has checked an entry today."""
    begin_write()
    check_owner(viewer)
    entry = scope.contact(viewer, contact_id)
    entry.checked_on, entry.checked_by = clock.now().date(), viewer.person_id
    audit.record(viewer, "contact:checked", contact_id)
    db.session.commit()


def remove(viewer: Viewer, contact_id: UUID) -> None:
    """Take an entry off the list."""
    begin_write()
    check_owner(viewer)
    db.session.delete(scope.contact(viewer, contact_id))
    audit.record(viewer, "contact:removed", contact_id)
    db.session.commit()
