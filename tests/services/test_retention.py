"""How long records are kept: the practice's own rule, whose time is over by it, and that nothing goes by itself."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from portal.domain.erasure import Cause, RunsFrom, months_after
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import CoupleState
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.services import approvals, erasing, erasures, holds, retention
from tests.cast import Cast
from tests.conftest import GATHERED_AT, Wall
from tests.given import assign, floor, send, task_of

LINK = "http://127.0.0.1:8000/"


def over(viewer) -> list[str]:  # type: ignore[no-untyped-def]
    return [one.name for one in retention.over(viewer)]


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2026, 11, 23), 84, date(2033, 11, 23)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, end: date) -> None:
    assert months_after(day, months) == end


def test_without_a_rule_nobodys_time_is_over(cast: Cast, wall: Wall) -> None:
    wall.forward(days=20_000)
    assert retention.rule(cast.ines) is None
    assert over(cast.ines) == []


def test_time_runs_from_the_last_that_was_heard_of_somebody(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 6, "")
    send(cast.ana, task_of(cast.ana, assign(cast, "one-holds-the-floor")), floor())
    wall.to(datetime(2027, 2, 26, 12, tzinfo=UTC))  # six months and a day after everybody was invited
    assert GATHERED_AT.date() == date(2026, 8, 25)
    assert over(cast.ines) == ["Ben", "Cleo", "Dov", "Gil", "Hana"]
    assert over(cast.omar) == ["Cleo", "Dov"]
    wall.to(datetime(2027, 5, 24, 12, tzinfo=UTC))
    assert "Ana" in over(cast.ines)
    assert over(cast.sol) == []


def test_on_the_last_day_it_is_not_over_yet(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 6, "")
    wall.to(datetime(2027, 2, 25, 22, tzinfo=UTC))
    assert over(cast.ines) == []


def test_from_the_end_of_the_work_it_runs_for_nobody_who_is_at_work(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.END_OF_WORK, 1, "")
    wall.forward(days=100)
    assert over(cast.ines) == []
    begin_write()
    db.session.execute(update(Couple).where(Couple.id == cast.couples["gil"]).values(state=CoupleState.CLOSED))
    db.session.commit()
    assert over(cast.ines) == ["Gil", "Hana"]


def test_nothing_is_erased_by_itself_and_what_is_begun_says_why(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 1, "")
    wall.forward(days=365)
    assert erasing.carry_out_due() == 0
    erasures.begin(cast.ines, cast.ben.person_id, LINK)
    assert [one.cause for one in approvals.shown(cast.ines)] == [Cause.RETENTION]
    assert "Ben" not in over(cast.ines)
    wall.forward(days=15)
    assert erasing.carry_out_due() == 0
    for member in (cast.ines, cast.omar):
        approvals.approve(member, approvals.shown(cast.ines)[0].erasure_id)
    assert erasing.carry_out_due() == 1


def test_held_records_stand_in_no_list(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 1, "")
    wall.forward(days=365)
    holds.place(cast.ines, cast.ben.person_id)
    assert "Ben" not in over(cast.ines)
    holds.lift(cast.ines, holds.holds(cast.ines)[0].hold_id)
    assert "Ben" in over(cast.ines)


def test_only_the_owner_sets_it_and_only_coaches_read_it(cast: Cast) -> None:
    for other in (cast.omar, cast.ana):
        with pytest.raises(NotFound):
            retention.set_rule(other, RunsFrom.LAST_CONTACT, 1, "")
    with pytest.raises(NotFound):
        retention.rule(cast.ana)
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 84, " Because ")
    found = retention.rule(cast.omar)
    assert found is not None
    assert (found.months, found.note) == (84, "Because")
    assert retention.rule(cast.sol) is None


@pytest.mark.parametrize(("months", "note"), [(0, ""), (601, ""), (12, "x" * 201)])
def test_a_rule_that_makes_no_sense_is_refused(cast: Cast, months: int, note: str) -> None:
    with pytest.raises(Invalid):
        retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, months, note)
    assert db.session.scalars(select(Couple.id)).first()
