"""A draft as a partner would meet it: the questions of one form, under the practice's policy."""

from dataclasses import dataclass
from uuid import UUID

from portal.domain.people import Viewer
from portal.domain.questionnaires import FULL_FORM_EVERY, Item, Questionnaire, Screen, items_of_form, screens_of_form
from portal.services import programme, questionnaire_drafts, scope


@dataclass(frozen=True, slots=True)
class DraftPreview:
    """One form of a draft, spoken in the viewer's own name."""

    questionnaire: Questionnaire
    items: tuple[Item, ...]
    screens: tuple[Screen, ...]
    policy: str
    coach_name: str


def preview(viewer: Viewer, draft_id: UUID, *, is_full: bool) -> DraftPreview:
    """The first form, or (`is_full`) one that asks everything, with the couple at its first step. Raises NotFound."""
    spoken = questionnaire_drafts.draft(viewer, draft_id).spoken
    policy = scope.own_practice(viewer).policy
    steps = programme.steps_of(viewer)
    step = spoken.step or (steps[0].slug if steps else None)
    ordinal = FULL_FORM_EVERY if is_full else 1
    items = items_of_form(spoken, ordinal=ordinal, current_step=step, policy=policy)
    screens = screens_of_form(spoken, ordinal=ordinal, current_step=step, policy=policy)
    return DraftPreview(spoken, items, screens, policy, scope.own_person(viewer).display_name)
