"""Which couples a viewer reaches, and for what: to act for, to read, to arrange dates and doors, to hand over."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, false, or_, select

from portal import clock
from portal.domain.people import Viewer
from portal.domain.roles import Power, Tie, ties_for
from portal.models.colleagues import Cover, Supervision
from portal.models.couples import Couple

Reach = Callable[[Viewer], Select[Couple]]


def couples(viewer: Viewer) -> Select[Couple]:
    """A coach's own couples; nobody else reaches a couple as such."""
    statement = select(Couple).where(Couple.practice_id == viewer.practice_id)
    return statement.where(_is_tied(viewer, Tie.OWN) if viewer.role.is_coach else false())


def couples_to_act_for(viewer: Viewer) -> Select[Couple]:
    """The couples that a coach may act for: their own, and those of a colleague whom they cover today."""
    return _with(viewer, Power.ACT)


def couples_to_read(viewer: Viewer) -> Select[Couple]:
    """The couples whose clinical text may be read: those to act for, and a supervisor's named ones."""
    return _with(viewer, Power.READ)


def couples_to_arrange(viewer: Viewer) -> Select[Couple]:
    """The couples whose dates and doors may be seen to: those to act for; an assistant's are the whole practice's."""
    return _with(viewer, Power.ARRANGE)


def couples_to_hand_over(viewer: Viewer) -> Select[Couple]:
    """The couples that may be offered to another coach: one's own; the owner's are the whole practice's."""
    return _with(viewer, Power.HAND_OVER)


def _with(viewer: Viewer, power: Power) -> Select[Couple]:
    statement = select(Couple).where(Couple.practice_id == viewer.practice_id)
    ties = ties_for(viewer.role, power)
    if Tie.NONE in ties:
        return statement
    tied = [_is_tied(viewer, tie) for tie in sorted(ties)]
    return statement.where(or_(*tied) if tied else false())


def _is_tied(viewer: Viewer, tie: Tie) -> ColumnElement[bool]:
    if tie is Tie.OWN:
        return Couple.coach_id == viewer.person_id
    now = clock.now()
    if tie is Tie.COVERED:
        is_today = (Cover.starts_at <= now, Cover.ends_at > now, Cover.called_off_at.is_(None))
        away = select(Cover.coach_id).where(Cover.cover_id == viewer.person_id, *is_today)
        return Couple.coach_id.in_(away)
    named = select(Supervision.couple_id).where(
        Supervision.supervisor_id == viewer.person_id,
        Supervision.starts_at <= now,
        Supervision.ends_at.is_(None) | (Supervision.ends_at > now),
    )
    return Couple.id.in_(named)
