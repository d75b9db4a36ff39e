"""Sessions: planned by the couple's coach, numbered by the joint ones, and told to partners only where both come."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import CoupleState, Viewer
from portal.domain.sessions import Attendance, NoteKind, SessionKind, SessionState
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.couples import Couple
from portal.services import closing, notes, sessions
from portal.services.closing import Closing
from portal.services.sessions import NewSession
from tests import factories
from tests.cast import Cast
from tests.conftest import START, Wall

TOMORROW = START + timedelta(days=1)


def new(days: float = 1, kind: SessionKind = SessionKind.JOINT, **more: object) -> NewSession:
    values: dict[str, object] = {"minutes": 60, "place": "Room 2"} | more
    return NewSession(kind, START + timedelta(days=days), **values)  # type: ignore[arg-type]


def was_there(coach: Viewer, session_id: UUID) -> None:
    sessions.put_down_attendance(coach, session_id, Attendance.BOTH)


@pytest.fixture
def planned(cast: Cast) -> UUID:
    return sessions.plan(cast.ines, cast.couples["ana"], new())


def test_a_planned_session_stands_ahead_with_its_number(cast: Cast, planned: UUID) -> None:
    factories.session(cast.couples["ana"], START - timedelta(days=7), state=SessionState.HELD)
    alone = sessions.plan(cast.ines, cast.couples["ana"], new(2, SessionKind.INDIVIDUAL_B))
    joint, individual = sessions.ahead(cast.ines)
    assert (joint.session_id, joint.names, joint.number, joint.attending) == (planned, "Ana & Ben", 2, None)
    assert (individual.session_id, individual.number, individual.attending) == (alone, None, "Ben")
    assert [line.number for line in sessions.past(cast.ines)] == [1]


def test_ahead_ends_where_it_is_told_to_and_holds_the_session_that_runs(cast: Cast, planned: UUID, wall: Wall) -> None:
    assert sessions.ahead(cast.ines, START + timedelta(hours=12)) == ()
    wall.to(TOMORROW + timedelta(minutes=59))
    assert [line.session_id for line in sessions.ahead(cast.ines)] == [planned]
    assert sessions.past(cast.ines) == ()
    wall.forward(minutes=1)
    assert sessions.ahead(cast.ines) == ()
    assert [line.session_id for line in sessions.past(cast.ines)] == [planned]


def test_nobody_else_plans_reads_or_moves_a_session(cast: Cast, planned: UUID) -> None:
    for stranger in (cast.omar, cast.sol, cast.ana, cast.ben):
        for act in (sessions.session, sessions.cancel, was_there):
            with pytest.raises(NotFound):
                act(stranger, planned)
        with pytest.raises(NotFound):
            sessions.plan(stranger, cast.couples["ana"], new(3))
        with pytest.raises(NotFound):
            sessions.move(stranger, planned, TOMORROW, 60, "")
        assert sessions.ahead(stranger) == ()
    with pytest.raises(NotFound):
        sessions.session(cast.ines, uuid4())


def test_a_button_that_is_pressed_twice_plans_one_session(cast: Cast, planned: UUID) -> None:
    with pytest.raises(Invalid, match="session_planned_already"):
        sessions.plan(cast.ines, cast.couples["ana"], new())
    sessions.cancel(cast.ines, planned)
    sessions.plan(cast.ines, cast.couples["ana"], new())


@pytest.mark.parametrize(("change", "field"), [({"minutes": 3}, "minutes"), ({"place": "x" * 201}, "place")])
def test_a_session_that_cannot_be_kept_is_refused_by_name(cast: Cast, change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        sessions.plan(cast.ines, cast.couples["ana"], new(**change))
    assert refusal.value.params["field"] == field


def test_a_couple_that_has_parted_has_no_joint_sessions(cast: Cast) -> None:
    couple = db.session.scalars(select(Couple).where(Couple.id == cast.couples["ana"])).one()
    couple.state, couple.ended_at = CoupleState.SEPARATED, TOMORROW
    db.session.commit()
    with pytest.raises(Invalid, match="couple_not_together"):
        sessions.plan(cast.ines, couple.id, new())
    sessions.plan(cast.ines, couple.id, new(kind=SessionKind.INDIVIDUAL_A))


def test_a_session_is_moved_until_it_is_over(cast: Cast, planned: UUID, wall: Wall) -> None:
    sessions.move(cast.ines, planned, TOMORROW + timedelta(hours=1), 45, " By video ")
    line = sessions.session(cast.ines, planned).line
    assert (line.starts_at, line.minutes, line.place) == (TOMORROW + timedelta(hours=1), 45, "By video")
    wall.to(TOMORROW + timedelta(hours=2))
    was_there(cast.ines, planned)
    with pytest.raises(NotAllowed):
        sessions.move(cast.ines, planned, wall.now + timedelta(days=1), 45, "")
    with pytest.raises(NotAllowed):
        sessions.cancel(cast.ines, planned)


def test_a_session_is_not_held_before_it_begins(cast: Cast, planned: UUID) -> None:
    with pytest.raises(Invalid, match="session_not_begun"):
        was_there(cast.ines, planned)


def test_what_happens_to_a_session_is_on_record_once(cast: Cast, planned: UUID) -> None:
    sessions.cancel(cast.ines, planned)
    sessions.cancel(cast.ines, planned)
    found = db.session.scalars(
        select(AuditEvent.event).where(AuditEvent.subject_id == planned).order_by(AuditEvent.event)
    )
    assert found.all() == ["session:cancelled", "session:planned"]


def test_partners_hear_of_the_next_session_of_both_and_of_no_other(cast: Cast, planned: UUID, wall: Wall) -> None:
    sessions.plan(cast.ines, cast.couples["ana"], new(0.5, SessionKind.INDIVIDUAL_A))
    told = sessions.next_for_partner(cast.ana)
    assert told == sessions.next_for_partner(cast.ben)
    assert told is not None
    assert (told.starts_at, told.minutes, told.place) == (TOMORROW, 60, "Room 2")
    assert sessions.next_for_partner(cast.cleo) is None
    sessions.cancel(cast.ines, planned)
    assert sessions.next_for_partner(cast.ana) is None
    with pytest.raises(NotFound):
        sessions.next_for_partner(cast.ines)


def test_a_session_shows_the_one_before_it_and_what_is_still_open(cast: Cast, planned: UUID) -> None:
    earlier = factories.session(cast.couples["ana"], START - timedelta(days=7), state=SessionState.HELD)
    notes.write(cast.ines, earlier, NoteKind.THREAD, "The holiday")
    shown = sessions.session(cast.ines, planned)
    assert shown.previous is not None
    assert (shown.previous.id, shown.name_a, shown.name_b) == (earlier, "Ana", "Ben")
    assert [note.text for note in shown.still_open] == ["The holiday"]
    assert shown.notes == ()
    lines = sessions.of_couple(cast.ines, cast.couples["ana"])
    assert [line.session_id for line in lines] == [planned, earlier]


def test_closing_keeps_everything_in_one_act(cast: Cast, planned: UUID, wall: Wall) -> None:
    wall.to(TOMORROW + timedelta(minutes=55))
    end = Closing(("Ten minutes on Sunday", "A walk"), "Ask about the flat", new(15))
    closing.close(cast.ines, planned, end)
    shown = sessions.session(cast.ines, planned)
    assert shown.line.state is SessionState.HELD
    assert [note.text for note in shown.notes_of("reminder")] == ["Ask about the flat"]
    assert (
        notes.agreed_for_partner(cast.ana) == notes.agreed_for_partner(cast.ben) == ("Ten minutes on Sunday", "A walk")
    )
    told = sessions.next_for_partner(cast.ben)
    assert told is not None
    assert told.starts_at == START + timedelta(days=15)


def test_closing_that_cannot_be_kept_keeps_nothing(cast: Cast, planned: UUID, wall: Wall) -> None:
    wall.to(TOMORROW + timedelta(minutes=55))
    with pytest.raises(Invalid):
        closing.close(cast.ines, planned, Closing(("Ten minutes",), "A line", new(15, minutes=1)))
    db.session.rollback()
    shown = sessions.session(cast.ines, planned)
    assert (shown.line.state, shown.notes) == (SessionState.PLANNED, ())
    assert notes.agreed_for_partner(cast.ana) == ()


def test_nothing_is_agreed_for_both_in_a_session_of_one(cast: Cast, wall: Wall) -> None:
    alone = sessions.plan(cast.ines, cast.couples["ana"], new(kind=SessionKind.INDIVIDUAL_A))
    wall.to(TOMORROW + timedelta(minutes=55))
    with pytest.raises(Invalid, match="agreed_needs_both"):
        closing.close(cast.ines, alone, Closing(("Ten minutes",)))
    closing.close(cast.ines, alone, Closing(private_line="Call on Monday"))
    assert notes.agreed_for_partner(cast.ben) == ()


def test_a_series_stands_at_the_same_time_on_the_wall_and_each_can_go_its_own_way(cast: Cast) -> None:
    later = [START + timedelta(days=8), START + timedelta(days=15)]
    first = sessions.plan(cast.ines, cast.couples["ana"], new(), later)
    lines = sessions.ahead(cast.ines)
    assert [line.starts_at for line in lines] == [TOMORROW, *later]
    assert [line.number for line in lines] == [1, 2, 3]
    sessions.cancel(cast.ines, lines[1].session_id)
    assert [line.session_id for line in sessions.ahead(cast.ines)] == [first, lines[2].session_id]


def test_a_series_of_which_one_cannot_be_is_not_planned_at_all(cast: Cast, planned: UUID) -> None:
    with pytest.raises(Invalid, match="of_series") as refused:
        sessions.plan(cast.ines, cast.couples["ana"], new(-0.5), [TOMORROW])
    assert refused.value.params == {"day": "2026-11-24", "field": "times"}
    db.session.rollback()
    assert [line.session_id for line in sessions.ahead(cast.ines)] == [planned]


@pytest.mark.parametrize("who", list(Attendance))
def test_who_was_there_is_put_down_once_it_has_begun(cast: Cast, planned: UUID, wall: Wall, who: Attendance) -> None:
    with pytest.raises(Invalid, match="session_not_begun"):
        sessions.put_down_attendance(cast.ines, planned, who)
    db.session.rollback()
    wall.to(TOMORROW)
    sessions.put_down_attendance(cast.ines, planned, who)
    line = sessions.session(cast.ines, planned).line
    assert (line.state, line.attendance) == (SessionState.HELD, who)


def test_who_was_there_can_be_set_right_and_stands_on_record_each_time(cast: Cast, planned: UUID, wall: Wall) -> None:
    wall.to(TOMORROW)
    for who in (Attendance.BOTH, Attendance.BOTH, Attendance.B):
        sessions.put_down_attendance(cast.ines, planned, who)
    assert sessions.session(cast.ines, planned).line.attendance is Attendance.B
    assert (
        list(db.session.scalars(select(AuditEvent.event).where(AuditEvent.event == "session:attendance")))
        == ["session:attendance"] * 2
    )


def test_of_a_session_of_one_the_other_was_not_there(cast: Cast, wall: Wall) -> None:
    alone = sessions.plan(cast.ines, cast.couples["ana"], new(kind=SessionKind.INDIVIDUAL_A))
    wall.to(TOMORROW)
    for who in (Attendance.B, Attendance.BOTH):
        with pytest.raises(Invalid, match="attendance_of_others"):
            sessions.put_down_attendance(cast.ines, alone, who)
        db.session.rollback()
    sessions.put_down_attendance(cast.ines, alone, Attendance.NOBODY)
    assert sessions.session(cast.ines, alone).line.attendance is Attendance.NOBODY
