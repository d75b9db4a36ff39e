"""Requests to bring a private answer into a session: asked by the coach, answered by its author alone."""

from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.releases import ReleaseAnswer
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, of_person, one_of, only_one


class ReleaseRequest(OfPractice, Base):
    """One answer that was asked for, with those whose readers are chosen `along` with it.

    `answer` is empty while the request waits. `opened_at` is when what was released opened in a session: it has an
    instant of its own, for its form may have been opened in an earlier one.
    """

    __tablename__ = "release_requests"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "response_id"], ["responses.practice_id", "responses.id"]),
        of_person(),
        of_person("asked_by"),
        one_of("answer", ReleaseAnswer),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_has_time"),
        CheckConstraint("withdrawn_at IS NULL OR answer IS NULL", name="withdrawn_has_no_answer"),
        only_one(
            "uq_release_requests_open", "response_id", "item", where="answered_at IS NULL AND withdrawn_at IS NULL"
        ),
    )

    id: Mapped[Id]
    response_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    item: Mapped[Word]
    along: Mapped[list[str]] = mapped_column(JSON)
    asked_by: Mapped[UUID]
    asked_at: Mapped[Moment]
    why: Mapped[Sealed | None]
    answer: Mapped[Word | None]
    answered_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]
    opened_at: Mapped[Moment | None]
