"""Publishing a draft: it becomes a version that never changes, of a new entry or a known one, or for one couple."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal import randomness
from portal.domain.documents import Document
from portal.domain.errors import Conflict
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.extensions import begin_write, db
from portal.models.questionnaires import Questionnaire, QuestionnaireDraft
from portal.services import audit, programme, scope, scope_of_drafts

LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Published:
    """What a draft has become."""

    questionnaire_id: UUID
    version_id: UUID
    number: int
    couple_id: UUID | None


def publish(viewer: Viewer, draft_id: UUID, version: int) -> Published:
    """Make a draft into a version; forms that were given stay as they were.

    `version` is the one that the coach looked at. Raises NotFound, and Conflict "draft_changed_meanwhile".
    """
    begin_write()
    draft = scope_of_drafts.draft(viewer, draft_id, is_held=True)
    if draft.version != version:
        raise Conflict("draft_changed_meanwhile")
    entry = _entry_of(viewer, draft)
    number = programme.next_number(entry)
    document: Document = draft.document | {"slug": _slug_in(entry)}
    if draft.couple_id is None:
        _shelve(entry, document["step"])
    made = programme.add_version(entry, number, document, draft.couple_id)
    published = Published(entry.id, made.id, number, draft.couple_id)
    audit.record(viewer, "questionnaire:published" if draft.couple_id is None else "questionnaire:adapted", entry.id)
    db.session.delete(draft)
    db.session.commit()
    return published


def _entry_of(viewer: Viewer, draft: QuestionnaireDraft) -> Questionnaire:
    if draft.questionnaire_id is not None:
        return scope_of_drafts.entry_to_edit(viewer, draft.questionnaire_id)
    step = draft.document["step"]
    scope.own_practice(viewer, is_held=True)  # of two new entries at once, one waits, and finds its name taken
    entry = Questionnaire(
        id=randomness.new_id(),
        practice_id=viewer.practice_id,
        kind=Kind.EXERCISE,
        slug=_free_slug(viewer.practice_id, draft.document["title"]),
        step=step,
        position=_after_last(viewer.practice_id, step),
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _slug_in(entry: Questionnaire) -> str:
    """What the documents of an entry call it: the check-in's is another than its place in the library."""
    newest = programme.newest_or_none(entry.id)
    return str(newest.document["slug"]) if newest else entry.slug


def _shelve(entry: Questionnaire, step: str | None) -> None:
    """Where its step is another one now, the entry stands at the end of that."""
    if entry.step != step:
        entry.position = _after_last(entry.practice_id, step)
        entry.step = step


def _after_last(practice_id: UUID, step: str | None) -> int:
    of_step = (Questionnaire.practice_id == practice_id, Questionnaire.step == step)
    return (db.session.scalar(select(func.max(Questionnaire.position)).where(*of_step)) or 0) + 1


def _free_slug(practice_id: UUID, title: str) -> str:
    """A name of letters, digits and hyphens that no other entry of the practice has."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_SLUG].strip("-") or "exercise"
    taken = set(db.session.scalars(select(Questionnaire.slug).where(Questionnaire.practice_id == practice_id)))
    if slug not in taken:
        return slug
    return next(f"{slug}-{n}" for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
