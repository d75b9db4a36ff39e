"""Something else instead: what is open of an assignment is taken back, and another thing given, in one step."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed, Refused
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.pathways import PathwayStep
from portal.models.questionnaires import QuestionnaireVersion
from portal.services import assignments, audit, issuing, scope, taking_part
from portal.services.assignments import NewAssignment


@dataclass(frozen=True, slots=True)
class Instead:
    """What is given in the place of something, to the same, until when and why."""

    questionnaire_id: UUID
    due_on: date
    why: str = ""
    cleared: bool = False


def swap(viewer: Viewer, assignment_id: UUID, instead: Instead, link: str = "") -> UUID:
    """Take back what is not sent, as `assignments.withdraw` does, and give something else to the same; gives its id.

    Whether somebody had sent makes no difference to what either gets. Raises as `assignments.assign` does, Invalid
    "swapped_for_itself", and NotAllowed "on_a_pathway" for a step of a pathway.
    """
    begin_write()
    try:
        found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
        taking_part.hold(found.couple_id, is_shared=True)
        _check(found, instead)
        if issuing.take_back(found):
            audit.record(viewer, "assignment:withdrawn", found.id)
        new = NewAssignment(
            instead.questionnaire_id, _whom(found), instead.due_on, instead.why, cleared=instead.cleared
        )
        given = assignments.give(viewer, found.couple_id, new, link)
    except Refused:
        db.session.rollback()  # what was taken back is there again
        raise
    db.session.commit()
    return given


def _whom(found: Assignment) -> For:
    """The same as before; what was a joint task is for both, and may become something that each does alone."""
    given_to = For(found.given_to)
    return For.BOTH if given_to is For.JOINT else given_to


def _check(found: Assignment, instead: Instead) -> None:
    its = select(QuestionnaireVersion.questionnaire_id).where(QuestionnaireVersion.id == found.version_id)
    if db.session.scalars(its).one() == instead.questionnaire_id:
        raise Invalid("swapped_for_itself", field="exercise")
    of_pathway = select(PathwayStep.id).where(PathwayStep.assignment_id == found.id)
    if db.session.scalars(of_pathway).first() is not None:
        raise NotAllowed("on_a_pathway")
