"""Who of a couple takes part at present, and what somebody who has stopped still meets."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Select, select

from portal import clock
from portal.domain.assignments import For
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.parting import TakingPart, are_both_here, who_takes_part
from portal.domain.people import CoupleState, Label, Viewer
from portal.extensions import db
from portal.models.couples import Couple, Partnership
from portal.models.users import Person
from portal.services import scope


def partners_of(couple_ids: Iterable[UUID]) -> dict[UUID, tuple[TakingPart, ...]]:
    """By couple, where each partner stands who is not erased; the caller has found the couples in scope."""
    columns = select(
        Partnership.couple_id, Partnership.label, Partnership.withdrawn_at, Partnership.agreed_anew_at
    ).where(Partnership.couple_id.in_(set(couple_ids)), Partnership.ended_at.is_(None))
    found: dict[UUID, tuple[TakingPart, ...]] = {}
    for couple_id, label, withdrawn_at, agreed_anew_at in db.session.execute(columns.order_by(Partnership.label)):
        found[couple_id] = (*found.get(couple_id, ()), TakingPart(Label(label), withdrawn_at, agreed_anew_at))
    return found


def hold(couple_id: UUID, *, is_shared: bool = False) -> None:
    """Keep who takes part in a couple as it is until the commit: taken before anything else of the couple's is.

    Whoever leaves, comes back, ends the work or is erased waits for the others who do, and for whoever gives something
    (`is_shared`), of whom none waits for another. Rows may point at the couple meanwhile.
    """
    held = select(Couple.id).where(Couple.id == couple_id).with_for_update(read=is_shared, key_share=not is_shared)
    db.session.execute(held)


def labels(couple: Couple) -> frozenset[Label]:
    """Who of a couple may be given something new."""
    partners = partners_of([couple.id]).get(couple.id, ())
    return who_takes_part(CoupleState(couple.state), partners, couple.ended_at)


def whom(couple: Couple) -> For:
    """To whom something is given that is for each of the two; where nobody takes part, both, which is refused then."""
    here = labels(couple)
    return For(next(iter(here)).lower()) if len(here) == 1 else For.BOTH


def are_both(couple_id: UUID) -> bool:
    """Whether there may be something of both partners of a couple that the caller has found in scope."""
    state = db.session.scalars(select(Couple.state).where(Couple.id == couple_id)).one()
    return are_both_here(CoupleState(state), partners_of([couple_id]).get(couple_id, ()))


def check_both(couple_id: UUID) -> None:
    """Raise NotAllowed "not_for_both_now" where one of the two takes part no more, or they have separated.

    It holds for every joint copy from then on, also one with an earlier cut-off. A pause keeps nothing back.
    """
    if not are_both(couple_id):
        raise NotAllowed("not_for_both_now")


def check_not_separated(couple_id: UUID) -> None:
    """Raise NotAllowed "not_for_both_now" once the two have separated, which the coach told both."""
    if db.session.scalars(select(Couple.state).where(Couple.id == couple_id)).one() == CoupleState.SEPARATED:
        raise NotAllowed("not_for_both_now")


def names(couple_id: UUID) -> dict[Label, str]:
    """The names of a couple's partners by label, whether or not they still take part; the caller found the couple."""
    rows = db.session.execute(
        select(Partnership.label, Person.display_name)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id == couple_id)
    )
    return {Label(label): name for label, name in rows}


def couple_and_moment(viewer: Viewer) -> tuple[UUID, datetime]:
    """A partner's couple, and as of when they meet what the other shares: now, or when they left. Raises NotFound."""
    rows = scope.of_partner(viewer, _own_couple())
    if not rows:
        raise NotFound
    return rows[0].couple_id, rows[0].withdrawn_at or clock.now()


@cache
def _own_couple() -> Select[UUID, datetime | None]:
    return scope.couple_of_partner().add_columns(Partnership.withdrawn_at)
