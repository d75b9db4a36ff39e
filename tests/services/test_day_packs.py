"""The briefs of a day: asked for once, made one by one, and handed over as each would be read alone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.domain.day_packs import Outcome, file_name, instants_of
from portal.domain.errors import Invalid, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import PersonState
from portal.domain.sessions import NoteKind, SessionKind
from portal.extensions import db
from portal.jobs.press import Press
from portal.models.audit import AuditEvent
from portal.models.couples import Couple
from portal.models.day_packs import DayPack, DayPackRow
from portal.models.users import Person
from portal.output.render import NotRendered, Rendered
from portal.services import couple_states, day_pack_work, day_packs, notes, rendered_briefs, sessions
from tests import factories
from tests.cast import ZONE, Cast
from tests.conftest import START, Wall
from tests.factories import week

BERLIN = ZoneInfo(ZONE)
DAY = date(2026, 11, 24)
BROKEN = "He wrote something that no press can set"


def render(html: str) -> Rendered:
    if BROKEN in html:
        raise NotRendered("too slow")
    return Rendered(html.encode(), fallback=False)


@pytest.fixture
def press(app: Flask) -> Iterator[Press]:
    yield Press("Portal", render)
    db.session.remove()


def at(hour: int, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour), BERLIN)


@pytest.fixture
def three(cast: Cast) -> list[UUID]:
    """Three sessions of one day, in their order; one of somebody alone."""
    ana, gil = cast.couples["ana"], cast.couples["gil"]
    late = factories.session(gil, at(18))
    early = factories.session(ana, at(9))
    alone = factories.session(ana, at(12), SessionKind.INDIVIDUAL_A)
    return [early, alone, late]


def outcomes(cast: Cast, pack_id: UUID) -> list[Outcome]:
    return [line.outcome for line in day_packs.shown(cast.ines, pack_id).lines]


def readings() -> list[UUID | None]:
    found = select(AuditEvent.subject_id).where(AuditEvent.event == "brief:read")
    return list(db.session.scalars(found.order_by(AuditEvent.number)))


def test_a_days_sessions_are_in_it_in_their_order_and_no_others(cast: Cast, three: list[UUID]) -> None:
    off = factories.session(cast.couples["ana"], at(20))
    sessions.cancel(cast.ines, off)
    factories.session(cast.couples["ana"], at(0, DAY + timedelta(days=1)))
    factories.session(cast.couples["cleo"], at(10))  # Omar's
    pack = day_packs.shown(cast.ines, day_packs.ask(cast.ines, DAY))
    assert [line.session_id for line in pack.lines] == three
    assert [line.names for line in pack.lines] == ["Ana & Ben", "Ana & Ben", "Gil & Hana"]
    assert (pack.past, pack.ended_at) == (0, None)


def test_a_day_is_that_of_the_practices_calendar_also_when_the_clock_is_set() -> None:
    begins, ends = instants_of(date(2026, 10, 25), ZONE)
    assert ends - begins == timedelta(hours=25)
    assert begins == datetime(2026, 10, 25, tzinfo=BERLIN)


def test_a_file_is_called_by_its_place_and_time_and_by_nobodys_name() -> None:
    assert file_name(3, at(18)) == "03-1800.pdf"


def test_it_is_made_brief_by_brief_and_none_of_it_is_a_reading(cast: Cast, press: Press, three: list[UUID]) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    assert press.turn(looks_ahead=False) == 3
    pack = day_packs.shown(cast.ines, pack_id)
    assert [line.outcome for line in pack.lines] == [Outcome.SET] * 3
    assert pack.ended_at == START
    assert readings() == []


def test_it_is_handed_over_with_a_reading_of_each_brief_and_of_each_form_in_it(
    cast: Cast, press: Press, three: list[UUID]
) -> None:
    sent = factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=2), ana=week(5), ben=week(6))
    pack_id = day_packs.ask(cast.ines, DAY)
    press.turn(looks_ahead=False)
    papers = day_packs.papers(cast.ines, pack_id)
    assert [paper.name for paper in papers] == ["01-0900.pdf", "02-1200.pdf", "03-1800.pdf"]
    assert readings() == []
    day_packs.hand_over(cast.ines, papers)
    assert readings() == three
    forms = select(AuditEvent.subject_id).where(AuditEvent.event == "response:read_in_brief")
    assert set(db.session.scalars(forms)) >= set(sent.values())


def test_pressed_twice_it_is_asked_for_once_and_another_day_takes_its_place(cast: Cast, three: list[UUID]) -> None:
    first = day_packs.ask(cast.ines, DAY)
    assert day_packs.ask(cast.ines, DAY) == first
    factories.session(cast.couples["ana"], at(9, DAY + timedelta(days=2)))
    second = day_packs.ask(cast.ines, DAY + timedelta(days=2))
    assert day_packs.shown(cast.ines, first).is_cancelled
    assert [one.pack_id for one in day_packs.packs(cast.ines)] == [second]


def test_a_day_that_is_asked_for_again_stands_in_the_list_once(cast: Cast, press: Press, three: list[UUID]) -> None:
    first = day_packs.ask(cast.ines, DAY)
    press.turn(looks_ahead=False)
    second = day_packs.ask(cast.ines, DAY)
    assert second != first
    assert [one.pack_id for one in day_packs.packs(cast.ines)] == [second]


def test_a_day_without_sessions_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="no_session_that_day"):
        day_packs.ask(cast.ines, DAY)
    assert db.session.scalar(select(func.count()).select_from(DayPack)) == 0


def test_one_bad_brief_keeps_no_other_back_and_the_report_names_it(cast: Cast, press: Press, three: list[UUID]) -> None:
    notes.write(cast.ines, three[2], NoteKind.REMINDER, BROKEN)
    pack_id = day_packs.ask(cast.ines, DAY)
    assert press.turn(looks_ahead=False) == 2
    pack = day_packs.shown(cast.ines, pack_id)
    assert [line.outcome for line in pack.lines] == [Outcome.SET, Outcome.SET, Outcome.FAILED]
    assert pack.ended_at is not None
    assert len(day_packs.papers(cast.ines, pack_id)) == 2


def test_cancelled_nothing_more_of_it_is_made(cast: Cast, press: Press, three: list[UUID]) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    begun = day_pack_work.orders()
    day_packs.cancel(cast.ines, pack_id)
    assert [day_pack_work.take(order.row_id) for order in begun if order.row_id] == [None] * 3
    assert press.turn(looks_ahead=False) == 0
    assert outcomes(cast, pack_id) == [Outcome.WAITING] * 3
    assert day_packs.papers(cast.ines, pack_id) == ()


def test_a_machine_that_ended_in_the_middle_is_followed_by_another_and_after_three_it_is_said(
    cast: Cast, press: Press, three: list[UUID], wall: Wall
) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    [first, *_] = day_pack_work.orders()
    assert first.row_id is not None
    assert day_pack_work.take(first.row_id) == cast.ines  # and is heard of no more
    assert day_pack_work.take(first.row_id) is None
    assert press.turn(looks_ahead=False) == 2
    assert outcomes(cast, pack_id) == [Outcome.WAITING, Outcome.SET, Outcome.SET]
    for _ in range(2):
        wall.forward(minutes=3)
        assert day_pack_work.take(first.row_id) == cast.ines
    wall.forward(minutes=3)
    assert press.turn(looks_ahead=False) == 0
    assert outcomes(cast, pack_id) == [Outcome.FAILED, Outcome.SET, Outcome.SET]
    assert day_packs.shown(cast.ines, pack_id).ended_at == wall.now


def test_a_couple_that_left_the_coach_is_not_in_it_whenever_that_was(
    cast: Cast, press: Press, three: list[UUID]
) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    hand_over(cast, "gil")
    press.turn(looks_ahead=False)
    assert outcomes(cast, pack_id) == [Outcome.SET, Outcome.SET]
    assert day_packs.shown(cast.ines, pack_id).no_longer_own == 1
    gone = select(DayPackRow.outcome).where(DayPackRow.session_id == three[2])
    assert db.session.scalars(gone).one() == Outcome.GONE
    hand_over(cast, "ana")
    assert day_packs.papers(cast.ines, pack_id) == ()


def hand_over(cast: Cast, name: str) -> None:
    moved = update(Couple).where(Couple.id == cast.couples[name])
    db.session.execute(moved.values(coach_id=cast.omar.person_id))
    db.session.commit()


def test_nothing_is_made_for_somebody_who_was_let_go(cast: Cast, press: Press, three: list[UUID]) -> None:
    day_packs.ask(cast.ines, DAY)
    gone = update(Person).where(Person.id == cast.ines.person_id)
    db.session.execute(gone.values(state=PersonState.DEACTIVATED))
    db.session.commit()
    assert press.turn(looks_ahead=False) == 0
    assert set(db.session.scalars(select(DayPackRow.outcome))) == {Outcome.GONE}


@pytest.mark.parametrize("name", ["omar", "noor", "mira", "sol", "ana"])
def test_it_is_for_its_coach_alone(cast: Cast, three: list[UUID], name: str) -> None:
    pack_id, other = day_packs.ask(cast.ines, DAY), cast.viewers[name]
    for act in (day_packs.shown, day_packs.cancel, day_packs.papers):
        with pytest.raises(NotFound):
            act(other, pack_id)
    with pytest.raises(NotFound):
        day_packs.make_again(other, pack_id, three)
    assert day_packs.packs(other) == ()


def test_what_changed_since_is_made_once_more_and_three_times_at_most(
    cast: Cast, press: Press, three: list[UUID]
) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    press.turn(looks_ahead=False)
    rendered_briefs.drop(cast.couples["ana"])
    db.session.commit()
    for _ in range(2):
        assert day_packs.make_again(cast.ines, pack_id, three[:2])
        assert day_packs.shown(cast.ines, pack_id).ended_at is None
        press.turn(looks_ahead=False)
        assert outcomes(cast, pack_id) == [Outcome.SET] * 3
    assert not day_packs.make_again(cast.ines, pack_id, three[:2])
    assert day_packs.shown(cast.ines, pack_id).ended_at is not None


def test_after_a_day_nothing_of_it_is_there(cast: Cast, press: Press, three: list[UUID], wall: Wall) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    press.turn()
    wall.forward(hours=24)
    press.turn()
    with pytest.raises(NotFound):
        day_packs.shown(cast.ines, pack_id)
    assert db.session.scalar(select(func.count()).select_from(DayPackRow)) == 0


def test_what_was_called_off_moved_to_another_day_or_ended_since_is_handed_over_no_more(
    cast: Cast, press: Press, three: list[UUID]
) -> None:
    pack_id = day_packs.ask(cast.ines, DAY)
    press.turn(looks_ahead=False)
    sessions.cancel(cast.ines, three[0])
    sessions.move(cast.ines, three[2], at(12, DAY + timedelta(days=1)), 50, "Room 2")
    assert [paper.session_id for paper in day_packs.papers(cast.ines, pack_id)] == [three[1]]
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    assert day_packs.papers(cast.ines, pack_id) == ()


def test_what_was_cancelled_is_not_made_again(cast: Cast, press: Press, three: list[UUID]) -> None:
    first = day_packs.ask(cast.ines, DAY)
    press.turn(looks_ahead=False)
    day_packs.ask(cast.ines, DAY)  # it stands in the place of the first
    press.turn(looks_ahead=False)
    assert not day_packs.make_again(cast.ines, first, three)


@pytest.mark.parametrize("day", [date.max, date.min])
def test_a_day_of_no_working_life_is_refused(cast: Cast, day: date) -> None:
    with pytest.raises(Invalid) as refusal:
        day_packs.ask(cast.ines, day)
    assert refusal.value.params["field"] == "day"
