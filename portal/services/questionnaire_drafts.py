"""Drafts of questionnaires: begun anew, from an entry of the library, or for one couple; edited, published, let go.

A draft holds every rule of a questionnaire at each save, so that whatever stands there can be published.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select

from portal import clock, content, randomness
from portal.domain import questionnaire_editing as editing
from portal.domain.documents import Document
from portal.domain.errors import Conflict, NotFound
from portal.domain.items import Item, ItemType
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.domain.question_words import LONGEST_TITLE, QuestionWords
from portal.domain.questionnaire_editing import Carried, Heading
from portal.domain.questionnaires import Questionnaire as Definition
from portal.domain.questionnaires import from_document
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.models.questionnaires import QuestionnaireDraft
from portal.models.users import Person
from portal.services import programme, scope, scope_of_drafts


@dataclass(frozen=True, slots=True)
class DraftShown:
    """A draft as its page shows it. `couple_names` are those of the couple it is for; None where it is for everybody.

    `definition` is as its author wrote it, with `{coach}` where a coach's name will stand; `spoken` has it filled in.
    """

    draft_id: UUID
    questionnaire_id: UUID | None
    couple_id: UUID | None
    couple_names: str | None
    version: int
    saved_by: str
    saved_at: datetime
    definition: Definition
    spoken: Definition
    own_ids: tuple[str, ...]
    document: Document

    def earlier(self, item_id: str | None) -> tuple[Item, ...]:
        """What a question (None: a new one) may hang on, in the viewer's words."""
        before = editing.earlier_items(self.document, item_id, carried_by(self.document))
        return tuple(self.spoken.item(item.id) for item in before)

    @property
    def is_check_in(self) -> bool:
        return self.definition.kind is Kind.CHECK_IN


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of the list of drafts."""

    draft_id: UUID
    questionnaire_id: UUID | None
    title: str
    couple_names: str | None
    saved_by: str
    saved_at: datetime


def carried_by(document: Mapping[str, Any]) -> Carried:
    """The questions that a form of this kind carries, whoever edits it."""
    if document["kind"] == Kind.CHECK_IN:
        return editing.carried_by_check_in(content.check_in())
    return editing.carried_by_exercises(content.common_fields())


def of_practice(viewer: Viewer) -> tuple[DraftLine, ...]:
    """The drafts that the viewer may go on with, the latest first; one statement."""
    rows = db.session.execute(_with_names(viewer).order_by(QuestionnaireDraft.saved_at.desc(), QuestionnaireDraft.id))
    return tuple(
        DraftLine(d.id, d.questionnaire_id, d.document["title"], row.names, row.display_name, d.saved_at)
        for row in rows
        for d in [row.QuestionnaireDraft]
    )


def _with_names(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        scope_of_drafts.drafts(viewer)
        .outerjoin(Couple, Couple.id == QuestionnaireDraft.couple_id)
        .join(Person, Person.id == QuestionnaireDraft.saved_by)
        .with_only_columns(QuestionnaireDraft, Couple.names, Person.display_name)
    )


def draft(viewer: Viewer, draft_id: UUID) -> DraftShown:
    """One draft. Raises NotFound."""
    row = db.session.execute(_with_names(viewer).where(QuestionnaireDraft.id == draft_id)).one_or_none()
    if row is None:
        raise NotFound
    return _shown(viewer, row)


def _shown(viewer: Viewer, row: Row[Any]) -> DraftShown:
    found: QuestionnaireDraft = row.QuestionnaireDraft
    definition = from_document(found.document)
    return DraftShown(
        found.id,
        found.questionnaire_id,
        found.couple_id,
        row.names,
        found.version,
        row.display_name,
        found.saved_at,
        definition,
        definition.spoken(scope.own_person(viewer).display_name),
        editing.own_ids(found.document, carried_by(found.document)),
        found.document,
    )


def begin_exercise(viewer: Viewer, heading: Heading) -> UUID:
    """Begin an exercise that nobody has yet; gives the draft's id. Raises NotFound, and Invalid with `field`."""
    document = editing.new_exercise(heading, content.common_fields())
    begin_write()
    if not viewer.role.is_coach:
        raise NotFound
    programme.check_step(viewer, heading.step)
    draft_id = _add(viewer, document)
    db.session.commit()
    return draft_id


def begin_copy(viewer: Viewer, questionnaire_id: UUID, title: str) -> UUID:
    """Begin an exercise of its own from another, under this title; gives the draft's id. Raises NotFound.

    The check-in is one for the whole practice: two series of scores could not stand in one chart.
    """
    begin_write()
    entry = scope_of_drafts.entry_to_edit(viewer, questionnaire_id)
    if entry.kind != Kind.EXERCISE:
        raise NotFound
    document = programme.newest_version(entry.id).document
    draft_id = _add(viewer, document | {"title": title[:LONGEST_TITLE], "slug": "new"})
    db.session.commit()
    return draft_id


def begin_next(viewer: Viewer, questionnaire_id: UUID, couple_id: UUID | None = None) -> UUID:
    """The draft of an entry's next version, or of one for a couple: the open one, else a new one from the newest.

    Gives its id. Raises NotFound.
    """
    begin_write()
    entry = scope_of_drafts.entry_to_edit(viewer, questionnaire_id)
    if couple_id is not None:
        scope.couple(viewer, couple_id, scope.couples_to_act_for)
    same = scope_of_drafts.drafts(viewer).where(QuestionnaireDraft.questionnaire_id == entry.id)
    own = QuestionnaireDraft.couple_id.is_(None) if couple_id is None else QuestionnaireDraft.couple_id == couple_id
    open_one = db.session.scalars(same.where(own)).one_or_none()
    draft_id = open_one.id if open_one else None
    if draft_id is None:
        draft_id = _add(viewer, programme.newest_version(entry.id).document, entry.id, couple_id)
    db.session.commit()
    return draft_id


def _add(
    viewer: Viewer, document: Document, questionnaire_id: UUID | None = None, couple_id: UUID | None = None
) -> UUID:
    draft_id = randomness.new_id()
    db.session.add(
        QuestionnaireDraft(
            id=draft_id,
            practice_id=viewer.practice_id,
            questionnaire_id=questionnaire_id,
            couple_id=couple_id,
            version=1,
            document=document,
            saved_by=viewer.person_id,
            saved_at=clock.now(),
        )
    )
    db.session.flush()
    return draft_id


def save_heading(viewer: Viewer, draft_id: UUID, version: int, heading: Heading) -> None:
    """Change all but the questions. `version` is the one that the page was made of.

    Raises NotFound, Invalid with `field`, and Conflict "draft_changed_meanwhile" where another page saved since.
    """

    def change(document: Document) -> Document:
        if document["kind"] == Kind.EXERCISE:
            programme.check_step(viewer, heading.step)
        return editing.with_heading(document, heading, content.common_fields())

    _change(viewer, draft_id, version, change)


def save_question(
    viewer: Viewer, draft_id: UUID, version: int, item_id: str | None, kind: ItemType, words: QuestionWords
) -> str:
    """Change a question, or (None) add one; gives its id. What it raises is what `save_heading` does.

    The id of a new one is never used again, in no version: by it two versions' answers stand side by side.
    """
    wanted = item_id or f"q{randomness.new_id().hex[:12]}"

    def change(document: Document) -> Document:
        known = {entry["id"]: entry for entry in document["items"]}
        if item_id is not None and item_id not in known:
            raise NotFound
        said = editing.with_values(words, known.get(wanted), lambda: f"o{randomness.new_id().hex[:8]}")
        return editing.with_question(document, wanted, kind, said, carried_by(document))

    _change(viewer, draft_id, version, change)
    return wanted


def move(viewer: Viewer, draft_id: UUID, version: int, item_id: str, *, up: bool) -> None:
    """Put a question of one's own a place up or down. What it raises is what `save_heading` does."""
    _change(viewer, draft_id, version, lambda document: editing.moved(document, item_id, carried_by(document), up=up))


def remove(viewer: Viewer, draft_id: UUID, version: int, item_id: str) -> None:
    """Take a question of one's own away. What it raises is what `save_heading` does."""
    _change(
        viewer, draft_id, version, lambda document: editing.without_question(document, item_id, carried_by(document))
    )


def _change(viewer: Viewer, draft_id: UUID, version: int, change: Callable[[Document], Document]) -> None:
    begin_write()
    row = scope_of_drafts.draft(viewer, draft_id, is_held=True)
    if row.version != version:
        raise Conflict("draft_changed_meanwhile")
    row.document = change(row.document)
    row.version, row.saved_by, row.saved_at = version + 1, viewer.person_id, clock.now()
    db.session.commit()


def discard(viewer: Viewer, draft_id: UUID) -> None:
    """Let a draft go; what was published stays. Raises NotFound."""
    begin_write()
    db.session.delete(scope_of_drafts.draft(viewer, draft_id, is_held=True))
    db.session.commit()
