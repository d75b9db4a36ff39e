"""What was marked for the session opens with it: when it moves, then; when it is called off, not at all."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from portal.domain.sessions import SessionKind
from portal.services import session_prep, sessions, shared
from portal.services.sessions import NewSession
from tests import factories
from tests.cast import Cast
from tests.conftest import START, Wall
from tests.factories import week

PLANNED = START + timedelta(days=1)


@pytest.fixture
def session_id(cast: Cast) -> UUID:
    """A session of tomorrow, for which Ana marked her benefits; Ines has made the joint copy already."""
    couple_id = cast.couples["ana"]
    planned = sessions.plan(cast.ines, couple_id, NewSession(SessionKind.JOINT, PLANNED, 50, "Room 2"))
    factories.check_in(cast.viewers, couple_id, START - timedelta(days=2), ana=week(6, t1=None), ben=None)
    session_prep.open_in_session(cast.ines, planned)
    return planned


def is_open_to_ben(cast: Cast) -> bool:
    return any(question.answers for form in shared.for_both(cast.ben) for question in form.questions)


def test_it_opens_when_the_session_begins(cast: Cast, wall: Wall, session_id: UUID) -> None:
    wall.to(PLANNED - timedelta(seconds=1))
    assert not is_open_to_ben(cast)
    wall.to(PLANNED)
    assert is_open_to_ben(cast)


def test_a_session_that_is_called_off_opens_nothing(cast: Cast, wall: Wall, session_id: UUID) -> None:
    sessions.cancel(cast.ines, session_id)
    wall.to(PLANNED + timedelta(days=30))
    assert not is_open_to_ben(cast)


@pytest.mark.parametrize("to", [PLANNED + timedelta(days=20), PLANNED - timedelta(hours=5)], ids=["later", "earlier"])
def test_a_session_that_moves_takes_its_opening_along(cast: Cast, wall: Wall, session_id: UUID, to: datetime) -> None:
    sessions.move(cast.ines, session_id, to, 50, "Room 2")
    wall.to(to - timedelta(seconds=1))
    assert not is_open_to_ben(cast)
    wall.to(to)
    assert is_open_to_ben(cast)


def test_what_has_opened_stays_open_whatever_becomes_of_the_session(cast: Cast, wall: Wall, session_id: UUID) -> None:
    wall.to(PLANNED + timedelta(minutes=5))
    sessions.cancel(cast.ines, session_id)
    assert is_open_to_ben(cast)
