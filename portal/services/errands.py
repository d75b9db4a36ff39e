"""What waits for somebody of the staff beside what couples send: a few counts, in one statement."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.domain.people import Viewer
from portal.extensions import db
from portal.services import contacts, hand_overs, review_queue, task_questions


@dataclass(frozen=True, slots=True)
class Errands:
    """Couples offered to the viewer, questions about tasks, forms to read, and for the owner couples without a coach
    and contacts to check again."""

    offered: int
    questions: int
    unread: int
    without_coach: int
    stale_contacts: int


def of(viewer: Viewer) -> Errands:
    """What waits for the viewer."""
    asked = select(
        hand_overs.number_offered(viewer),
        task_questions.number_waiting(viewer),
        review_queue.number_unread(viewer),
        hand_overs.number_without_coach(viewer),
        contacts.number_stale(viewer),
    )
    return Errands(*db.session.execute(asked).one())
