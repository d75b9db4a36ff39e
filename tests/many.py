"""Many couples of one coach, written straight into the tables, and a count of the statements that a page costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert, select

from portal import clock, randomness
from portal.domain.assignments import For, TaskState
from portal.domain.caseload import folded
from portal.domain.people import CoupleState, Label, PersonState, Role, Viewer
from portal.domain.programme import STEPS
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.sessions import Session
from portal.models.users import Person
from tests import tenants

QUIET = ("BEGIN", "PRAGMA", "SAVEPOINT", "ROLLBACK", "COMMIT")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to the database inside the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(QUIET):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def add_couples(coach: Viewer, count: int) -> list[UUID]:
    """Active couples with a session ahead and an exercise that is open; every other one has a form to read."""
    couple_ids = [randomness.new_id() for _ in range(count)]
    base = {"practice_id": coach.practice_id}
    version_id = db.session.scalars(
        select(QuestionnaireVersion.id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.practice_id == coach.practice_id, Questionnaire.slug == "one-holds-the-floor")
    ).one()
    rows: dict[type[Any], list[dict[str, Any]]] = {
        model: [] for model in (Person, Couple, Partnership, Caseload, Session, Assignment, Task)
    }
    for number, couple_id in enumerate(couple_ids):
        for model, made in _couple(coach, number, couple_id, version_id).items():
            rows[model] += [base | row for row in made]
    for model, made in rows.items():
        db.session.execute(insert(model), made)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":  # else it goes about a page as if there were nobody
        tenants.take_stock()
    return couple_ids


def _couple(coach: Viewer, number: int, couple_id: UUID, version_id: UUID) -> dict[type[Any], list[dict[str, Any]]]:
    now = clock.now()
    assignment_id, people = randomness.new_id(), [randomness.new_id(), randomness.new_id()]
    due_at, starts_at = now + timedelta(days=3), now + timedelta(hours=number + 1)
    names = f"P{number:04}a & P{number:04}b"
    person = {
        "role": Role.PARTNER, "state": PersonState.INVITED, "address": b"-", "zone": "UTC", "locale": "en",
        "never_reveals": False, "created_at": now,
    }  # fmt: skip
    task = {
        "assignment_id": assignment_id, "state": TaskState.ASSIGNED, "ordinal": 1, "step": STEPS[0], "due_at": due_at,
        "issued_at": now,
    }  # fmt: skip
    return {
        Person: [
            person | {"id": id_, "display_name": f"P{number:04}{end}"} for id_, end in zip(people, "ab", strict=True)
        ],
        Couple: [
            {
                "id": couple_id, "coach_id": coach.person_id, "state": CoupleState.ACTIVE, "step": STEPS[0],
                "names": names, "created_at": now,
            }
        ],
        Partnership: [
            {"couple_id": couple_id, "label": label, "person_id": id_, "joined_at": now}
            for label, id_ in zip(Label, people, strict=True)
        ],
        Caseload: [
            {
                "couple_id": couple_id, "coach_id": coach.person_id, "state": CoupleState.ACTIVE, "find": folded(names),
                "open_until": due_at, "overdue_from": due_at, "silent_since": now, "door_since": now,
                "next_at": starts_at, "needs_from": now, "turns_at": starts_at, "unread": number % 2,
            }
        ],
        Session: [
            {
                "id": randomness.new_id(), "couple_id": couple_id, "coach_id": coach.person_id, "minutes": 50,
                "kind": SessionKind.JOINT, "state": SessionState.PLANNED, "place": "", "created_at": now,
                "starts_at": starts_at,
            }
        ],
        Assignment: [
            {
                "id": assignment_id, "couple_id": couple_id, "version_id": version_id, "assigned_by": coach.person_id,
                "given_to": For.BOTH, "assigned_on": now.date(), "due_on": due_at.date(), "created_at": now,
            }
        ],
        Task: [task | {"id": randomness.new_id(), "person_id": id_} for id_ in people],
    }  # fmt: skip
