"""Closing a session together: what both agreed, the next appointment, and the coach's own line, in one transaction."""

from dataclasses import dataclass
from uuid import UUID

from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.domain.sessions import NoteKind, SessionKind
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.services import audit, notes, picked_homework, scope, sessions, taking_part
from portal.services.picked_homework import NewPick
from portal.services.sessions import NewSession


@dataclass(frozen=True, slots=True)
class Closing:
    """What stands at the end of the hour: agreed lines (both read them), homework that both picked, what comes next.

    And the coach's private line.
    """

    agreed: tuple[str, ...] = ()
    private_line: str = ""
    next_session: NewSession | None = None
    homework: NewPick | None = None


def close(viewer: Viewer, session_id: UUID, closing: Closing) -> None:
    """Close a session: it counts as held. Raises NotFound, and Invalid with `field`.

    And NotAllowed for one that was called off, and for one of both once one of the two takes part no more.
    """
    begin_write()
    session = sessions.held(viewer, session_id)
    sessions.hold(viewer, session)
    if session.kind == SessionKind.JOINT:
        taking_part.check_both(session.couple_id)
        notes.replace_agreed(viewer, session, "\n".join(closing.agreed))
        picked_homework.pick(viewer, session, closing.homework)
    elif any(closing.agreed):
        raise Invalid("agreed_needs_both", field="agreed_1")
    if closing.private_line.strip():
        notes.add(viewer, session, NoteKind.REMINDER, closing.private_line)
    if closing.next_session is not None:
        couple: Couple = scope.couple(viewer, session.couple_id, scope.couples_to_act_for)
        sessions.add(viewer, couple, closing.next_session)
    audit.record(viewer, "session:closed", session.id)
    db.session.commit()
