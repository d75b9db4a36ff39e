"""Check-ins some months after the end: each partner chooses alone, the sweep gives each once, and the coach reads them.

Nothing of it is for the other: neither that somebody chose, nor that something came.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from portal import clock, content
from portal.domain.assignments import For
from portal.domain.disclosure import OPENING_HOUR
from portal.domain.endings import LATER_OPEN_FOR, Later, due_later, last_later_on, later_document, offered_later
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.people import CoupleState, Label, Viewer
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.questionnaires import Questionnaire
from portal.models.users import Person
from portal.services import audit, issuing, programme, scope, taking_part, tenants
from portal.services.issuing import Given
from portal.services.piecemeal import done


@dataclass(frozen=True, slots=True)
class OwnLater:
    """What one has chosen, None for nothing, and what can be chosen still: nothing before the end."""

    chosen: Later | None
    offered: tuple[Later, ...]


@dataclass(frozen=True, slots=True)
class ChosenLater:
    """What one partner has chosen, for the coach."""

    label: Label
    name: str
    chosen: Later | None


def own(viewer: Viewer) -> OwnLater:
    """One's own choice. Raises NotFound for somebody who is in no couple."""
    partnership, couple = _own(viewer)
    chosen = Later(partnership.later) if partnership.later else None
    return OwnLater(chosen, _offered(viewer, couple))


def chosen_or_none(viewer: Viewer) -> Later | None:
    """The same for a file of one's own data: what one has chosen in the work one is in, or was in last."""
    mine = (Partnership.practice_id == viewer.practice_id, Partnership.person_id == viewer.person_id)
    latest = select(Partnership.later).where(*mine).order_by(Partnership.joined_at.desc()).limit(1)
    chosen = db.session.scalars(latest).one_or_none()
    return Later(chosen) if chosen else None


def choose(viewer: Viewer, chosen: Later | None) -> None:
    """Choose to be asked once more after the end, or (None) not to be. Raises NotFound, and NotAllowed.

    What one has chosen before may stand, also once a day of it is over.
    """
    begin_write()
    partnership, couple = _own(viewer, is_held=True)
    wanted = chosen.value if chosen else None
    if wanted != partnership.later:
        if chosen is not None and (partnership.withdrawn_at or chosen not in _offered(viewer, couple)):
            raise NotAllowed("later_not_offered")
        partnership.later = wanted
        audit.record(viewer, "later_check_in:chosen", viewer.person_id)
    db.session.commit()


def of_couple(viewer: Viewer, couple_id: UUID) -> tuple[ChosenLater, ...]:
    """What each partner of one of the coach's couples has chosen, A first. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    rows = db.session.execute(
        select(Partnership.label, Partnership.later, Person.display_name)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id == couple.id)
        .order_by(Partnership.label)
    )
    return tuple(
        ChosenLater(Label(row.label), row.display_name, Later(row.later) if row.later else None) for row in rows
    )


def last_days(viewer: Viewer) -> dict[UUID, datetime]:
    """By person of the viewer's practice, when the last check-in comes that they chose; nobody who chose none."""
    zone = scope.own_practice(viewer).zone
    found: dict[UUID, list[tuple[Later, date]]] = {}
    for own, ended_at, _ in db.session.execute(_wanted().where(Partnership.practice_id == viewer.practice_id)):
        found.setdefault(own.person_id, []).append((Later(str(own.later)), _day(ended_at, zone)))
    days = {person_id: last_later_on(chosen) for person_id, chosen in found.items()}
    return {person_id: datetime.combine(day, time(), ZoneInfo(zone)) for person_id, day in days.items() if day}


def _own(viewer: Viewer, *, is_held: bool = False) -> tuple[Partnership, Couple]:
    couple_id = scope.couple_id_of_partner(viewer)
    mine = (Partnership.couple_id == couple_id, Partnership.person_id == viewer.person_id)
    statement = select(Partnership, Couple).join(Couple, Couple.id == Partnership.couple_id).where(*mine)
    if is_held:
        statement = statement.with_for_update(of=Partnership, key_share=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return row.Partnership, row.Couple


def _offered(viewer: Viewer, couple: Couple) -> tuple[Later, ...]:
    """The same for who has left, so that no page says so to somebody else who looks; they choose nothing by it."""
    if couple.state != CoupleState.CLOSED or couple.ended_at is None:
        return ()
    zone = scope.own_practice(viewer).zone
    return offered_later(_day(couple.ended_at, zone), clock.today(zone))


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def issue_due(link: str = "") -> int:
    """Give every later check-in that is due by now, in all practices; gives how many were given.

    Each in a transaction of its own; run twice, it gives nothing twice. `link` goes into the mails.
    """
    issued = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        due = list(_due_in(practice_id))
        issued += sum(
            done("later check-in", couple_id, partial(_issue, couple_id, label, link)) for couple_id, label in due
        )
    return issued


def _due_in(practice_id: UUID) -> Iterator[tuple[UUID, str]]:
    """Who may be asked by now, in one statement: by couple, with the label."""
    for own, ended_at, zone in db.session.execute(_wanted().where(Partnership.practice_id == practice_id)).all():
        if _due(own, ended_at, zone) is not None:
            yield own.couple_id, own.label


def _wanted() -> Select[*tuple[Any, ...]]:
    """Whoever wants to be asked, takes part still, and is in work that has ended."""
    return (
        select(Partnership, Couple.ended_at, Practice.zone)
        .join(Couple, Couple.id == Partnership.couple_id)
        .join(Practice, Practice.id == Partnership.practice_id)
        .where(
            Partnership.later.is_not(None),
            Partnership.withdrawn_at.is_(None),
            Partnership.ended_at.is_(None),
            Couple.state == CoupleState.CLOSED,
        )
        .order_by(Partnership.couple_id, Partnership.label)
    )


def _due(own: Partnership, ended_at: datetime, zone: str) -> int | None:
    """By day, and from the hour of the morning on at which whatever opens does: no mail goes out by night."""
    morning = clock.now() - timedelta(hours=OPENING_HOUR.hour)
    return due_later(Later(str(own.later)), own.later_given, _day(ended_at, zone), _day(morning, zone))


def _issue(couple_id: UUID, label: str, link: str) -> bool:
    begin_write()
    taking_part.hold(couple_id, is_shared=True)
    theirs = (Partnership.couple_id == couple_id, Partnership.label == label)
    held = _wanted().where(*theirs).with_for_update(of=Partnership, key_share=True)
    row = db.session.execute(held.execution_options(populate_existing=True)).one_or_none()
    months = _due(*row) if row else None
    if row is not None and months is not None:
        row.Partnership.later_given = months
        _give(row.Partnership, clock.today(row.zone), link)
    db.session.commit()
    return months is not None


def _give(own: Partnership, today: date, link: str) -> None:
    """One form to one partner alone, in the coach's name, as if she had given it to them."""
    couple = db.session.scalars(select(Couple).where(Couple.id == own.couple_id)).one()
    check_in = (Questionnaire.practice_id == own.practice_id, Questionnaire.slug == programme.CHECK_IN_SLUG)
    entry = db.session.scalars(select(Questionnaire).where(*check_in)).one()
    document = later_document(programme.newest_version(entry.id).document, content.passages()["later"])
    version = programme.add_version(entry, programme.next_number(entry), document, couple.id)
    given = Given(For(own.label.lower()), today, today + timedelta(days=LATER_OPEN_FOR), link=link)
    assignment = issuing.issue(couple, version, given, couple.coach_id)
    audit.record_before_sign_in(own.practice_id, None, "later_check_in:given", assignment.id)
