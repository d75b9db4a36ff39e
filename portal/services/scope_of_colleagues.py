"""The second door, where colleagues arrange something among each other: days away, reading along, a hand-over."""

from uuid import UUID

from sqlalchemy import Select, false, select

from portal.domain.people import PersonState, Role, Viewer
from portal.domain.roles import runs_practice
from portal.extensions import db
from portal.models.colleagues import Cover, HandOver
from portal.models.couples import Couple
from portal.models.users import Person
from portal.services import scope
from portal.services.scope import found


def cover(viewer: Viewer, cover_id: UUID) -> Cover:
    """Days away that the viewer may decide about: a coach their own, the owner everybody's."""
    statement = select(Cover).where(Cover.practice_id == viewer.practice_id, Cover.id == cover_id)
    if runs_practice(viewer.role):
        return found(statement)
    return found(statement.where(Cover.coach_id == viewer.person_id if viewer.role.is_coach else false()))


def active_coach(viewer: Viewer, person_id: UUID) -> Person:
    """A coach of the viewer's practice who may work, held until the commit."""
    is_theirs = (Person.practice_id == viewer.practice_id, Person.id == person_id)
    may_work = (Person.role.in_([Role.OWNER, Role.COACH]), Person.state == PersonState.ACTIVE)
    return found(select(Person).where(*is_theirs, *may_work).with_for_update())


def active_supervisor(viewer: Viewer, person_id: UUID) -> Person:
    """A supervisor of the viewer's practice who may work, for its staff."""
    is_theirs = (Person.practice_id == viewer.practice_id, Person.id == person_id)
    may_work = (Person.role == Role.SUPERVISOR, Person.state == PersonState.ACTIVE)
    statement = select(Person).where(*is_theirs, *may_work)
    return found(statement if viewer.role is not Role.PARTNER else statement.where(false()))


def hand_overs_offered(viewer: Viewer) -> Select[HandOver]:
    """Couples that were offered to the viewer and wait for a yes or no, for a coach."""
    statement = select(HandOver).where(HandOver.practice_id == viewer.practice_id, HandOver.settled_at.is_(None))
    return statement.where(HandOver.to_id == viewer.person_id if viewer.role.is_coach else false())


def hand_over_offered(viewer: Viewer, hand_over_id: UUID) -> HandOver:
    """A couple that was offered to the viewer, held until the commit."""
    return found(hand_overs_offered(viewer).where(HandOver.id == hand_over_id).with_for_update())


def couple_offered(viewer: Viewer, hand_over_id: UUID) -> Couple:
    """The couple that a hand-over would bring to the viewer, held until the commit: before the hand-over itself."""
    offered = hand_overs_offered(viewer).where(HandOver.id == hand_over_id).with_only_columns(HandOver.couple_id)
    return found(select(Couple).where(Couple.id.in_(offered)).with_for_update())


def acts_for(viewer: Viewer, couple_id: UUID) -> bool:
    """Whether a viewer acts for a couple that they may read: why something was left out is not for who reads along."""
    mine = scope.couples_to_act_for(viewer).where(Couple.id == couple_id).with_only_columns(Couple.id)
    return db.session.scalar(mine) is not None
