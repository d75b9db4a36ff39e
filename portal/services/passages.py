"""The forms with which the work begins and ends: in the practice's own library from the day one is first given."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal import content
from portal.domain.assignments import For
from portal.domain.documents import passage_document
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.extensions import db
from portal.models.assignments import Assignment
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import programme, scope


def entry_id(viewer: Viewer, slug: str) -> UUID:
    """The entry of the viewer's practice; it is added, as it ships, where there is none yet. The caller commits."""
    known = _known_or_none(viewer, slug)
    if known is None:  # of two who give the first one at once, one waits at what every practice has
        db.session.execute(
            scope.library(viewer).where(Questionnaire.slug == programme.CHECK_IN_SLUG).with_for_update(key_share=True)
        )
        known = _known_or_none(viewer, slug)
    if known is not None:
        return known
    shipped = next(one for one in content.passages().values() if one.get("slug") == slug)
    return programme.add_entry(viewer.practice_id, Kind.PASSAGE, slug, None, 1, passage_document(shipped))


def _known_or_none(viewer: Viewer, slug: str) -> UUID | None:
    own = (Questionnaire.slug == slug, Questionnaire.kind == Kind.PASSAGE)
    return db.session.scalars(scope.library(viewer).where(*own).with_only_columns(Questionnaire.id)).one_or_none()


@dataclass(frozen=True, slots=True)
class Given:
    """One of these forms as it was given to a couple, or to one of the two."""

    assignment_id: UUID
    assigned_on: date
    given_to: For


def given(couple_id: UUID, slug: str) -> tuple[Given, ...]:
    """What a couple was given of one form and was not taken back, the latest first; the caller found the couple."""
    statement = (
        select(Assignment.id, Assignment.assigned_on, Assignment.given_to)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Assignment.couple_id == couple_id, Questionnaire.slug == slug, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.created_at.desc(), Assignment.id)
    )
    return tuple(Given(id_, day, For(given_to)) for id_, day, given_to in db.session.execute(statement))
