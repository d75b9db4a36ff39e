"""The second door, where it leads to the choices that partners are offered."""

from uuid import UUID

from sqlalchemy import Exists, Select, false, select

from portal.domain.people import Role, Viewer
from portal.models.assignments import Assignment, Task
from portal.models.choices import OfferedChoice
from portal.models.couples import Couple
from portal.services.scope import Reach, couples_to_act_for


def choices(viewer: Viewer, reach: Reach = couples_to_act_for) -> Select[OfferedChoice]:
    """What the partners of the couples within reach were offered."""
    mine = reach(viewer).with_only_columns(Couple.id)
    return select(OfferedChoice).where(OfferedChoice.couple_id.in_(mine))


def own_choice(viewer: Viewer, choice_id: UUID) -> Select[OfferedChoice]:
    """What a partner was offered; one that was taken back is not there for them."""
    statement = select(OfferedChoice).where(
        OfferedChoice.practice_id == viewer.practice_id,
        OfferedChoice.person_id == viewer.person_id,
        OfferedChoice.id == choice_id,
    )
    if viewer.role is not Role.PARTNER:
        return statement.where(false())
    return statement.where(OfferedChoice.withdrawn_at.is_(None))


def was_picked() -> Exists:
    """Whether the assignment that the statement around it is about was taken of a choice: theirs alone who took it."""
    its = select(OfferedChoice.id).join(Task, Task.id == OfferedChoice.task_id)
    return its.where(Task.assignment_id == Assignment.id).correlate(Assignment).exists()
