"""How long records are kept: the practice's own rule, whose time is over by it, and that nothing goes by itself."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.domain.erasure import Cause, RunsFrom, months_after
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import CoupleState, Viewer
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.couples import Couple, Partnership
from portal.services import approvals, erasing, erasures, holds, open_invitations, retention, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import GATHERED_AT, Wall
from tests.given import assign, floor, send, task_of
from tests.threads import at_once

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


def close_gils(cast: Cast) -> None:
    """With the last open invitation of a couple of whom nobody has come in, their work ends."""
    for partner in (cast.gil, cast.hana):
        open_invitations.withdraw(cast.ines, cast.couples["gil"], partner.person_id)


def test_from_the_end_of_the_work_on_and_not_from_the_last_contact(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.END_OF_WORK, 6, "")
    wall.forward(days=400)
    ended_at = wall.now
    close_gils(cast)
    assert over(cast.ines) == []  # nothing was heard of them for thirteen months, and it has ended this minute
    wall.to(datetime(2028, 6, 28, 21, tzinfo=UTC))
    assert over(cast.ines) == []
    wall.forward(days=1)
    assert over(cast.ines) == ["Gil", "Hana"]
    assert {one.since for one in retention.over(cast.ines)} == {ended_at}


def test_whose_couple_goes_on_without_them_has_ended_when_they_left(cast: Cast, wall: Wall) -> None:
    retention.set_rule(cast.ines, RunsFrom.END_OF_WORK, 1, "")
    left_at = leave(cast.ana)
    wall.forward(days=100)
    end = {"state": CoupleState.CLOSED, "ended_at": wall.now}
    db.session.execute(update(Couple).where(Couple.id == cast.couples["ana"]).values(end))
    db.session.commit()
    assert [(one.name, one.since) for one in retention.over(cast.ines)] == [("Ana", left_at)]


def leave(viewer: Viewer) -> datetime:
    """Somebody leaves their couple, which goes on without them; gives when."""
    now = clock.now()
    db.session.execute(update(Partnership).where(Partnership.person_id == viewer.person_id).values(ended_at=now))
    db.session.commit()
    return now


def test_a_session_is_contact_with_those_who_come_to_it(cast: Cast, wall: Wall) -> None:
    """Ben's own hour keeps no record of Ana's longer; nor does one of them both once she has left."""
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 6, "")
    begun = wall.now
    meet(cast, wall, SessionKind.JOINT)
    wall.forward(days=30)
    meet(cast, wall, SessionKind.INDIVIDUAL_B)
    assert since(cast, wall) == {"Ana": begun + timedelta(days=1), "Ben": begun + timedelta(days=32)}
    meet(cast, wall, SessionKind.INDIVIDUAL_A)
    left_at = leave(cast.ana)
    wall.forward(days=30)
    meet(cast, wall, SessionKind.JOINT)
    assert since(cast, wall) == {"Ana": left_at, "Ben": wall.now}


def meet(cast: Cast, wall: Wall, kind: SessionKind) -> None:
    """A session on the next day, which is over by then."""
    sessions.plan(cast.ines, cast.couples["ana"], NewSession(kind, wall.now + timedelta(days=1), 50))
    wall.forward(days=1)


def since(cast: Cast, wall: Wall) -> dict[str, datetime]:
    """Since when Ana's and Ben's time is over, looked at years later."""
    today = wall.now
    wall.forward(days=2_000)
    found = {one.name: one.since for one in retention.over(cast.ines) if one.name in ("Ana", "Ben")}
    wall.to(today)
    return found


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


def test_of_many_who_set_the_first_rule_at_once_each_is_taken(app: Flask, cast: Cast) -> None:
    works = [partial(retention.set_rule, cast.ines, RunsFrom.LAST_CONTACT, months, "") for months in range(1, 11)]
    assert at_once(app, works) == {"done": 10}
    found = retention.rule(cast.ines)
    assert found is not None
    assert found.months in range(1, 11)


@pytest.mark.parametrize(("months", "note"), [(0, ""), (601, ""), (12, "x" * 201)])
def test_a_rule_that_makes_no_sense_is_refused(cast: Cast, months: int, note: str) -> None:
    with pytest.raises(Invalid):
        retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, months, note)
    assert db.session.scalars(select(Couple.id)).first()
