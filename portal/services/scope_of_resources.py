"""The second door, where it leads to the shelf: a practice's own for its coaches, the part for a partner's step."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, false, select

from portal.domain.errors import NotFound
from portal.domain.people import Viewer
from portal.models.couples import Couple, Partnership
from portal.models.resources import Resource
from portal.services.scope import A_PARTNER, couple_of_partner, found


def resources(viewer: Viewer) -> Select[Resource]:
    """What stands on the practice's shelf, for its coaches; what was taken away is in it too."""
    statement = select(Resource).where(Resource.practice_id == viewer.practice_id)
    return statement if viewer.role.is_coach else statement.where(false())


def check_coach(viewer: Viewer) -> None:
    """Raise NotFound for whoever has no shelf to see to."""
    if not viewer.role.is_coach:
        raise NotFound


def resource(viewer: Viewer, resource_id: UUID, *, is_held: bool = True) -> Resource:
    """One of them, held until the commit or not. Raises NotFound."""
    statement = resources(viewer).where(Resource.id == resource_id)
    return found(statement.with_for_update() if is_held else statement)


@cache
def of_partners_step() -> Select[*tuple[Any, ...]]:
    """What stands on the shelf for the couple that A_PARTNER is in: for the step of both, and by nothing that one did.

    Who stopped taking part keeps the step at which they did: what the coach does with the other later tells nothing.
    """
    step = case((Partnership.withdrawn_at.is_not(None), Partnership.left_at_step), else_=Couple.step)
    return (
        select(Resource.kind, Resource.title, Resource.address, Resource.minutes, Resource.why)
        .join(Couple, Couple.practice_id == Resource.practice_id)
        .join(Partnership, Partnership.couple_id == Couple.id)
        .where(
            Couple.id.in_(couple_of_partner()),
            Partnership.person_id == A_PARTNER.person_id,
            Resource.practice_id == A_PARTNER.practice_id,
            Resource.step == step,
            Resource.retired_at.is_(None),
        )
        .order_by(Resource.position, Resource.id)
    )
