"""What partners write: drafts, parked texts, responses, what was opened early or in a session, the coach's feedback."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.consent import Policy
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, of_person, one_of


class Draft(OfPractice, Base):
    """What is typed and not yet sent; the version tells two tabs apart."""

    __tablename__ = "drafts"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        CheckConstraint("version > 0", name="version_counts"),
    )

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    version: Mapped[int]
    document: Mapped[Sealed]
    saved_at: Mapped[Moment]


class ParkedText(OfPractice, Base):
    """What was being written when the session ran out: sealed for its author, shown once they have signed in again."""

    __tablename__ = "parked_texts"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        CheckConstraint("version >= 0", name="version_counts"),
        Index("ix_parked_texts_parked_at", "parked_at"),
    )

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    version: Mapped[int]
    document: Mapped[Sealed]
    parked_at: Mapped[Moment]


class Response(OfPractice, Base):
    """What was sent, with the disclosure of each answer: one sealed document, and its scores sealed apart.

    `may_open` says that it holds an answer that could be the other partner's to read one day. The row is the latest
    version, and what it said before a correction stays in `earlier_versions`. `submitted_at` and `opens_at` are of the
    first; `corrected_opens_at` is when the other partner meets the latest in its place. From `sharing_ended_at` on
    nothing of it opens that was not open by then; once it is hidden, the other partner reads nothing of it any more.
    `exchanged_at` is when the coach opened what is shared of it, along with the other's, to both in a session.
    `entered_by` is who of the practice typed it in from paper, the moment it was sent; None where its author did.
    """

    __tablename__ = "responses"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("task_id"),
        ForeignKeyConstraint(["practice_id", "task_id"], ["tasks.practice_id", "tasks.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        of_person("entered_by"),
        one_of("policy", Policy),
        CheckConstraint("opens_at > submitted_at", name="opens_later"),
        CheckConstraint(
            "corrected_at IS NULL AND corrected_opens_at IS NULL"
            " OR corrected_at >= submitted_at AND corrected_opens_at >= corrected_at",
            name="corrected_is_whole",
        ),
        Index("ix_responses_person_sent", "person_id", "submitted_at"),
        Index("ix_responses_person_open", "person_id", "may_open"),  # what is private is not even passed by
    )

    id: Mapped[Id]
    task_id: Mapped[UUID]
    person_id: Mapped[UUID]
    submission_key: Mapped[str] = mapped_column(String(64))
    document: Mapped[Sealed]
    scores: Mapped[Sealed]
    policy: Mapped[Word]
    policy_version: Mapped[int]
    submitted_at: Mapped[Moment]
    opens_at: Mapped[Moment]
    may_open: Mapped[bool]
    author_opened_at: Mapped[Moment | None]
    session_opened_at: Mapped[Moment | None]
    corrected_at: Mapped[Moment | None]
    corrected_opens_at: Mapped[Moment | None]
    exchanged_at: Mapped[Moment | None]
    sharing_ended_at: Mapped[Moment | None]
    hidden_at: Mapped[Moment | None]
    entered_by: Mapped[UUID | None]


class EarlierVersion(OfPractice, Base):
    """What a response said before it was corrected: never changed, and read by its coach and its author alone.

    Until the version after it opens it is also what the other partner meets. `opens_at` is when they met it itself.
    """

    __tablename__ = "earlier_versions"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("response_id", "number"),
        ForeignKeyConstraint(["practice_id", "response_id"], ["responses.practice_id", "responses.id"]),
        ForeignKeyConstraint(["practice_id", "person_id"], ["people.practice_id", "people.id"]),
        CheckConstraint("number > 0", name="number_counts"),
    )

    id: Mapped[Id]
    response_id: Mapped[UUID]
    person_id: Mapped[UUID]
    number: Mapped[int]
    document: Mapped[Sealed]
    scores: Mapped[Sealed]
    written_at: Mapped[Moment]
    opens_at: Mapped[Moment]


class Feedback(OfPractice, Base):
    """A line that the coach leaves on a response, for its author."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "response_id"], ["responses.practice_id", "responses.id"]),
        ForeignKeyConstraint(["practice_id", "coach_id"], ["people.practice_id", "people.id"]),
    )

    id: Mapped[Id]
    response_id: Mapped[UUID] = mapped_column(unique=True)
    coach_id: Mapped[UUID]
    text: Mapped[Sealed]
    written_at: Mapped[Moment]
