"""The second door, where it leads to the pathways of couples and their steps."""

from uuid import UUID

from sqlalchemy import Select, select

from portal.domain.people import Viewer
from portal.models.couples import Couple
from portal.models.pathways import Pathway, PathwayStep
from portal.services.scope import Reach, couples_to_act_for


def pathways(viewer: Viewer, reach: Reach = couples_to_act_for) -> Select[Pathway]:
    """The pathways of couples within reach that have not ended."""
    mine = reach(viewer).with_only_columns(Couple.id)
    return select(Pathway).where(Pathway.couple_id.in_(mine), Pathway.ended_at.is_(None))


def pathway(viewer: Viewer, couple_id: UUID, reach: Reach = couples_to_act_for) -> Select[Pathway]:
    """The one pathway of a couple that has not ended."""
    return pathways(viewer, reach).where(Pathway.couple_id == couple_id)


def pathway_of_step(viewer: Viewer, step_id: UUID) -> Select[Pathway]:
    """The same, by one of its steps."""
    its = select(PathwayStep.pathway_id).where(PathwayStep.practice_id == viewer.practice_id, PathwayStep.id == step_id)
    return pathways(viewer).where(Pathway.id.in_(its))
