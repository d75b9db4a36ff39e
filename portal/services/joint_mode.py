"""Joint mode: the screen of a coach's browser is turned round, and shows what both may see until it is turned back."""

from dataclasses import dataclass
from uuid import UUID

from portal import clock
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.sessions import SessionState
from portal.extensions import begin_write, db
from portal.services import accounts, audit, notes, passkeys, picked_homework, session_prep, sessions, web_sessions
from portal.services.passkeys import Site
from portal.services.picked_homework import Pick
from portal.services.sessions import SessionLine


@dataclass(frozen=True, slots=True)
class Together:
    """A session as both look at it: nothing of the coach's own has a field here.

    `agreed` are the lines of this very session, `picked` the homework that both chose in it; `coming` is the next
    session of both that is planned.
    """

    line: SessionLine
    agreed: tuple[str, ...]
    coming: SessionLine | None
    picked: Pick | None

    @property
    def can_close(self) -> bool:
        """Whether it can be closed now, or what was agreed in it be changed."""
        return self.line.has_begun and self.line.state is not SessionState.CANCELLED


def enter(viewer: Viewer, session_id: UUID, token: str) -> str:
    """Turn this browser's screen round for a session of both, and open what they marked for it; gives the new token.

    What was opened by the pass phrase given again falls shut. Raises NotFound, also for an individual session, and
    NotAllowed for one that was called off.
    """
    begin_write()
    session_prep.open_marked(viewer, session_id)
    fresh = web_sessions.renew(viewer, token, joint_session_id=session_id, stepped_up_at=None)
    audit.record(viewer, "joint_mode:entered", session_id)
    db.session.commit()
    return fresh


def together(viewer: Viewer, session_id: UUID) -> Together:
    """A session of both with what was agreed in it. Raises NotFound."""
    line = sessions.appointment(viewer, session_id)
    if not line.is_joint:
        raise NotFound
    return Together(
        line,
        notes.agreed_in(viewer, session_id),
        _coming_or_none(viewer, line),
        picked_homework.picked_or_none(viewer, session_id),
    )


def _coming_or_none(viewer: Viewer, line: SessionLine) -> SessionLine | None:
    after = max(line.starts_at, clock.now())
    lines = sessions.of_couple(viewer, line.couple_id)
    ahead = [one for one in lines if one.is_joint and one.state is SessionState.PLANNED and one.starts_at > after]
    return min(ahead, key=lambda one: one.starts_at, default=None)


def leave(viewer: Viewer, session_id: UUID, passphrase: str, token: str) -> str:
    """Turn this browser's screen back; gives the new token. Raises Invalid for a wrong pass phrase."""
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    fresh = _turn_back(viewer, session_id, token)
    db.session.commit()
    return fresh


def leave_by_passkey(viewer: Viewer, session_id: UUID, credential: str, token: str, site: Site) -> str:
    """The same with a passkey that asked who holds it. Raises Invalid for a key that opens nothing."""
    if not _passkey_opens(viewer, credential, token, site):
        raise Invalid("passkey_opened_nothing")
    begin_write()
    fresh = _turn_back(viewer, session_id, token)
    db.session.commit()
    return fresh


def _passkey_opens(viewer: Viewer, credential: str, token: str, site: Site) -> bool:
    """What was refused goes on record, and a key that was used counts on, whatever follows."""
    challenge = passkeys.take_challenge(viewer, token)
    begin_write()
    is_right = passkeys.proves(viewer, credential, challenge, site, is_alone=True)
    audit.record(viewer, "second_factor:given" if is_right else "second_factor:refused", viewer.person_id)
    db.session.commit()
    return is_right


def _turn_back(viewer: Viewer, session_id: UUID, token: str) -> str:
    audit.record(viewer, "joint_mode:left", session_id)
    return web_sessions.renew(viewer, token, joint_session_id=None)
