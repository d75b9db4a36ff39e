"""Mails about what waits to be read: without content, to whoever has promised to read it, until it is opened.

A flag writes to the couple's coach at once, and again every few working hours. What stays unopened for longer than the
practice promises is told to whoever covers today, who can open it; where nobody does, to the owners, who cannot: they
ask the coach, or arrange cover. None of these mails has a name or a number in it, and no partner's waits for one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import clock
from portal.domain.people import PersonState, Role, Viewer
from portal.domain.safety import SignalKind
from portal.domain.working_hours import WorkingHours, passed
from portal.extensions import begin_write, db
from portal.models.colleagues import Cover
from portal.models.couples import Couple
from portal.models.outbox import OutboxEntry
from portal.models.practices import Practice
from portal.models.safety import Signal
from portal.models.users import Person
from portal.services import outbox, tenants, working_hours
from portal.services.piecemeal import apart

REMIND_EVERY = timedelta(hours=3)  # of working time
WAITING, ELSEWHERE = "waiting", "waiting_elsewhere"
_WAITS_SINCE = func.coalesce(Signal.waits_since, Signal.raised_at)


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail that is due: its key is made of the flag that waits longest, since when, and how often it was told."""

    person: Person
    message: str
    key: str
    link: str


def tell_coach(couple_id: UUID, response_id: UUID, link: str) -> None:
    """Write to a couple's coach that something waits, one mail for a form; the caller commits."""
    coach = db.session.scalars(
        select(Person).join(Couple, Couple.coach_id == Person.id).where(Couple.id == couple_id)
    ).one()
    outbox.enqueue(coach, WAITING, f"waiting:{response_id}:{clock.now().isoformat()}", {"link": link})


def remind(sign_in: str, members: str) -> int:
    """Write again about what is still unopened, in every practice; gives how many mails. The arguments are links."""
    told = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        with apart("reminders", practice_id):
            told += _remind_in(practice_id, sign_in, members)
    return told


def _remind_in(practice_id: UUID, sign_in: str, members: str) -> int:
    waiting = _longest_waiting(practice_id)
    if not waiting:
        return 0
    practice = db.session.scalars(select(Practice).where(Practice.id == practice_id)).one()
    hours = working_hours.of(practice)
    mails: list[_Mail] = []
    for coach, signal_id, since in waiting:
        worked, key = passed(since, clock.now(), hours, practice.zone), f"waiting:{signal_id}:{since.isoformat()}"
        mails += _to_coach(coach, key, worked, sign_in)
        mails += _beyond(coach, key, worked, hours, (sign_in, members))
    return _enqueue_new(mails)


def _longest_waiting(practice_id: UUID) -> list[tuple[Person, UUID, datetime]]:
    """By coach, the flag that has waited longest unopened, and since when; one mail tells of all of theirs."""
    rows = db.session.execute(
        _unopened(practice_id)
        .join(Person, Person.id == Couple.coach_id)
        .with_only_columns(Person, Signal.id, _WAITS_SINCE)
        .order_by(_WAITS_SINCE, Signal.id)
    )
    found: dict[UUID, tuple[Person, UUID, datetime]] = {}
    for coach, signal_id, since in rows:
        found.setdefault(coach.id, (coach, signal_id, since))
    return list(found.values())


def _unopened(practice_id: UUID) -> Select[UUID]:
    is_unopened = (Signal.kind == SignalKind.FLAG, Signal.opened_at.is_(None), Signal.closed_at.is_(None))
    of_couple = select(Couple.coach_id).join(Signal, Signal.couple_id == Couple.id)
    return of_couple.where(Signal.practice_id == practice_id, *is_unopened)


def _to_coach(coach: Person, key: str, worked: timedelta, sign_in: str) -> list[_Mail]:
    times = worked // REMIND_EVERY
    is_here = coach.state == PersonState.ACTIVE
    return [_Mail(coach, WAITING, f"{key}:{times}", sign_in)] if times and is_here else []


def _beyond(coach: Person, key: str, worked: timedelta, hours: WorkingHours, links: tuple[str, str]) -> Iterable[_Mail]:
    """Once the promise is not kept, and each time that it is not kept again."""
    times = worked // timedelta(hours=hours.within)
    if not times:
        return
    covering = db.session.scalars(_covering(coach)).all()
    others = covering or db.session.scalars(_owners(coach)).all()
    message, link = (WAITING, links[0]) if covering else (ELSEWHERE, links[1])
    for person in others:
        yield _Mail(person, message, f"{key}:{times}:{person.id}", link)


def _covering(coach: Person) -> Select[Person]:
    now = clock.now()
    return (
        select(Person)
        .join(Cover, Cover.cover_id == Person.id)
        .where(Cover.coach_id == coach.id, Cover.called_off_at.is_(None), Cover.starts_at <= now, Cover.ends_at > now)
        .where(Person.state == PersonState.ACTIVE)
        .order_by(Person.id)
    )


def _owners(coach: Person) -> Select[Person]:
    others = (Person.practice_id == coach.practice_id, Person.id != coach.id)
    return (
        select(Person).where(*others, Person.role == Role.OWNER, Person.state == PersonState.ACTIVE).order_by(Person.id)
    )


def _enqueue_new(mails: list[_Mail]) -> int:
    """Put those into the outbox that are not there yet, in one transaction."""
    keys = [mail.key for mail in mails]
    known = set(db.session.scalars(select(OutboxEntry.dedupe_key).where(OutboxEntry.dedupe_key.in_(keys))))
    new = [mail for mail in mails if mail.key not in known]
    if new:
        begin_write()
        for mail in new:
            outbox.enqueue(mail.person, mail.message, mail.key, {"link": mail.link})
        db.session.commit()
    return len(new)


def kept_waiting_by(viewer: Viewer) -> tuple[str, ...]:
    """For the owner: the colleagues with whom something waits for longer than the practice promises; names of staff."""
    if viewer.role is not Role.OWNER:
        return ()
    practice = db.session.scalars(select(Practice).where(Practice.id == viewer.practice_id)).one()
    hours, now = working_hours.of(practice), clock.now()
    promised = timedelta(hours=hours.within)
    return tuple(
        coach.display_name
        for coach, _, since in _longest_waiting(viewer.practice_id)
        if coach.id != viewer.person_id and passed(since, now, hours, practice.zone) >= promised
    )
