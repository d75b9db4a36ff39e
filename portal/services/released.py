"""What was released into a session after it was sent: when it opened, by form and question, and what was asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update

from portal import clock
from portal.domain.releases import RELEASED, ReleaseAnswer
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.releases import ReleaseRequest
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import vault

WHY = "release_requests.why"


def items_of(row: ReleaseRequest) -> tuple[str, ...]:
    """The questions that a request is about."""
    return (row.item, *row.along)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as both sides may know it: about which questions, why, and what became of it.

    `why` is None where nobody asked, for the author was told. `is_open`: it opened in a session.
    """

    request_id: UUID
    items: tuple[str, ...]
    by: str
    why: str | None
    asked_at: datetime
    answer: ReleaseAnswer | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    is_open: bool

    @property
    def waits(self) -> bool:
        return self.answer is None and self.withdrawn_at is None

    @property
    def may_be_taken_back(self) -> bool:
        """Whether its author, who said yes, may still say otherwise."""
        return self.answer is ReleaseAnswer.YES and not self.is_open


def of_response(response: Response) -> tuple[Asked, ...]:
    """What was asked of a response that the caller found in scope, the latest first."""
    rows = (
        select(ReleaseRequest, Person.display_name)
        .join(Person, Person.id == ReleaseRequest.asked_by)
        .where(ReleaseRequest.response_id == response.id)
        .order_by(ReleaseRequest.asked_at.desc(), ReleaseRequest.id)
    )
    return tuple(_asked(row, name) for row, name in db.session.execute(rows))


def _asked(row: ReleaseRequest, name: str) -> Asked:
    return Asked(
        row.id,
        items_of(row),
        name,
        vault.unseal_or_none(row.person_id, WHY, row.id, row.why),
        row.asked_at,
        ReleaseAnswer(row.answer) if row.answer else None,
        row.answered_at,
        row.withdrawn_at,
        row.opened_at is not None and row.opened_at <= clock.now(),
    )


def is_released() -> ColumnElement[bool]:
    """That what a request asks for was released."""
    return ReleaseRequest.answer.in_(RELEASED)


def _of_couple(couple_id: UUID) -> Select[UUID]:
    tasks = select(Task.id).join(Assignment, Assignment.id == Task.assignment_id)
    return select(Response.id).where(Response.task_id.in_(tasks.where(Assignment.couple_id == couple_id)))


def open_waiting(couple_id: UUID, until: datetime, opens_at: datetime) -> bool:
    """Let what was released by an instant, and waits, open at another one; gives whether there was any.

    However long ago its form was sent: it was released for a session to come. The caller commits.
    """
    waiting = update(ReleaseRequest).where(
        ReleaseRequest.response_id.in_(_of_couple(couple_id)),
        is_released(),
        ReleaseRequest.answered_at <= until,
        ReleaseRequest.opened_at.is_(None),
    )
    opened = db.session.scalars(waiting.values(opened_at=opens_at).returning(ReleaseRequest.id)).all()
    return bool(opened)


def carry(couple_id: UUID, planned: datetime, to: datetime | None) -> None:
    """What was to open in a session that is moved opens where it is moved to, or (None) waits. The caller commits."""
    of_session = (ReleaseRequest.response_id.in_(_of_couple(couple_id)), ReleaseRequest.opened_at == planned)
    db.session.execute(update(ReleaseRequest).where(*of_session).values(opened_at=to))


def ask_no_more(response_ids: Iterable[UUID]) -> None:
    """What waits for its author's word is asked no more. The caller commits."""
    waits = (ReleaseRequest.answered_at.is_(None), ReleaseRequest.withdrawn_at.is_(None))
    of_these = update(ReleaseRequest).where(ReleaseRequest.response_id.in_(set(response_ids)), *waits)
    db.session.execute(of_these.values(withdrawn_at=clock.now()))


def take_back(response_id: UUID, item_ids: Iterable[str]) -> None:
    """What its author keeps back again is released no more, as long as it has not opened. The caller commits."""
    not_open = ReleaseRequest.opened_at.is_(None) | (ReleaseRequest.opened_at > clock.now())
    kept = set(item_ids)
    rows = select(ReleaseRequest).where(ReleaseRequest.response_id == response_id, is_released(), not_open)
    for row in db.session.scalars(rows.with_for_update()):
        if not kept.isdisjoint(items_of(row)):
            row.answer, row.answered_at, row.opened_at = ReleaseAnswer.NO, clock.now(), None
