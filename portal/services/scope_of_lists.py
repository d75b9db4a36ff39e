"""The second door, where many couples are listed: lines of the caseload that a viewer may read, and saved views of it.

A line says whose its couple is beside what it is sorted by, so that a list is read in its order and no further than a
page of it. What a page then shows is asked of the couples themselves, through `scope`, once more.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select

from portal.domain.people import Viewer
from portal.domain.roles import Power, Tie, ties_for
from portal.extensions import db
from portal.models.couples import Caseload, CaseloadView
from portal.services import scope
from portal.services.scope import found


def lines_to_read(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on a line of the caseload that the viewer may read it; one statement for a coach.

    Whom a coach covers today is looked up beforehand: of one coach alone, the lines lie in order in each index. A coach
    is of one practice, and so are those whom they cover; to say so beside it would lead past these indexes.
    """
    ties = ties_for(viewer.role, Power.READ)
    if Tie.OWN in ties:
        covered = db.session.scalars(scope.covered(viewer)).all()
        mine = viewer.person_id
        return Caseload.coach_id.in_([mine, *covered]) if covered else Caseload.coach_id == mine
    if Tie.SUPERVISED in ties:
        return Caseload.couple_id.in_(scope.supervised(viewer))
    return false()


def views(viewer: Viewer) -> Select[CaseloadView]:
    """A coach's own saved views."""
    mine = (CaseloadView.practice_id == viewer.practice_id, CaseloadView.person_id == viewer.person_id)
    statement = select(CaseloadView).where(*mine)
    return statement if viewer.role.is_coach else statement.where(false())


def view(viewer: Viewer, view_id: UUID) -> CaseloadView:
    return found(views(viewer).where(CaseloadView.id == view_id))
