"""The sealed exchange: what both share opens to both at one moment in a session, or nothing opens to anybody."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import Label, Viewer
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.outbox import OutboxEntry
from portal.models.responses import Response
from portal.services import couple_states, exchanges, parting, sealed, session_prep, sessions, shared
from portal.services.sessions import NewSession
from tests import given
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import OPEN, assign, floor, opened, send, task_of

HIS = "That she is tired"
ALONE = {"understood": "coach"}


@pytest.fixture
def floors(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


@pytest.fixture
def session_id(cast: Cast, wall: Wall) -> UUID:
    """A session of both that begins in ten minutes."""
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(minutes=10), 50, "Room 2")
    return sessions.plan(cast.ines, cast.couples["ana"], new)


def in_the_hour(wall: Wall) -> None:
    wall.forward(minutes=20)


def both_send(cast: Cast, floors: UUID, **of_ben: str) -> None:
    send(cast.ana, task_of(cast.ana, floors), floor())
    send(cast.ben, task_of(cast.ben, floors), floor(understood=HIS), **of_ben)


def read_by(viewer: Viewer) -> set[object]:
    forms = shared.for_both(viewer)
    return {answer.answer.value for form in forms for question in form.questions for answer in question.answers}


def test_what_both_share_opens_to_both_at_one_moment(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    assert (read_by(cast.ana), read_by(cast.ben)) == (set(), set())
    [offered] = exchanges.of_session(cast.ines, session_id)
    assert (offered.title, offered.sent_by, offered.is_ready) == ("One holds the floor", (Label.A, Label.B), True)
    mails = len(db.session.scalars(select(OutboxEntry)).all())
    assert exchanges.open_now(cast.ines, session_id, floors) == "One holds the floor"
    assert read_by(cast.ana) == read_by(cast.ben) == {OPEN, HIS}
    assert {row.exchanged_at for row in db.session.scalars(select(Response))} == {wall.now}
    assert len(db.session.scalars(select(OutboxEntry)).all()) == mails
    told = select(AuditEvent.event).where(AuditEvent.subject_id == floors)
    assert "assignment:exchanged" in set(db.session.scalars(told))
    assert exchanges.of_session(cast.ines, session_id) == ()


def test_where_one_has_not_sent_nothing_opens_to_anybody(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    send(cast.ana, task_of(cast.ana, floors), floor())
    in_the_hour(wall)
    [offered] = exchanges.of_session(cast.ines, session_id)
    assert (offered.sent_by, offered.is_ready) == ((Label.A,), False)
    with pytest.raises(NotAllowed, match="not_yet_both"):
        exchanges.open_now(cast.ines, session_id, floors)
    assert (read_by(cast.ana), read_by(cast.ben)) == (set(), set())


def test_where_one_shares_nothing_of_it_nothing_opens_and_neither_page_changes(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    both_send(cast, floors, **ALONE)
    in_the_hour(wall)
    [offered] = exchanges.of_session(cast.ines, session_id)
    assert (offered.sent_by, offered.is_ready) == ((Label.A, Label.B), False)
    with pytest.raises(NotAllowed, match="not_yet_both"):
        exchanges.open_now(cast.ines, session_id, floors)
    assert (read_by(cast.ana), read_by(cast.ben)) == (set(), set())


def test_only_what_is_shared_opens(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    exchanges.open_now(cast.ines, session_id, floors)
    assert {type(value) for value in read_by(cast.ben)} == {str}  # none of the figures for the coach alone
    assert all(row.session_opened_at is None for row in db.session.scalars(select(Response)))


def test_outside_the_hour_of_a_session_of_both_nothing_is_offered(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    both_send(cast, floors)
    alone = NewSession(SessionKind.INDIVIDUAL_A, wall.now + timedelta(minutes=5), 50)
    hers = sessions.plan(cast.ines, cast.couples["ana"], alone)
    for session, minutes in ((session_id, 0), (hers, 20)):
        wall.forward(minutes=minutes)
        assert exchanges.of_session(cast.ines, session) == ()
        with pytest.raises(NotAllowed, match="not_in_the_session"):
            exchanges.open_now(cast.ines, session, floors)
    sessions.cancel(cast.ines, session_id)
    assert exchanges.of_session(cast.ines, session_id) == ()


def test_on_the_next_day_it_is_over(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    wall.forward(days=1)
    both_send(cast, floors)
    with pytest.raises(NotAllowed, match="not_in_the_session"):
        exchanges.open_now(cast.ines, session_id, floors)


def test_once_one_takes_part_no_more_nothing_opens(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    parting.leave(cast.ana, PASSPHRASE, "http://127.0.0.1:8000/coach/", hides=False)
    assert exchanges.of_session(cast.ines, session_id) == ()
    with pytest.raises(NotAllowed, match="not_for_both_now"):
        exchanges.open_now(cast.ines, session_id, floors)


def test_who_lets_nothing_more_open_shares_nothing(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    parting.end_sharing(cast.ben, PASSPHRASE, hides=False)
    wall.forward(minutes=1)
    with pytest.raises(NotAllowed, match="not_yet_both"):
        exchanges.open_now(cast.ines, session_id, floors)
    assert read_by(cast.ana) == set()


def test_the_button_pressed_twice_opens_it_once_and_says_so_both_times(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    titles = {exchanges.open_now(cast.ines, session_id, floors)}
    at = db.session.scalars(select(Response.exchanged_at)).all()
    wall.forward(minutes=1)
    titles.add(exchanges.open_now(cast.ines, session_id, floors))
    assert titles == {"One holds the floor"}
    assert db.session.scalars(select(Response.exchanged_at)).all() == at
    events = select(AuditEvent.event).where(AuditEvent.event == "assignment:exchanged")
    assert len(db.session.scalars(events).all()) == 1


def test_what_opens_is_what_stands_there_now(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    given.correct(cast.ana, task_of(cast.ana, floors), "understood", {"understood": "That he waits"})
    in_the_hour(wall)
    exchanges.open_now(cast.ines, session_id, floors)
    assert read_by(cast.ben) == {"That he waits", HIS}


def test_a_correction_of_what_they_have_met_waits_for_its_own_morning(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    exchanges.open_now(cast.ines, session_id, floors)
    wall.forward(minutes=5)
    given.correct(cast.ana, task_of(cast.ana, floors), "understood", {"understood": "That he waits"})
    assert read_by(cast.ben) == {OPEN, HIS}
    wall.forward(days=1)
    assert read_by(cast.ben) == {"That he waits", HIS}


def test_what_both_have_met_is_not_kept_back_any_more(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    exchanges.open_now(cast.ines, session_id, floors)
    task_id = task_of(cast.ana, floors)
    token = opened(cast.ana, task_id)
    with pytest.raises(NotAllowed, match="already_open"):
        sealed.choose_reader(cast.ana, task_id, "understood", Disclosure.COACH, token)
    found = sealed.sent_task(cast.ana, task_id, token)
    assert found.is_opened_early
    assert not any(answer.may_change for answer in found.answers or ())


def test_what_its_author_opened_before_stays_open_from_then_on(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    both_send(cast, floors)
    task_id = task_of(cast.ana, floors)
    sealed.open_now(cast.ana, task_id, opened(cast.ana, task_id))
    in_the_hour(wall)
    assert read_by(cast.ben) == {OPEN}
    assert [offered.is_ready for offered in exchanges.of_session(cast.ines, session_id)] == [True]
    exchanges.open_now(cast.ines, session_id, floors)
    assert read_by(cast.ana) == read_by(cast.ben) == {OPEN, HIS}


def test_what_was_given_to_one_alone_or_to_others_is_not_found(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    alone = assign(cast, "small-reaches", given_to=For.A)
    in_the_hour(wall)
    for assignment_id in (alone, uuid4()):
        with pytest.raises(NotFound):
            exchanges.open_now(cast.ines, session_id, assignment_id)
    for viewer in (cast.omar, cast.noor, cast.sol, cast.ana):
        with pytest.raises(NotFound):
            exchanges.open_now(viewer, session_id, floors)


def test_after_the_two_have_separated_nothing_opens(cast: Cast, floors: UUID, session_id: UUID, wall: Wall) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.SEPARATE)
    with pytest.raises(NotAllowed):
        exchanges.open_now(cast.ines, session_id, floors)


def test_the_joint_copy_of_that_session_holds_it_and_an_earlier_one_does_not(
    cast: Cast, floors: UUID, session_id: UUID, wall: Wall
) -> None:
    both_send(cast, floors)
    in_the_hour(wall)
    assert OPEN not in str(session_prep.joint_screen(cast.ines, session_id))
    exchanges.open_now(cast.ines, session_id, floors)
    assert OPEN in str(session_prep.joint_screen(cast.ines, session_id))
    wall.forward(weeks=2)
    assert OPEN in str(session_prep.joint_brief(cast.ines, session_id))
