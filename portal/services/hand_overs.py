"""Hand-over: a couple is offered to another coach of the practice, and moves when that coach accepts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, update

from portal import clock, randomness
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import PersonState, Role, Viewer
from portal.domain.roles import runs_practice
from portal.domain.sessions import SessionState
from portal.extensions import begin_write, db
from portal.models.colleagues import HandOver
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import audit, caseload_row, outbox, scope, scope_of_colleagues, supervision


@dataclass(frozen=True, slots=True)
class Offered:
    """A couple that was offered to the viewer, and by whom it was cared for."""

    hand_over_id: UUID
    names: str
    from_name: str


@dataclass(frozen=True, slots=True)
class WithoutCoach:
    """A couple whose coach works here no more; `offered_to` while somebody is asked."""

    couple_id: UUID
    names: str
    coach_name: str
    offered_to: str | None


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """To whom a couple is offered, and since when; nobody has said yes or no."""

    to_name: str
    at: datetime


def coaches(viewer: Viewer) -> tuple[tuple[UUID, str], ...]:
    """Coaches of the practice who may work, by name; for its staff."""
    if viewer.role is Role.PARTNER:
        raise NotFound
    rows = db.session.execute(
        select(Person.id, Person.display_name)
        .where(
            Person.practice_id == viewer.practice_id,
            Person.role.in_([Role.OWNER, Role.COACH]),
            Person.state == PersonState.ACTIVE,
        )
        .order_by(Person.display_name, Person.id)
    )
    return tuple((person_id, name) for person_id, name in rows)


def offered(viewer: Viewer) -> tuple[Offered, ...]:
    """What waits for the viewer's yes or no, by name."""
    rows = db.session.execute(
        select(HandOver.id, Couple.names, Person.display_name)
        .join(Couple, Couple.id == HandOver.couple_id)
        .join(Person, Person.id == HandOver.from_id)
        .where(
            HandOver.practice_id == viewer.practice_id,
            HandOver.to_id == viewer.person_id,
            HandOver.settled_at.is_(None),
        )
        .order_by(Couple.names, Couple.id)
    )
    return tuple(Offered(*row) for row in rows)


def without_coach(viewer: Viewer) -> tuple[WithoutCoach, ...]:
    """Couples whose coach was deactivated or coaches no more, by name; for the owner, empty for others."""
    if not runs_practice(viewer.role):
        return ()
    asked = (
        select(Person.display_name)
        .join(HandOver, HandOver.to_id == Person.id)
        .where(HandOver.couple_id == Couple.id, HandOver.settled_at.is_(None))
        .correlate(Couple)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Couple.id, Couple.names, Person.display_name, asked.label("asked"))
        .join(Person, Person.id == Couple.coach_id)
        .where(Couple.practice_id == viewer.practice_id, _is_gone())
        .order_by(Couple.names, Couple.id)
    )
    return tuple(WithoutCoach(*row) for row in rows)


def number_offered(viewer: Viewer) -> ColumnElement[int]:
    """How many couples are offered to somebody."""
    mine = _open_ones(viewer).where(HandOver.to_id == viewer.person_id)
    return select(func.count()).select_from(mine.subquery()).scalar_subquery()


def number_without_coach(viewer: Viewer) -> ColumnElement[int]:
    """For the owner, how many couples have no coach and are offered to nobody; for anybody else none."""
    if not runs_practice(viewer.role):
        return literal(0)
    return (
        select(func.count(Couple.id))
        .join(Person, Person.id == Couple.coach_id)
        .where(Couple.practice_id == viewer.practice_id, _is_gone())
        .where(~_open_ones(viewer).where(HandOver.couple_id == Couple.id).exists())
        .scalar_subquery()
    )


def _open_ones(viewer: Viewer) -> Select[UUID]:
    return select(HandOver.id).where(HandOver.practice_id == viewer.practice_id, HandOver.settled_at.is_(None))


def _is_gone() -> ColumnElement[bool]:
    """Whether somebody who has couples was let go, or coaches no more."""
    return (Person.state != PersonState.ACTIVE) | Person.role.not_in([Role.OWNER, Role.COACH])


def open_offer_or_none(viewer: Viewer, couple_id: UUID) -> OpenOffer | None:
    """To whom a couple of the viewer's to hand over is offered at present."""
    mine = scope.couples_to_hand_over(viewer).with_only_columns(Couple.id)
    row = db.session.execute(
        select(Person.display_name, HandOver.offered_at)
        .join(HandOver, HandOver.to_id == Person.id)
        .where(HandOver.couple_id == couple_id, HandOver.couple_id.in_(mine), HandOver.settled_at.is_(None))
    ).one_or_none()
    return None if row is None else OpenOffer(*row)


def couples_of_each(viewer: Viewer) -> dict[UUID, int]:
    """How many couples each coach has who has any; for the owner, empty for others."""
    if not runs_practice(viewer.role):
        return {}
    counted = select(Couple.coach_id, func.count(Couple.id)).where(Couple.practice_id == viewer.practice_id)
    return {coach_id: number for coach_id, number in db.session.execute(counted.group_by(Couple.coach_id))}


def offer(viewer: Viewer, couple_id: UUID, to_id: UUID, link: str, answer_at: str = "") -> bool:
    """Offer a couple to another coach; an offer before it lapses. Who offers it to themselves has it at once: True.

    Its coach may, and the owner. `link` goes to both partners once it moves; `answer_at`, where it is given, at once
    to the coach, in a mail that names nobody. Raises NotFound, and Invalid with `field` for the coach whose it is.
    """
    begin_write()
    couple = scope.found(scope.couples_to_hand_over(viewer).where(Couple.id == couple_id).with_for_update())
    to = scope_of_colleagues.active_coach(viewer, to_id)
    if to.id == couple.coach_id:
        raise Invalid("hands_to_the_same", field="colleague")
    _settle_open(HandOver.couple_id == couple.id)
    row = HandOver(
        id=randomness.new_id(),
        practice_id=couple.practice_id,
        couple_id=couple.id,
        from_id=couple.coach_id,
        to_id=to.id,
        offered_by=viewer.person_id,
        offered_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    is_done = to.id == viewer.person_id
    if is_done:
        _move(viewer, row, couple, link)
    else:
        audit.record(viewer, "hand_over:offered", row.id)
    if answer_at and not is_done:
        outbox.enqueue(to, "task", f"hand-over-offered:{row.id}", {"link": answer_at})
    db.session.commit()
    return is_done


def take_back(viewer: Viewer, couple_id: UUID) -> None:
    """Take back that a couple is offered, for whoever may offer it; a second time changes nothing. Raises NotFound."""
    begin_write()
    couple = scope.found(scope.couples_to_hand_over(viewer).where(Couple.id == couple_id).with_for_update())
    open_ones = select(HandOver).where(HandOver.couple_id == couple.id, HandOver.settled_at.is_(None))
    for row in db.session.scalars(open_ones):
        row.settled_at = clock.now()
        audit.record(viewer, "hand_over:taken_back", row.id)
    db.session.commit()


def check(viewer: Viewer, couple_id: UUID) -> None:
    """Raise NotFound unless the viewer may hand this couple over."""
    scope.found(scope.couples_to_hand_over(viewer).where(Couple.id == couple_id))


def accept(viewer: Viewer, hand_over_id: UUID, link: str) -> UUID:
    """Take over a couple that was offered; gives its id. Both partners get a neutral mail. Raises NotFound."""
    begin_write()
    couple = scope_of_colleagues.couple_offered(
        viewer, hand_over_id
    )  # first, as who offers it does: neither blocks the other
    row = scope_of_colleagues.hand_over_offered(viewer, hand_over_id)
    _move(viewer, row, couple, link)
    db.session.commit()
    return couple.id


def decline(viewer: Viewer, hand_over_id: UUID) -> None:
    """Say no to a couple that was offered: it stays where it is. Raises NotFound."""
    begin_write()
    row = scope_of_colleagues.hand_over_offered(viewer, hand_over_id)
    row.settled_at = clock.now()
    audit.record(viewer, "hand_over:declined", row.id)
    db.session.commit()


def let_lapse(person_id: UUID) -> None:
    """Let lapse what was offered to somebody; the caller commits."""
    _settle_open(HandOver.to_id == person_id)


def _settle_open(whose: ColumnElement[bool]) -> None:
    open_ones = update(HandOver).where(whose, HandOver.settled_at.is_(None))
    db.session.execute(open_ones.values(settled_at=clock.now()))


def _move(viewer: Viewer, row: HandOver, couple: Couple, link: str) -> None:
    """Let the couple, and the sessions ahead, be the new coach's; who read along reads no more."""
    row.accepted_at = row.settled_at = clock.now()
    couple.coach_id = row.to_id
    ahead = (Session.couple_id == couple.id, Session.state == SessionState.PLANNED)
    db.session.execute(update(Session).where(*ahead).values(coach_id=row.to_id))
    caseload_row.follow(couple.id)
    supervision.end_all_with(couple.id)
    supervision.tell_partners(couple.id, f"hand-over:{row.id}", link)
    audit.record(viewer, "couple:handed_over", couple.id)
