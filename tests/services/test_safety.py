"""What private questions raise is waiting for one coach, is opened on record, and is closed with a reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.safety import SignalKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.safety import Signal
from portal.services import safety
from tests import many, weeks
from tests.cast import Cast
from tests.conftest import Wall


def test_nothing_waits_where_nothing_was_raised(cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="no", x2="no", x3="please_do_not")
    assert not safety.waiting(cast.ines)
    assert safety.signals(cast.ines) == ()


@pytest.mark.parametrize("raw", [{"x1": "yes"}, {"x2": "yes"}, {"x3": "soon"}, {"x3": "next_days"}])
def test_a_flag_and_a_wish_for_a_word_wait_for_the_own_coach_alone(cast: Cast, raw: dict[str, str]) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **raw)
    assert safety.waiting(cast.ines)
    for other in (cast.omar, cast.sol, cast.ana, cast.ben):
        assert not safety.waiting(other)
        assert safety.signals(other) == ()


def test_a_soft_flag_is_listed_and_waits_only_from_the_third_form_on(cast: Cast, wall: Wall) -> None:
    for number in range(3):
        assert not safety.waiting(cast.ines)
        weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="rather_not", x2="rather_not")
        assert len(safety.signals(cast.ines)) == 2 * (number + 1)
        wall.forward(days=7)
    assert safety.waiting(cast.ines)
    assert all(signal.is_repeated for signal in safety.open_signals(cast.ines))
    assert not safety.waiting(cast.ines)


def test_three_soft_answers_of_two_people_are_no_repetition(cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben, x1="rather_not")
    wall.forward(days=7)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="rather_not")
    assert not safety.waiting(cast.ines)


def test_what_is_read_is_the_question_the_answer_and_the_safe_way(cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes", x3="soon", x4="At work, before noon")
    flag = next(signal for signal in safety.signals(cast.ines) if signal.kind is SignalKind.FLAG)
    assert flag.question.startswith("This week, was there a moment when you were afraid")
    assert (flag.name, flag.answer, flag.contact) == ("Ana", "Yes", "As soon as possible")
    assert (flag.safe_way, flag.raised_at, flag.closed_at) == ("At work, before noon", wall.now, None)


def test_the_wish_not_to_be_contacted_stands_beside_the_flag(cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes", x3="please_do_not")
    (flag,) = safety.signals(cast.ines)
    assert (flag.contact, flag.safe_way) == ("No, please do not", None)
    assert flag.must_not_contact
    assert [signal.kind for signal in safety.signals(cast.ines)] == [SignalKind.FLAG]


@pytest.mark.parametrize("raw", [{}, {"x3": "soon"}])
def test_who_did_not_say_no_may_be_contacted(cast: Cast, raw: dict[str, str]) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes", **raw)
    assert not any(signal.must_not_contact for signal in safety.signals(cast.ines))


def test_a_stopped_exercise_raises_a_flag_without_words(cast: Cast) -> None:
    weeks.send(cast.ana, weeks.assign(cast.ines, cast.couples["ana"]), {"done": "partly", "stopped_afraid": "true"})
    (flag,) = safety.signals(cast.ines)
    assert (flag.kind, flag.answer) == (SignalKind.FLAG, "")
    assert flag.question.startswith("I stopped or skipped this because I was afraid")


def test_each_opening_goes_on_record_and_marks_it_once(cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x3="soon")
    first = wall.forward(minutes=5)
    assert [signal.was_opened for signal in safety.open_signals(cast.ines)] == [False]
    wall.forward(minutes=5)
    assert [signal.was_opened for signal in safety.open_signals(cast.ines)] == [True]
    assert db.session.scalars(select(Signal.opened_at)).one() == first
    assert _events(cast.ines).count("signals:opened") == 2


def test_a_flag_is_not_opened_by_a_list_that_says_whose_it_is_alone(cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    safety.open_signals(cast.ines)
    safety.look_at_signals(cast.ines)
    assert safety.waiting(cast.ines)
    assert db.session.scalars(select(Signal.opened_at)).one() is None
    assert _events(cast.ines).count("signal:read") == 1  # whose it is says that something was answered


def test_each_reading_goes_on_record_and_marks_nothing(cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x3="soon")
    safety.look_at_signals(cast.ines)
    assert _events(cast.ines).count("signal:read") == 1
    assert db.session.scalars(select(Signal.opened_at)).one() is None


def _events(viewer: Viewer) -> list[str]:
    return list(db.session.scalars(select(AuditEvent.event).where(AuditEvent.actor_id == viewer.person_id)))


def test_a_look_at_nothing_goes_on_record_as_well(cast: Cast) -> None:
    safety.look_at_signals(cast.omar)
    assert "signals:looked_at" in _events(cast.omar)


def test_closing_needs_a_reason_and_keeps_it(cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    (flag,) = safety.open_signals(cast.ines)
    with pytest.raises(Invalid) as refusal:
        safety.close(cast.ines, flag.signal_id, "  \n ")
    assert refusal.value.code == "reason_missing"
    with pytest.raises(Invalid):
        safety.close(cast.ines, flag.signal_id, "x" * 1001)
    safety.close(cast.ines, flag.signal_id, " Spoke alone; a plan was made. ")
    (closed,) = safety.signals(cast.ines)
    assert (closed.reason, closed.closed_at) == ("Spoke alone; a plan was made.", wall.now)
    wall.forward(days=1)
    safety.close(cast.ines, flag.signal_id, "Another reason")
    assert safety.signals(cast.ines)[0].reason == "Spoke alone; a plan was made."


def test_nobody_else_closes_a_signal(cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    (flag,) = safety.signals(cast.ines)
    for other in (cast.omar, cast.sol, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            safety.close(other, flag.signal_id, "No reason of mine")
    with pytest.raises(NotFound):
        safety.close(cast.ines, uuid4(), "Nothing there")


def test_an_open_flag_holds_new_joint_tasks_and_a_closed_one_does_not(cast: Cast) -> None:
    couple_id = cast.couples["ana"]
    weeks.check_in(cast.ines, couple_id, cast.ana, x1="rather_not", x3="soon")
    assert not safety.holds(cast.ines, couple_id)
    weeks.send(cast.ben, weeks.assign(cast.ines, couple_id), {"done": "partly", "stopped_afraid": "true"})
    assert safety.holds(cast.ines, couple_id)
    assert not safety.holds(cast.ines, cast.couples["gil"])
    assert not safety.holds(cast.omar, couple_id)
    for signal in safety.open_signals(cast.ines):
        safety.close(cast.ines, signal.signal_id, "Looked into")
    assert not safety.holds(cast.ines, couple_id)


def test_reading_costs_the_same_for_one_signal_as_for_many(cast: Cast, wall: Wall) -> None:
    from_one = _cost(cast)
    for _ in range(5):
        weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben, x1="yes", x3="soon")
        wall.to(wall.now + timedelta(days=7))
    assert _cost(cast) == from_one


def _cost(cast: Cast) -> int:
    db.session.remove()
    with many.counted() as sent:
        safety.signals(cast.ines)
    return len(sent)
