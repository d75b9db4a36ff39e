"""How the work with a couple ends: a closing check-in and what both want to keep, each given to both with one tap."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from portal import content
from portal.domain.assignments import For
from portal.domain.endings import KEEPSAKE, closing_document, is_closing
from portal.domain.errors import Invalid
from portal.domain.people import ENDED, CoupleState, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.couples import Couple
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import assignments, later_check_ins, passages, programme, scope, taking_part
from portal.services.assignments import NewAssignment
from portal.services.later_check_ins import ChosenLater
from portal.services.passages import Given


class AtEnd(StrEnum):
    """What the work ends with."""

    CLOSING = "closing"
    KEEPSAKE = "keepsake"


@dataclass(frozen=True, slots=True)
class Ending:
    """How the work with one couple ends: what of it was given, and whether anything may be given still."""

    couple_id: UUID
    names: str
    state: CoupleState
    closing: Given | None
    keepsake: Given | None
    later: tuple[ChosenLater, ...]

    @property
    def may_be_given(self) -> bool:
        return self.state not in (*ENDED, CoupleState.PAUSED)


def ending(viewer: Viewer, couple_id: UUID) -> Ending:
    """How the work with one of the coach's couples ends. Raises NotFound."""
    couple: Couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    closing, keepsake = _closing(couple.id), passages.given(couple.id, KEEPSAKE)
    return Ending(
        couple.id,
        couple.names,
        CoupleState(couple.state),
        closing[0] if closing else None,
        keepsake[0] if keepsake else None,
        later_check_ins.of_couple(viewer, couple.id),
    )


def _closing(couple_id: UUID) -> tuple[Given, ...]:
    """The closing check-ins that a couple was given, the latest first."""
    statement = (
        select(Assignment.id, Assignment.assigned_on, Assignment.given_to, QuestionnaireVersion.document)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(
            Assignment.couple_id == couple_id,
            QuestionnaireVersion.couple_id == couple_id,
            Questionnaire.slug == programme.CHECK_IN_SLUG,
            Assignment.withdrawn_at.is_(None),
        )
        .order_by(Assignment.created_at.desc(), Assignment.id)
    )
    rows = db.session.execute(statement).all()
    return tuple(Given(row.id, row.assigned_on, For(row.given_to)) for row in rows if is_closing(row.document))


def give(viewer: Viewer, couple_id: UUID, what: AtEnd, link: str = "") -> None:
    """Give one thing that the work ends with to whoever takes part, each their own form; `link` goes into the mails.

    Raises NotFound, and Invalid for what was given already and as `assignments.assign` does.
    """
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    given_to, due_on = taking_part.whom(couple), assignments.offered_due_on(viewer, couple.id)
    if _closing(couple.id) if what is AtEnd.CLOSING else passages.given(couple.id, KEEPSAKE):
        raise Invalid("given_already", field="")
    if what is AtEnd.CLOSING:
        entry_id, version_id = _closing_version(viewer, couple)
    else:
        entry_id, version_id = passages.entry_id(viewer, KEEPSAKE), None
    assignments.give(viewer, couple.id, NewAssignment(entry_id, given_to, due_on, version_id=version_id), link)
    db.session.commit()


def _closing_version(viewer: Viewer, couple: Couple) -> tuple[UUID, UUID]:
    """The check-in's entry, and a version of it for this couple that asks everything and looks back."""
    entry = scope.found(scope.library(viewer).where(Questionnaire.slug == programme.CHECK_IN_SLUG))
    newest = programme.newest_version(entry.id).document
    document = closing_document(newest, content.passages()["looking_back"])
    return entry.id, programme.add_version(entry, programme.next_number(entry), document, couple.id).id
