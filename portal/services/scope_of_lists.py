"""The second door, where many couples are listed: lines of the caseload that a viewer may read, and saved views of it.

A line says whose its couple is beside what it is sorted by, so that a list is read in its order and no further than a
page of it. What a page then shows is asked of the couples themselves, through `scope`, once more.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select

from portal import clock
from portal.domain.people import Viewer
from portal.domain.roles import Power, Tie, ties_for
from portal.extensions import db
from portal.models.colleagues import Cover, Supervision
from portal.models.couples import Caseload, CaseloadView
from portal.services.scope import found


def lines_to_read(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on a line of the caseload that the viewer may read it; one statement for a coach.

    Whom a coach covers today is looked up beforehand: of one coach alone, the lines lie in order in each index. A coach
    is of one practice, and so are those whom they cover; to say so beside it would lead past these indexes.
    """
    ties = ties_for(viewer.role, Power.READ)
    if Tie.OWN in ties:
        covered = _covered(viewer)
        mine = Caseload.coach_id.in_([viewer.person_id, *covered]) if covered else Caseload.coach_id == viewer.person_id
        return mine
    if Tie.SUPERVISED in ties:
        return Caseload.couple_id.in_(_supervised(viewer))
    return false()


def _covered(viewer: Viewer) -> list[UUID]:
    now = clock.now()
    is_today = (Cover.starts_at <= now, Cover.ends_at > now, Cover.called_off_at.is_(None))
    return list(db.session.scalars(select(Cover.coach_id).where(Cover.cover_id == viewer.person_id, *is_today)))


def _supervised(viewer: Viewer) -> Select[UUID]:
    now = clock.now()
    is_open = Supervision.ends_at.is_(None) | (Supervision.ends_at > now)
    mine = (Supervision.supervisor_id == viewer.person_id, Supervision.starts_at <= now, is_open)
    return select(Supervision.couple_id).where(*mine)


def views(viewer: Viewer) -> Select[CaseloadView]:
    """A coach's own saved views."""
    mine = (CaseloadView.practice_id == viewer.practice_id, CaseloadView.person_id == viewer.person_id)
    statement = select(CaseloadView).where(*mine)
    return statement if viewer.role.is_coach else statement.where(false())


def view(viewer: Viewer, view_id: UUID) -> CaseloadView:
    return found(views(viewer).where(CaseloadView.id == view_id))
