"""Homework picked by both as a session is closed: kept with the session, and given once the coach alone looks.

What is picked hangs on nothing private, and giving it is an act of the coach's own: before both no hold can show.
"""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.assignments import For, check_due_on
from portal.domain.errors import Invalid, NotFound, named
from portal.domain.lines import line_or_empty
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.extensions import begin_write, db
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.sessions import PickedHomework, Session
from portal.services import assignments, audit, programme, scope, sessions, vault
from portal.services.assignments import NewAssignment

OBSTACLE = "picked_homework.obstacle"
MOST_IN_OBSTACLE = 500  # characters


@dataclass(frozen=True, slots=True)
class NewPick:
    """What both picked: which exercise, on which day at which time, and what could get in the way and what then."""

    questionnaire_id: UUID
    day: date
    at: time
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """What was picked in a session; `is_done` once the coach has given it (`is_given`) or let it go."""

    questionnaire_id: UUID
    title: str
    day: date
    at: time
    obstacle: str
    is_done: bool
    is_given: bool = False


def to_pick_from(viewer: Viewer) -> tuple[tuple[UUID, str], ...]:
    """The exercises that can be picked, in the order of the programme: the same whatever is held."""
    return tuple((entry.id, entry.title) for entry in programme.library(viewer) if entry.kind is Kind.EXERCISE)


def pick(viewer: Viewer, session: Session, new: NewPick | None) -> None:
    """Keep what was picked in the place of what was before, or (None) nothing. The caller commits.

    What is done with stays. Raises Invalid, with `field`, for what is no exercise, a day that cannot be, and a text
    that is too long; a day that was picked before and is over by now is left as it is.
    """
    row = _row(session.id)
    if row is not None and row.done_at is not None:
        if new is None or _is_same(row, new):
            return
        raise Invalid("picked_is_done", field="homework")
    if new is None:
        if row is not None:
            db.session.delete(row)
        return
    entry = db.session.scalars(scope.library(viewer).where(Questionnaire.id == new.questionnaire_id)).one_or_none()
    if entry is None or entry.kind != Kind.EXERCISE or entry.retired_at is not None:
        raise Invalid("not_an_option", field="homework")
    if row is None or row.day != new.day:
        named("homework_day", check_due_on, new.day, clock.today(scope.own_practice(viewer).zone))
    obstacle = line_or_empty(new.obstacle, field="obstacle", most=MOST_IN_OBSTACLE)
    if row is None:
        row = PickedHomework(
            id=randomness.new_id(), practice_id=session.practice_id, session_id=session.id, couple_id=session.couple_id
        )
        db.session.add(row)
    row.questionnaire_id, row.day, row.at_minute = entry.id, new.day, new.at.hour * 60 + new.at.minute
    row.obstacle = vault.seal(session.couple_id, OBSTACLE, row.id, obstacle) if obstacle else None
    row.picked_at = clock.now()
    audit.record(viewer, "homework:picked", session.id)


def _is_same(row: PickedHomework, new: NewPick) -> bool:
    return (row.questionnaire_id, row.day) == (new.questionnaire_id, new.day)


def _row(session_id: UUID) -> PickedHomework | None:
    return db.session.scalars(select(PickedHomework).where(PickedHomework.session_id == session_id)).one_or_none()


def picked_or_none(viewer: Viewer, session_id: UUID) -> Pick | None:
    """What was picked in a session that the viewer may read, None where nothing was; one statement."""
    mine = scope.sessions(viewer, scope.couples_to_read).with_only_columns(Session.id)
    title = (
        select(QuestionnaireVersion.title)
        .where(
            QuestionnaireVersion.questionnaire_id == PickedHomework.questionnaire_id,
            QuestionnaireVersion.couple_id.is_(None),
        )
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    own = (PickedHomework.session_id == session_id, PickedHomework.session_id.in_(mine))
    found = db.session.execute(select(PickedHomework, title.label("title")).where(*own)).one_or_none()
    if found is None:
        return None
    row: PickedHomework = found.PickedHomework
    vault.load_keys([row.couple_id])
    obstacle = vault.unseal_or_none(row.couple_id, OBSTACLE, row.id, row.obstacle) or ""
    at = time(*divmod(row.at_minute, 60))
    return Pick(
        row.questionnaire_id, found.title, row.day, at, obstacle, row.done_at is not None, row.assignment_id is not None
    )


def give(viewer: Viewer, session_id: UUID, why: str, link: str = "", *, cleared: bool = False) -> UUID:
    """Give what both picked to both; gives the assignment's id. A second time changes nothing.

    It ends on the day that was picked, or on the day that is offered for homework where that is later. `cleared`: the
    coach says that a qualified clinician has cleared work with both. Raises NotFound where nothing was picked, and
    whatever `assignments.assign` does: NotAllowed "joint_work_held" among it.
    """
    begin_write()
    row = _held(viewer, session_id)
    if row.assignment_id is None:
        due_on = max(row.day, assignments.offered_due_on(viewer, row.couple_id))
        obstacle = vault.unseal_or_none(row.couple_id, OBSTACLE, row.id, row.obstacle) or ""
        new = NewAssignment(row.questionnaire_id, For.BOTH, due_on, why, obstacle, cleared=cleared)
        row.assignment_id, row.done_at = assignments.give(viewer, row.couple_id, new, link), clock.now()
    assignment_id = row.assignment_id
    db.session.commit()
    return assignment_id


def let_go(viewer: Viewer, session_id: UUID) -> None:
    """Say that what was picked is not given after all; a second time changes nothing. Raises NotFound."""
    begin_write()
    row = _held(viewer, session_id)
    if row.done_at is None:
        row.done_at = clock.now()
        audit.record(viewer, "homework:let_go", session_id)
    db.session.commit()


def _held(viewer: Viewer, session_id: UUID) -> PickedHomework:
    """What was picked in a session of a couple that the viewer acts for, held until the commit."""
    sessions.held(viewer, session_id)
    row = _row(session_id)
    if row is None:
        raise NotFound
    return row
