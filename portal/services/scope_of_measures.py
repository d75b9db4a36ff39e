"""The second door, where it opens to what a practice has brought: its measures, and scores typed from paper."""

from uuid import UUID

from sqlalchemy import Select, false, select

from portal.domain.errors import NotFound
from portal.domain.people import Viewer
from portal.models.couples import Couple
from portal.models.measures import Measure, PaperScore
from portal.services.scope import Reach, couples_to_act_for, couples_to_read, found


def check_coach(viewer: Viewer) -> None:
    """Raise NotFound for everybody but coaches."""
    if not viewer.role.is_coach:
        raise NotFound


def measures(viewer: Viewer) -> Select[Measure]:
    """The measures of the viewer's practice, for its coaches."""
    statement = select(Measure).where(Measure.practice_id == viewer.practice_id)
    return statement if viewer.role.is_coach else statement.where(false())


def measure(viewer: Viewer, questionnaire_id: UUID, *, is_held: bool = False) -> Measure:
    """One of them, held against everybody else or not."""
    statement = measures(viewer).where(Measure.questionnaire_id == questionnaire_id)
    return found(statement.with_for_update() if is_held else statement)


def of_practice(viewer: Viewer) -> Select[Measure]:
    """All measures of the viewer's practice, for rows within reach that name them, whoever of its staff reads those."""
    return select(Measure).where(Measure.practice_id == viewer.practice_id)


def paper_scores(viewer: Viewer, reach: Reach = couples_to_read) -> Select[PaperScore]:
    """Scores from paper of the partners of couples within reach; what was struck is not there."""
    mine = reach(viewer).with_only_columns(Couple.id)
    return select(PaperScore).where(PaperScore.couple_id.in_(mine), PaperScore.struck_at.is_(None))


def paper_score(viewer: Viewer, score_id: UUID) -> PaperScore:
    """One of them, of a couple that the viewer may act for."""
    return found(paper_scores(viewer, couples_to_act_for).where(PaperScore.id == score_id))
