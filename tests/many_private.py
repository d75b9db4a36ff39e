"""What one partner does in private, two thousand times over, laid straight into the tables."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from portal import clock, randomness
from portal.domain.assignments import TaskState
from portal.domain.disclosure import Disclosure
from portal.domain.people import Viewer
from portal.domain.safety import SignalKind
from portal.domain.sessions import NoteKind, SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.notes import Note
from portal.models.responses import Draft, EarlierVersion, ParkedText
from portal.models.responses import Response as SentResponse
from portal.models.safety import Signal
from portal.models.sessions import Session
from portal.models.users import WebSession
from portal.services import audit, responses
from tests.given import floor, send, task_of
from tests.many_answers import SEALED, row_of, send_often


@dataclass(frozen=True)
class CoupleOf:
    """Whose private rows, and which couple of which coach they are of."""

    one: Viewer
    coach: Viewer
    couple_id: UUID


_BEGUN = {"state": TaskState.STARTED, "submitted_at": None, "reviewed_at": None}


def lay(couple: CoupleOf, assignment_id: UUID, count: int) -> None:
    """Of what was given to both one sends all for the coach alone, and so many more like it, with all that follows.

    Each was corrected, raised a signal and was looked at again; beside it stand drafts, individual sessions with a
    note, and sessions of the browser.
    """
    task_id = task_of(couple.one, assignment_id)
    items = responses.open_for(couple.one, task_id).items
    closed = {item.id: Disclosure.COACH.value for item in items if item.disclosure is not Disclosure.LOCKED}
    send(couple.one, task_id, floor(), "private", **closed)
    response_ids = send_often(couple.one, task_id, count)
    sent = db.session.scalars(select(SentResponse).where(SentResponse.task_id == task_id)).one()
    sent_task = db.session.scalars(select(Task).where(Task.id == task_id)).one()
    assignment = db.session.scalars(select(Assignment).where(Assignment.id == assignment_id)).one()
    begun = [row_of(sent_task) | _BEGUN | {"id": randomness.new_id()} for _ in range(count)]
    given = [row_of(assignment) | dict.fromkeys(SEALED) | {"id": randomness.new_id()} for _ in range(count)]
    for task, one in zip(begun, given, strict=True):
        task["assignment_id"] = one["id"]
    rows: dict[type[Any], list[dict[str, Any]]] = {
        Assignment: given,
        Task: begun,
        EarlierVersion: [_earlier(sent, one) for one in response_ids],
        Signal: [_signal(couple, one) for one in response_ids],
        Draft: [_draft(couple.one, task["id"]) for task in begun],
        ParkedText: [_parked(couple.one, task["id"]) for task in begun],
        WebSession: [_web_session(couple.one) for _ in range(count)],
        Session: (planned := [_session(couple, number) for number in range(count)]),
        Note: [_note(couple, session["id"]) for session in planned],
    }
    begin_write()
    for model, made in rows.items():
        db.session.execute(insert(model), made)
    audit.record_each(couple.one, "reveal:opened", response_ids)
    db.session.commit()


def _earlier(sent: SentResponse, response_id: UUID) -> dict[str, Any]:
    return {
        "id": randomness.new_id(), "practice_id": sent.practice_id, "response_id": response_id,
        "person_id": sent.person_id, "number": 1, "document": b"-", "scores": b"-", "written_at": sent.submitted_at,
        "opens_at": sent.opens_at,
    }  # fmt: skip


def _signal(couple: CoupleOf, response_id: UUID) -> dict[str, Any]:
    return {
        "id": randomness.new_id(), "practice_id": couple.one.practice_id, "couple_id": couple.couple_id,
        "person_id": couple.one.person_id, "response_id": response_id, "item": "stopped_afraid",
        "kind": next(iter(SignalKind)), "raised_at": clock.now(),
    }  # fmt: skip


def _draft(viewer: Viewer, task_id: UUID) -> dict[str, Any]:
    return {
        "task_id": task_id, "practice_id": viewer.practice_id, "person_id": viewer.person_id, "version": 1,
        "document": b"-", "saved_at": clock.now(),
    }  # fmt: skip


def _parked(viewer: Viewer, task_id: UUID) -> dict[str, Any]:
    return {
        "task_id": task_id, "practice_id": viewer.practice_id, "person_id": viewer.person_id, "version": 1,
        "document": b"-", "parked_at": clock.now(),
    }  # fmt: skip


def _web_session(viewer: Viewer) -> dict[str, Any]:
    return {
        "token_hash": randomness.some_bytes(32), "practice_id": viewer.practice_id, "person_id": viewer.person_id,
        "created_at": clock.now(), "seen_at": clock.now(),
    }  # fmt: skip


def _session(couple: CoupleOf, number: int) -> dict[str, Any]:
    return {
        "id": randomness.new_id(), "practice_id": couple.one.practice_id, "couple_id": couple.couple_id,
        "coach_id": couple.coach.person_id, "kind": SessionKind.INDIVIDUAL_A, "state": SessionState.PLANNED,
        "starts_at": clock.now() + timedelta(hours=1 + number), "minutes": 50, "place": "", "created_at": clock.now(),
    }  # fmt: skip


def _note(couple: CoupleOf, session_id: UUID) -> dict[str, Any]:
    return {
        "id": randomness.new_id(), "practice_id": couple.one.practice_id, "couple_id": couple.couple_id,
        "session_id": session_id, "author_id": couple.coach.person_id, "kind": NoteKind.REMINDER, "text": b"-",
        "written_at": clock.now(),
    }  # fmt: skip
