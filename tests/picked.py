"""Homework that both picked, written as closing a session writes it: the session of a test's world may lie ahead."""

from datetime import date
from uuid import UUID

from portal import clock, randomness
from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.sessions import PickedHomework, Session
from portal.services import picked_homework, vault


def add(coach: Viewer, session_id: UUID, obstacle: str) -> None:
    exercise, _ = picked_homework.to_pick_from(coach)[0]
    session, pick_id = db.session.get_one(Session, session_id), randomness.new_id()
    sealed = vault.seal(session.couple_id, picked_homework.OBSTACLE, pick_id, obstacle)
    db.session.add(
        PickedHomework(
            id=pick_id,
            practice_id=session.practice_id,
            session_id=session.id,
            couple_id=session.couple_id,
            questionnaire_id=exercise,
            day=date(2026, 12, 24),
            at_minute=20 * 60,
            obstacle=sealed,
            picked_at=clock.now(),
        )
    )
    db.session.commit()
