"""Homework picked by both as a session is closed: given by the coach, once, and never by itself."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.services import assignments, closing, home, picked_homework, programme, sessions
from portal.services.closing import Closing
from portal.services.picked_homework import NewPick
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import START, Wall
from tests.given import assign, send, task_of

SUNDAY, EIGHT = date(2026, 11, 29), time(20)


@pytest.fixture
def session(cast: Cast, wall: Wall) -> UUID:
    session_id = sessions.plan(
        cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, START + timedelta(hours=1), 60)
    )
    wall.to(START + timedelta(hours=2))
    return session_id


def entry(cast: Cast, *, joint: bool) -> UUID:
    return next(one.id for one in programme.library(cast.ines) if one.step and one.audience.is_joint is joint)


def close(cast: Cast, session: UUID, questionnaire_id: UUID, obstacle: str = "The phone: it lies outside") -> None:
    pick = NewPick(questionnaire_id, SUNDAY, EIGHT, obstacle)
    closing.close(cast.ines, session, Closing(("A walk",), homework=pick))


@pytest.mark.parametrize("joint", [True, False])
def test_what_was_picked_is_given_to_both_with_day_and_obstacle(cast: Cast, session: UUID, joint: bool) -> None:
    close(cast, session, entry(cast, joint=joint))
    picked = picked_homework.picked_or_none(cast.ines, session)
    assert picked is not None
    assert (picked.day, picked.at, picked.obstacle, picked.is_done) == (
        SUNDAY,
        EIGHT,
        "The phone: it lies outside",
        False,
    )
    assert home.home(cast.ana).next is None
    given = picked_homework.give(cast.ines, session, "Sunday at eight")
    shown = assignments.assignment(cast.ines, given)
    assert shown.line.given_to is (For.JOINT if joint else For.BOTH)
    assert (shown.why, shown.obstacle) == ("Sunday at eight", "The phone: it lies outside")
    assert shown.line.due_on >= SUNDAY
    assert picked_homework.give(cast.ines, session, "Again") == given
    for partner in (cast.ana, cast.ben):
        task = home.home(partner).next
        assert task is not None
        assert task.why == "Sunday at eight"


def test_a_session_that_is_closed_again_can_pick_anew_until_it_is_given(cast: Cast, session: UUID) -> None:
    close(cast, session, entry(cast, joint=True))
    close(cast, session, entry(cast, joint=False), "Tired: then in the morning")
    picked = picked_homework.picked_or_none(cast.ines, session)
    assert picked is not None
    assert (picked.questionnaire_id, picked.obstacle) == (entry(cast, joint=False), "Tired: then in the morning")
    picked_homework.give(cast.ines, session, "")
    with pytest.raises(Invalid, match="picked_is_done"):
        close(cast, session, entry(cast, joint=True))
    db.session.rollback()
    close(cast, session, entry(cast, joint=False))  # the same again, with other lines that were agreed
    closing.close(cast.ines, session, Closing(("A swim",)))
    after = picked_homework.picked_or_none(cast.ines, session)
    assert after is not None
    assert (after.questionnaire_id, after.is_given) == (entry(cast, joint=False), True)


def test_nothing_for_now_takes_back_what_was_picked_before(cast: Cast, session: UUID) -> None:
    close(cast, session, entry(cast, joint=False))
    closing.close(cast.ines, session, Closing(("A walk",)))
    assert picked_homework.picked_or_none(cast.ines, session) is None


def test_a_day_that_is_over_by_now_stays_while_something_else_is_mended(cast: Cast, session: UUID, wall: Wall) -> None:
    close(cast, session, entry(cast, joint=False))
    wall.forward(days=9)
    close(cast, session, entry(cast, joint=False), "Another word")
    picked = picked_homework.picked_or_none(cast.ines, session)
    assert picked is not None
    assert (picked.day, picked.obstacle) == (SUNDAY, "Another word")


def test_what_was_let_go_of_is_not_given(cast: Cast, session: UUID) -> None:
    close(cast, session, entry(cast, joint=False))
    for _ in range(2):
        picked_homework.let_go(cast.ines, session)
    picked = picked_homework.picked_or_none(cast.ines, session)
    assert picked is not None
    assert picked.is_done
    assert home.home(cast.ana).next is None


def test_under_a_hold_nothing_joint_is_given_by_one_tap(cast: Cast, session: UUID) -> None:
    given = assign(cast, "weekly-check-in")
    send(cast.ana, task_of(cast.ana, given), {"x1": "yes"})
    close(cast, session, entry(cast, joint=True))
    with pytest.raises(NotAllowed, match="joint_work_held"):
        picked_homework.give(cast.ines, session, "")
    db.session.rollback()
    picked = picked_homework.picked_or_none(cast.ines, session)
    assert picked is not None
    assert not picked.is_done
    picked_homework.give(cast.ines, session, "", cleared=True)
    task = home.home(cast.ben).next
    assert task is not None


def test_the_check_in_is_no_homework_to_pick_and_nothing_lies_in_the_past(cast: Cast, session: UUID) -> None:
    check_in = next(one.id for one in programme.library(cast.ines) if one.slug == "weekly-check-in")
    assert check_in not in dict(picked_homework.to_pick_from(cast.ines))
    with pytest.raises(Invalid, match="not_an_option"):
        close(cast, session, check_in)
    db.session.rollback()
    pick = NewPick(entry(cast, joint=True), date(2026, 11, 1), EIGHT)
    with pytest.raises(Invalid, match="due_in_the_past"):
        closing.close(cast.ines, session, Closing(homework=pick))
    db.session.rollback()
    assert picked_homework.picked_or_none(cast.ines, session) is None


def test_nobody_else_gives_or_reads_what_was_picked(cast: Cast, session: UUID) -> None:
    close(cast, session, entry(cast, joint=False))
    for stranger in (cast.omar, cast.sol, cast.mira, cast.noor, cast.ana):
        assert picked_homework.picked_or_none(stranger, session) is None
        for act in (
            lambda who=stranger: picked_homework.give(who, session, ""),
            lambda who=stranger: picked_homework.let_go(who, session),
        ):
            with pytest.raises(NotFound):
                act()
            db.session.rollback()
