"""What ends on the eve of a session goes along where the session is moved, alike for both, and says so."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import NotAllowed
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.services import assignments, extending, home, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import START, Browser, Wall
from tests.given import assign, floor, send, task_of

Open = Callable[[str | None], Browser]
IN_A_WEEK = START + timedelta(days=7)
EVE, NEW_EVE = date(2026, 11, 29), date(2026, 12, 1)


@pytest.fixture
def planned(cast: Cast) -> UUID:
    return sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, IN_A_WEEK, 60, "Room 2"))


@pytest.fixture
def given(cast: Cast, planned: UUID) -> UUID:
    return assign(cast, "one-holds-the-floor", due_on=EVE)


def move(cast: Cast, planned: UUID, days: int = 2) -> int:
    return sessions.move(cast.ines, planned, IN_A_WEEK + timedelta(days=days), 60, "Room 2")


def due(assignment_id: UUID) -> date:
    return db.session.scalars(select(Assignment.due_on).where(Assignment.id == assignment_id)).one()


def test_what_ends_on_the_eve_ends_on_the_new_eve(cast: Cast, planned: UUID, given: UUID) -> None:
    assert move(cast, planned) == 1
    assert due(given) == NEW_EVE
    ends = set(db.session.scalars(select(Task.due_at).where(Task.assignment_id == given)))
    assert {at.isoformat() for at in ends} == {"2026-12-01T23:00:00+00:00"}


def test_another_hour_of_the_same_day_moves_nothing(cast: Cast, planned: UUID, given: UUID) -> None:
    assert sessions.move(cast.ines, planned, IN_A_WEEK + timedelta(hours=1), 60, "Room 2") == 0
    assert due(given) == EVE
    assert not home.home(cast.ana).next.is_moved  # type: ignore[union-attr]


def test_what_ends_on_another_day_stays(cast: Cast, planned: UUID) -> None:
    other = assign(cast, "one-holds-the-floor", due_on=EVE - timedelta(days=1))
    assert move(cast, planned) == 0
    assert due(other) == EVE - timedelta(days=1)


def test_what_was_given_more_time_keeps_it_until_the_session_is_later_still(
    cast: Cast, planned: UUID, given: UUID
) -> None:
    extending.extend(cast.ines, given, date(2026, 12, 9))
    for days, last, is_moved in ((2, date(2026, 12, 9), False), (14, date(2026, 12, 13), True)):
        assert move(cast, planned, days) == 1
        assert assignments.assignment(cast.ines, given).line.due_on == last
        task = home.home(cast.ana).next
        assert task is not None
        assert (task.due_at.date(), task.is_moved) == (last, is_moved)


@pytest.mark.parametrize("has_sent", [True, False])
def test_what_both_read_goes_along_whether_or_not_one_was_given_more_time(
    cast: Cast, planned: UUID, given: UUID, has_sent: bool
) -> None:
    send(cast.ben, task_of(cast.ben, given), floor())
    if has_sent:
        send(cast.ana, task_of(cast.ana, given), floor())
        with pytest.raises(NotAllowed, match="nothing_open"):
            extending.extend(cast.ines, given, date(2026, 12, 9))
        db.session.rollback()
    else:
        extending.extend(cast.ines, given, date(2026, 12, 9))
    assert move(cast, planned) == 1
    assert due(given) == NEW_EVE


def test_nothing_ends_before_today(cast: Cast, planned: UUID, given: UUID) -> None:
    assert sessions.move(cast.ines, planned, START + timedelta(hours=3), 60, "Room 2") == 1
    assert due(given) == START.date()


def test_a_session_that_is_called_off_moves_nothing(cast: Cast, planned: UUID, given: UUID) -> None:
    sessions.cancel(cast.ines, planned)
    assert due(given) == EVE


def test_what_was_taken_back_stays_as_it_was(cast: Cast, planned: UUID, given: UUID) -> None:
    assignments.withdraw(cast.ines, given)
    assert move(cast, planned) == 0
    assert due(given) == EVE


def test_a_session_of_one_alone_takes_nothing_along(cast: Cast) -> None:
    alone = NewSession(SessionKind.INDIVIDUAL_A, IN_A_WEEK, 60, "Room 2")
    session_id = sessions.plan(cast.ines, cast.couples["ana"], alone)
    given = assign(cast, "one-holds-the-floor", due_on=EVE)
    assert move(cast, session_id) == 0
    assert due(given) == EVE


@pytest.mark.parametrize("has_sent", [True, False])
def test_the_other_sees_the_same_whether_one_has_sent_or_not(
    browser: Open, cast: Cast, planned: UUID, given: UUID, has_sent: bool
) -> None:
    if has_sent:
        send(cast.ana, task_of(cast.ana, given), floor())
    assert move(cast, planned) == 1
    page = browser("ben").get("/my/").text
    assert "Tuesday 1 December (moved along with your appointment)" in page
    assert due(given) == NEW_EVE


def test_what_was_sent_keeps_its_time(cast: Cast, planned: UUID, given: UUID) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    before = db.session.scalars(select(Task.due_at).where(Task.person_id == cast.ana.person_id)).one()
    move(cast, planned)
    assert db.session.scalars(select(Task.due_at).where(Task.person_id == cast.ana.person_id)).one() == before


def test_the_coach_is_told_how_much_went_along_and_the_homework_says_so(
    browser: Open, cast: Cast, planned: UUID, given: UUID, wall: Wall
) -> None:
    ines = browser("ines")
    assert "where the session is moved to, it goes along" in ines.get(f"/coach/assignments/{given}").text
    moved = {"day": "2026-12-02", "time": "18:00", "minutes": "60", "place": "Room 2"}
    reply = ines.post(f"/coach/sessions/{planned}/move", moved)
    assert "One task goes along and ends on another day." in ines.get(reply.location).text
    assert "Tuesday 1 December (moved along with your appointment)" in browser("ana").get("/my/").text
    assert "Until Tuesday 1 December" in browser("ana").get(f"/my/tasks/{task_of(cast.ana, given)}").text
