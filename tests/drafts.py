"""What tests of the builder begin from: an exercise with a question, published."""

from typing import Any
from uuid import UUID

from portal.domain.items import ItemType
from portal.domain.people import Viewer
from portal.domain.programme import Audience
from portal.domain.question_words import QuestionWords
from portal.domain.questionnaire_editing import Heading
from portal.services import programme, publishing, questionnaire_drafts
from portal.services.publishing import Published

HEADING = Heading("A walk", "To talk side by side.", "gratitude", Audience.ALONE, 20, "weekly", ("Go out.",))
FELT = QuestionWords("How close did I feel?", "session", ends=("far", "near"))
SAW = QuestionWords("What did I see on the way?", "shared")


def begun(viewer: Viewer, heading: Heading = HEADING) -> UUID:
    """The draft of a new exercise that asks two questions of its own."""
    draft_id = questionnaire_drafts.begin_exercise(viewer, heading)
    questionnaire_drafts.save_question(viewer, draft_id, 1, None, ItemType.SCALE, FELT)
    questionnaire_drafts.save_question(viewer, draft_id, 2, None, ItemType.TEXT, SAW)
    return draft_id


def publish(viewer: Viewer, draft_id: UUID) -> Published:
    """Publish a draft as it stands now."""
    return publishing.publish(viewer, draft_id, questionnaire_drafts.draft(viewer, draft_id).version)


def published(viewer: Viewer, heading: Heading = HEADING) -> Published:
    return publish(viewer, begun(viewer, heading))


def entry_of(viewer: Viewer, slug: str) -> Any:
    """An entry of the library that can be given now."""
    return next(entry for entry in programme.library(viewer) if entry.slug == slug)
