"""What the coach does to the library in a history: a next version for everybody, and one for Ana's eyes alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from portal.domain.assignments import For
from portal.domain.items import ItemType
from portal.domain.media import Media
from portal.domain.question_words import QuestionWords
from portal.domain.questionnaire_editing import Heading
from portal.services import assignments, publishing, questionnaire_drafts, questionnaires
from portal.services.assignments import NewAssignment
from portal.services.publishing import Published
from tests.privacy.acts_of_giving import entry_of
from tests.privacy.typed_forms import said

if TYPE_CHECKING:
    from tests.privacy.twin import House

EXERCISE, CHECK_IN, ALONE = "one-holds-the-floor", "weekly-check-in", "my-listening-habits"


def _edited(house: "House", slug: str, title: str, words: QuestionWords, couple_id: UUID | None = None) -> Published:
    """A next version under another title, with a link and one question more."""
    ines = house.cast.ines
    draft_id = questionnaire_drafts.begin_next(ines, entry_of(house, slug), couple_id)
    found = questionnaire_drafts.draft(ines, draft_id)
    it, version = found.definition, found.version
    heading = Heading(title, it.purpose, it.step, it.audience, it.minutes, it.frequency, it.instructions)
    link = Media(title, "https://films.example/talk", 12)
    questionnaire_drafts.save_heading(ines, draft_id, version, replace(heading, media=link))
    questionnaire_drafts.save_question(ines, draft_id, version + 1, None, ItemType.TEXT, words)
    return publishing.publish(ines, draft_id, version + 2)


def edit_library(house: "House", seed: int, _private: int) -> None:
    """Another version of what both are given again and again; an exercise goes, and at times comes back elsewhere."""
    slug = (EXERCISE, CHECK_IN)[seed % 2]
    readers = ("shared", "session", "coach", "at-once")[seed % 4]
    _edited(house, slug, f"In other words {seed}", QuestionWords(f"And {seed}?", readers))
    entry = entry_of(house, ALONE)
    questionnaires.move(house.cast.ines, entry, up=bool(seed % 2))
    questionnaires.retire(house.cast.ines, entry)
    questionnaires.bring_back(house.cast.ines, entry)


def adapt_for_ana(house: "House", _seed: int, private: int) -> None:
    """A version for this couple that is given to Ana alone: its words are between the coach and her."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    words = QuestionWords(said(private)[:300], "coach")
    done = _edited(house, ALONE, f"For you alone {private}", words, couple_id)
    due_on = datetime.now(UTC).date() + timedelta(days=7)
    new = NewAssignment(done.questionnaire_id, For.A, due_on, said(private)[:300], version_id=done.version_id)
    house.for_ana.append(assignments.assign(ines, couple_id, new, "http://127.0.0.1:8000/my/"))
