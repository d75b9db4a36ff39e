"""Rows for tests that need a past: sessions, assignments, and forms that were sent, sealed as the product does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.answers import Answer
from portal.domain.assignments import For, TaskState, due_at
from portal.domain.disclosure import Disclosure, may_ever_open, opening_after
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.domain.questionnaires import from_document
from portal.domain.safety import SignalKind
from portal.domain.scoring import score
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.models.sessions import Session
from portal.services import programme, vault, versions
from tests.cast import ZONE

CHECK_IN = "weekly-check-in"


@dataclass(frozen=True)
class Sent:
    """What somebody answers: values by item id; a disclosure of their own for some of them."""

    values: Mapping[str, int | str | bool | None]
    disclosures: Mapping[str, Disclosure] = field(default_factory=dict)


def session(
    couple_id: UUID,
    starts_at: datetime,
    kind: SessionKind = SessionKind.JOINT,
    state: SessionState = SessionState.PLANNED,
) -> UUID:
    """Add a session of fifty minutes, whatever the rules of planning say."""
    begin_write()
    couple = _couple(couple_id)
    session_id = randomness.new_id()
    db.session.add(
        Session(
            id=session_id,
            practice_id=couple.practice_id,
            couple_id=couple_id,
            coach_id=couple.coach_id,
            kind=kind,
            state=state,
            starts_at=starts_at,
            minutes=50,
            place="Room 2",
            created_at=clock.now(),
        )
    )
    db.session.commit()
    return session_id


def given(couple_id: UUID, slug: str, at: datetime, to: For = For.BOTH, why: str | None = None, days: int = 7) -> UUID:
    """Add an assignment with a task for each partner it is for, given at `at`."""
    begin_write()
    couple, version = _couple(couple_id), _version(couple_id, slug)
    day = at.astimezone(ZoneInfo(ZONE)).date()
    assignment_id = randomness.new_id()
    db.session.add(
        Assignment(
            id=assignment_id,
            practice_id=couple.practice_id,
            couple_id=couple_id,
            version_id=version.id,
            assigned_by=couple.coach_id,
            given_to=to,
            assigned_on=day,
            due_on=day + timedelta(days=days),
            why=vault.seal(couple_id, "assignments.why", assignment_id, why) if why else None,
            created_at=at,
        )
    )
    db.session.flush()
    for person_id in _partners(couple_id, to):
        _add_task(couple, assignment_id, person_id, at, days)
    db.session.commit()
    return assignment_id


def _add_task(couple: Couple, assignment_id: UUID, person_id: UUID, at: datetime, days: int) -> None:
    db.session.add(
        Task(
            id=randomness.new_id(),
            practice_id=couple.practice_id,
            assignment_id=assignment_id,
            person_id=person_id,
            state=TaskState.ASSIGNED,
            ordinal=1,
            step=couple.step,
            due_at=due_at(at.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=days), ZONE),
            issued_at=at,
        )
    )


def sent(viewer: Viewer, assignment_id: UUID, sent_at: datetime, what: Sent) -> UUID:
    """Add the form that somebody sent; items they leave out were not asked."""
    begin_write()
    where = (Task.assignment_id == assignment_id, Task.person_id == viewer.person_id)
    task = db.session.scalars(select(Task).where(*where)).one()
    task.state, task.submitted_at = TaskState.SUBMITTED, sent_at
    response_id = _add_response(viewer, task, sent_at, what)
    db.session.commit()
    return response_id


def _add_response(viewer: Viewer, task: Task, sent_at: datetime, what: Sent) -> UUID:
    version = db.session.scalars(
        select(QuestionnaireVersion)
        .join(Assignment, Assignment.version_id == QuestionnaireVersion.id)
        .where(Assignment.id == task.assignment_id)
    ).one()
    definition = from_document(version.document)
    answers = [
        Answer(item.id, value, "skipped" if value is None else None, what.disclosures.get(item.id, item.disclosure))
        for item in definition.items
        for value in [what.values.get(item.id)]
        if item.id in what.values
    ]
    scores = score(definition, what.values) if definition.scoring else None
    response_id = randomness.new_id()
    db.session.add(
        Response(
            id=response_id,
            practice_id=viewer.practice_id,
            task_id=task.id,
            person_id=viewer.person_id,
            submission_key=str(response_id),
            document=vault.seal_document(
                viewer.person_id, "responses.document", response_id, versions.to_document(answers)
            ),
            scores=vault.seal_document(
                viewer.person_id, "responses.scores", response_id, versions.scores_to_document(scores)
            ),
            policy="discretion",
            policy_version=1,
            submitted_at=sent_at,
            opens_at=opening_after(sent_at, ZONE),
            may_open=may_ever_open(answer.disclosure for answer in answers),
        )
    )
    db.session.flush()
    return response_id


def check_in(viewers: Mapping[str, Viewer], couple_id: UUID, at: datetime, **what: Sent | None) -> dict[str, UUID]:
    """Give a check-in at `at` and let each of those named send it two hours later; None is not sent."""
    assignment_id = given(couple_id, CHECK_IN, at, days=3)
    later = at + timedelta(hours=2)
    return {name: sent(viewers[name], assignment_id, later, found) for name, found in what.items() if found}


def another_check_in(viewer: Viewer) -> UUID:
    """Add a second check-in to a practice's library, with the words of the first."""
    begin_write()
    own = (Questionnaire.slug == CHECK_IN, Questionnaire.practice_id == viewer.practice_id)
    first = db.session.scalars(select(Questionnaire).where(*own)).one()
    words = programme.newest_version(first.id).document
    entry_id = programme.add_entry(viewer.practice_id, Kind.CHECK_IN, "another-check-in", None, 2, words)
    db.session.commit()
    return entry_id


def week(level: int, **more: int | str | bool | None) -> Sent:
    """A check-in on one level: signs turned round, benefits as they are."""
    signs = {item: 10 - level for item in ("s1", "s2", "s3", "s4")}
    return Sent({**signs, **dict.fromkeys(("b1", "b2", "b3"), level), **more})


def signal(viewer: Viewer, couple_id: UUID, response_id: UUID, kind: SignalKind, item: str = "x1") -> UUID:
    """Add what a private answer raised."""
    begin_write()
    signal_id = randomness.new_id()
    db.session.add(
        Signal(
            id=signal_id,
            practice_id=viewer.practice_id,
            couple_id=couple_id,
            person_id=viewer.person_id,
            response_id=response_id,
            item=item,
            kind=kind,
            raised_at=clock.now(),
        )
    )
    db.session.commit()
    return signal_id


def _couple(couple_id: UUID) -> Couple:
    return db.session.scalars(select(Couple).where(Couple.id == couple_id)).one()


def _version(couple_id: UUID, slug: str) -> QuestionnaireVersion:
    return db.session.scalars(
        select(QuestionnaireVersion)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.slug == slug, Questionnaire.practice_id == _couple(couple_id).practice_id)
        .where(QuestionnaireVersion.couple_id.is_(None))
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
    ).one()


def _partners(couple_id: UUID, to: For) -> list[UUID]:
    where = (Partnership.couple_id == couple_id, Partnership.label.in_(to.labels))
    return list(db.session.scalars(select(Partnership.person_id).where(*where).order_by(Partnership.label)))
