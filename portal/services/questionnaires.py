"""The library as it is kept: one entry with its versions, retired and brought back, and the order within a step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.people import ENDED, Viewer
from portal.domain.programme import Kind
from portal.domain.questionnaires import Questionnaire as Definition
from portal.domain.questionnaires import from_document
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.models.programme import Step
from portal.models.questionnaires import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from portal.services import audit, ordering, scope, scope_of_drafts


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in the list of the library; `has_draft`: somebody is at its next version."""

    questionnaire_id: UUID
    kind: Kind
    step: str | None
    title: str
    version: int
    is_retired: bool
    has_draft: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of an entry; `couple_names` are those of the couple whom it was written for, else None."""

    version_id: UUID
    number: int
    title: str
    couple_id: UUID | None
    couple_names: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry with all of its versions that the viewer may see, the newest first.

    `draft_id` is that of its next version, None where nobody is at one. `is_editable`: the builder edits its kind.
    """

    questionnaire_id: UUID
    kind: Kind
    step: str | None
    is_retired: bool
    is_editable: bool
    draft_id: UUID | None
    versions: tuple[VersionLine, ...]


def lines(viewer: Viewer) -> tuple[EntryLine, ...]:
    """Every exercise and the check-in, retired ones too, in the order of the programme; two statements."""
    newest = (
        select(QuestionnaireVersion.questionnaire_id, QuestionnaireVersion.number, QuestionnaireVersion.title)
        .where(QuestionnaireVersion.practice_id == viewer.practice_id, QuestionnaireVersion.couple_id.is_(None))
        .order_by(QuestionnaireVersion.number)
    )
    latest = {row.questionnaire_id: row for row in db.session.execute(newest)}
    open_draft = (QuestionnaireDraft.questionnaire_id == Questionnaire.id) & QuestionnaireDraft.couple_id.is_(None)
    statement = (
        scope.library(viewer)
        .where(Questionnaire.kind.not_in((Kind.MEASURE, Kind.PASSAGE)))
        .outerjoin(Step, (Step.practice_id == Questionnaire.practice_id) & (Step.slug == Questionnaire.step))
        .outerjoin(QuestionnaireDraft, open_draft)
        .with_only_columns(Questionnaire, QuestionnaireDraft.id.label("draft_id"))
        .order_by(Step.position.is_(None), Step.position, Questionnaire.position, Questionnaire.id)
    )
    return tuple(
        EntryLine(
            row.id, Kind(row.kind), row.step, found.title, found.number, row.retired_at is not None, bool(draft_id)
        )
        for row, draft_id in db.session.execute(statement)
        if (found := latest.get(row.id)) is not None
    )


def entry(viewer: Viewer, questionnaire_id: UUID) -> EntryShown:
    """One entry of the viewer's library. Raises NotFound."""
    row = scope.library_entry(viewer, questionnaire_id)
    versions = (
        scope.versions(viewer)
        .outerjoin(Couple, Couple.id == QuestionnaireVersion.couple_id)
        .where(QuestionnaireVersion.questionnaire_id == row.id)
        .with_only_columns(
            QuestionnaireVersion.id,
            QuestionnaireVersion.number,
            QuestionnaireVersion.title,
            QuestionnaireVersion.couple_id,
            Couple.names,
            QuestionnaireVersion.created_at,
        )
        .order_by(QuestionnaireVersion.number.desc())
    )
    own = (QuestionnaireDraft.questionnaire_id == row.id, QuestionnaireDraft.couple_id.is_(None))
    draft_id = db.session.scalar(scope_of_drafts.drafts(viewer).where(*own).with_only_columns(QuestionnaireDraft.id))
    return EntryShown(
        row.id,
        Kind(row.kind),
        row.step,
        row.retired_at is not None,
        row.kind in scope_of_drafts.EDITABLE,
        draft_id,
        tuple(VersionLine(*version) for version in db.session.execute(versions)),
    )


def couples_to_write_for(viewer: Viewer) -> tuple[tuple[UUID, str], ...]:
    """The couples for whom the viewer can adapt something, by name; one statement."""
    mine = scope.couples_to_act_for(viewer).where(Couple.state.not_in(ENDED))
    rows = db.session.execute(mine.with_only_columns(Couple.id, Couple.names).order_by(Couple.names, Couple.id))
    return tuple((row.id, row.names) for row in rows)


def definition(viewer: Viewer, questionnaire_id: UUID, number: int) -> Definition:
    """One version as it asks, in the viewer's own name. Raises NotFound."""
    wanted = (QuestionnaireVersion.questionnaire_id == questionnaire_id, QuestionnaireVersion.number == number)
    document = scope.found(scope.versions(viewer).where(*wanted)).document
    return from_document(document).spoken(scope.own_person(viewer).display_name)


def retire(viewer: Viewer, questionnaire_id: UUID) -> None:
    """Take an exercise out of what can be given; what was given stays. A second time changes nothing.

    Raises NotFound, and Invalid for the check-in: trends and briefs are made of it.
    """
    begin_write()
    row = scope_of_drafts.entry_to_edit(viewer, questionnaire_id)
    if row.kind != Kind.EXERCISE:
        raise Invalid("check_in_stays")
    if row.retired_at is None:
        row.retired_at = clock.now()
        audit.record(viewer, "questionnaire:retired", row.id)
    db.session.commit()


def bring_back(viewer: Viewer, questionnaire_id: UUID) -> None:
    """Let an exercise be given again. A second time changes nothing. Raises NotFound."""
    begin_write()
    row = scope_of_drafts.entry_to_edit(viewer, questionnaire_id)
    if row.retired_at is not None:
        row.retired_at = None
        audit.record(viewer, "questionnaire:brought_back", row.id)
    db.session.commit()


def move(viewer: Viewer, questionnaire_id: UUID, *, up: bool) -> None:
    """Put an exercise a place up or down among those of its step that are in use; at an end it stays.

    Raises NotFound.
    """
    begin_write()
    row = scope_of_drafts.entry_to_edit(viewer, questionnaire_id, is_held=False)
    same_step = (Questionnaire.kind == Kind.EXERCISE, Questionnaire.step == row.step)
    in_use = scope.library(viewer).where(*same_step, Questionnaire.retired_at.is_(None))
    rows = ordering.held(in_use, Questionnaire.id)
    if row in rows:
        ordering.move(rows, row, up=up)
        audit.record(viewer, "questionnaire:reordered", row.id)
    db.session.commit()
