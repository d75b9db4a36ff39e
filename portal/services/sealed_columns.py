"""Every column that holds sealed text, with the row and the owner that its texts are bound to: the one list of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import SQLColumnExpression, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.models.assignments import Assignment, Repetition
from portal.models.authorisations import Authorisation
from portal.models.bulk import BulkAssignment
from portal.models.choices import OfferedChoice
from portal.models.consents import Consent
from portal.models.measures import PaperScore
from portal.models.notes import Addendum, Note, SessionNote
from portal.models.nudges import Nudge
from portal.models.outbox import OutboxEntry
from portal.models.pathways import Pathway, PathwayStep
from portal.models.releases import ReleaseRequest
from portal.models.rendered_briefs import RenderedBrief
from portal.models.responses import Draft, EarlierVersion, Feedback, ParkedText, Response
from portal.models.safe_ways import SafeWay
from portal.models.safety import ProtocolLine, Signal
from portal.models.second_factors import Passkey, SecondFactor
from portal.models.sessions import BriefChoice, PickedHomework
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person, Token


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed text; `row_id` and `owner_id` give what each of its texts is bound to."""

    text: InstrumentedAttribute[Any]
    row_id: InstrumentedAttribute[UUID]
    owner_id: SQLColumnExpression[UUID]

    @property
    def place(self) -> str:
        """Table and column, as the vault binds them."""
        return f"{self.text.class_.__tablename__}.{self.text.key}"


_whose_flag = select(Signal.couple_id).where(Signal.id == ProtocolLine.signal_id).scalar_subquery()
_whose_pathway = select(Pathway.couple_id).where(Pathway.id == PathwayStep.pathway_id).scalar_subquery()
_whose_note = select(SessionNote.sealed_for).where(SessionNote.id == Addendum.note_id).scalar_subquery()
_author = select(Response.person_id).where(Response.id == Feedback.response_id).scalar_subquery()

SEALED = (
    SealedColumn(Person.address, Person.id, Person.id),
    SealedColumn(Person.user_name, Person.id, Person.id),
    SealedColumn(Consent.signature, Consent.id, Consent.person_id),
    SealedColumn(Token.code_sealed, Token.id, Token.person_id),
    SealedColumn(OutboxEntry.payload, OutboxEntry.id, OutboxEntry.person_id),
    # in the order in which a correction takes their rows: a key that is exchanged meanwhile waits for it, not both
    SealedColumn(Response.document, Response.id, Response.person_id),
    SealedColumn(Response.scores, Response.id, Response.person_id),
    SealedColumn(Draft.document, Draft.task_id, Draft.person_id),
    SealedColumn(ParkedText.document, ParkedText.task_id, ParkedText.person_id),
    SealedColumn(EarlierVersion.document, EarlierVersion.id, EarlierVersion.person_id),
    SealedColumn(EarlierVersion.scores, EarlierVersion.id, EarlierVersion.person_id),
    SealedColumn(PaperScore.totals, PaperScore.id, PaperScore.person_id),
    SealedColumn(ReleaseRequest.why, ReleaseRequest.id, ReleaseRequest.person_id),
    SealedColumn(SafeWay.document, SafeWay.person_id, SafeWay.person_id),
    SealedColumn(Feedback.text, Feedback.id, _author),
    SealedColumn(Nudge.text, Nudge.id, Nudge.person_id),
    SealedColumn(BulkAssignment.why, BulkAssignment.id, BulkAssignment.asked_by),
    SealedColumn(OfferedChoice.why, OfferedChoice.id, OfferedChoice.person_id),
    SealedColumn(TaskQuestion.text, TaskQuestion.id, TaskQuestion.person_id),
    SealedColumn(TaskQuestion.answer, TaskQuestion.id, TaskQuestion.person_id),
    SealedColumn(Assignment.why, Assignment.id, Assignment.couple_id),
    SealedColumn(Assignment.obstacle, Assignment.id, Assignment.couple_id),
    SealedColumn(Repetition.skip_why, Repetition.id, Repetition.couple_id),
    SealedColumn(PathwayStep.why, PathwayStep.id, _whose_pathway),
    SealedColumn(PathwayStep.skipped_why, PathwayStep.id, _whose_pathway),
    SealedColumn(Note.text, Note.id, Note.couple_id),
    SealedColumn(SessionNote.text, SessionNote.id, SessionNote.sealed_for),
    SealedColumn(Addendum.text, Addendum.id, _whose_note),
    SealedColumn(PickedHomework.obstacle, PickedHomework.id, PickedHomework.couple_id),
    SealedColumn(BriefChoice.line, BriefChoice.id, BriefChoice.couple_id),
    SealedColumn(RenderedBrief.content, RenderedBrief.id, RenderedBrief.couple_id),
    SealedColumn(Authorisation.purpose, Authorisation.id, Authorisation.couple_id),
    SealedColumn(Signal.reason, Signal.id, Signal.couple_id),
    SealedColumn(ProtocolLine.line, ProtocolLine.id, _whose_flag),
    SealedColumn(SecondFactor.seed, SecondFactor.id, SecondFactor.person_id),
    SealedColumn(Passkey.name, Passkey.id, Passkey.person_id),
)
