"""The second door, where it leads to drafts of questionnaires and to the entries that can be edited at all."""

from uuid import UUID

from sqlalchemy import Select, false, select

from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.models.couples import Couple
from portal.models.questionnaires import Questionnaire, QuestionnaireDraft
from portal.services import scope
from portal.services.scope import found

EDITABLE = (Kind.EXERCISE, Kind.CHECK_IN)


def drafts(viewer: Viewer) -> Select[QuestionnaireDraft]:
    """The practice's drafts, for its coaches; one for a couple only for who acts for it."""
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    statement = select(QuestionnaireDraft).where(
        QuestionnaireDraft.practice_id == viewer.practice_id,
        QuestionnaireDraft.couple_id.is_(None) | QuestionnaireDraft.couple_id.in_(mine),
    )
    return statement if viewer.role.is_coach else statement.where(false())


def draft(viewer: Viewer, draft_id: UUID, *, is_held: bool = False) -> QuestionnaireDraft:
    """One draft, held against everybody else or not. Raises NotFound."""
    statement = drafts(viewer).where(QuestionnaireDraft.id == draft_id)
    return found(statement.with_for_update() if is_held else statement)


def entry_to_edit(viewer: Viewer, questionnaire_id: UUID, *, is_held: bool = True) -> Questionnaire:
    """An entry of the library that the builder edits, held or not; raises NotFound, for any other kind too."""
    statement = scope.library(viewer).where(Questionnaire.id == questionnaire_id, Questionnaire.kind.in_(EDITABLE))
    return found(statement.with_for_update() if is_held else statement)
