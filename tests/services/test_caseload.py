"""The caseload finds, sorts and pages, and costs as many statements for a thousand couples as for ten."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from portal import clock
from portal.domain.people import CoupleState
from portal.domain.programme import STEPS
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.couples import Couple
from portal.services import caseload, caseload_lines, caseload_row, couples
from portal.services.caseload import CaseloadQuery, Waiting
from portal.services.couples import NewPartner
from tests import many, tenants, weeks
from tests.cast import LINK, Cast
from tests.conftest import Wall

EVERYBODY = CaseloadQuery(state="all", sort="names")


def names(cast: Cast, **query: object) -> list[str]:
    return [line.names for line in caseload.caseload(cast.ines, CaseloadQuery(**query)).lines]  # type: ignore[arg-type]


def line_of(cast: Cast, wanted: str) -> caseload.CaseloadLine:
    return next(line for line in caseload.caseload(cast.ines, EVERYBODY).lines if line.names == wanted)


def test_a_coach_lists_own_couples_alone(cast: Cast) -> None:
    assert names(cast, sort="names") == ["Ana & Ben", "Gil & Hana"]
    assert [line.names for line in caseload.caseload(cast.omar, EVERYBODY).lines] == ["Cleo & Dov"]
    assert [line.names for line in caseload.caseload(cast.sol, EVERYBODY).lines] == ["Eva & Finn"]
    assert caseload.caseload(cast.ana, EVERYBODY).lines == ()


@pytest.mark.parametrize("typed", ["ana &", "ANA &", "  ben ", "a & b"])
def test_names_are_found_in_any_case(cast: Cast, typed: str) -> None:
    assert names(cast, q=typed) == ["Ana & Ben"]


def test_names_are_found_without_their_accents_and_signs_stand_for_themselves(cast: Cast) -> None:
    couples.invite_couple(cast.ines, NewPartner("Zoë", "zoe@home.example"), NewPartner("Øre", "o@home.example"), LINK)
    assert names(cast, q="zoe") == names(cast, q="ZOË") == ["Zoë & Øre"]
    assert names(cast, q="%") == []
    assert names(cast, q="_") == []


def test_states_and_steps_narrow_the_list(cast: Cast) -> None:
    assert names(cast, state=CoupleState.INVITED) == ["Gil & Hana"]
    assert names(cast, state=CoupleState.ACTIVE) == ["Ana & Ben"]
    couples.set_step(cast.ines, cast.couples["ana"], STEPS[2])
    assert names(cast, step=STEPS[2]) == ["Ana & Ben"]
    assert names(cast, step="no_such_step") == []


def test_whose_work_has_ended_is_listed_where_it_is_asked_for(cast: Cast) -> None:
    end = {"state": CoupleState.CLOSED, "ended_at": clock.now()}
    db.session.execute(update(Couple).where(Couple.id == cast.couples["gil"]).values(end))
    caseload_row.follow(cast.couples["gil"])
    db.session.commit()
    page = caseload.caseload(cast.ines, CaseloadQuery())
    assert [line.names for line in page.lines] == ["Ana & Ben"]
    assert (page.with_coach, page.active) == (1, 1)
    assert names(cast, state=CoupleState.CLOSED) == ["Gil & Hana"]


def test_the_next_session_sorts_first_and_those_without_one_come_last_either_way(cast: Cast, wall: Wall) -> None:
    assert names(cast, sort="next") == ["Ana & Ben", "Gil & Hana"]
    weeks.meet(cast.couples["gil"], wall.now + timedelta(days=1))
    assert names(cast, sort="next") == names(cast, sort="-next") == ["Gil & Hana", "Ana & Ben"]
    weeks.meet(cast.couples["ana"], wall.now + timedelta(days=2))
    assert names(cast, sort="-next") == ["Ana & Ben", "Gil & Hana"]


def test_names_sort_both_ways(cast: Cast) -> None:
    assert names(cast, sort="-names") == ["Gil & Hana", "Ana & Ben"]


def test_what_came_in_sorts_before_what_merely_waits(cast: Cast) -> None:
    assert names(cast, sort="waiting") == ["Ana & Ben", "Gil & Hana"]
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
    assert line_of(cast, "Ana & Ben").waiting == (Waiting.RESPONSES,)
    assert names(cast, sort="waiting") == ["Ana & Ben", "Gil & Hana"]
    assert names(cast, sort="-waiting") == ["Gil & Hana", "Ana & Ben"]


def test_pages_hold_twenty_and_one_beyond_the_last_is_the_last(cast: Cast) -> None:
    many.add_couples(cast.ines, 43)
    pages = [caseload.caseload(cast.ines, CaseloadQuery(sort="names", page=page)) for page in (1, 2, 3)]
    assert [(page.first, page.last, len(page.lines)) for page in pages] == [(1, 20, 20), (21, 40, 20), (41, 45, 5)]
    assert (pages[0].total, pages[0].pages) == (45, 3)
    seen = [line.couple_id for page in pages for line in page.lines]
    assert len(set(seen)) == 45
    assert caseload.caseload(cast.ines, CaseloadQuery(sort="names", page=99)).lines == pages[2].lines


def test_a_thousand_couples_cost_as_many_statements_as_ten(cast: Cast) -> None:
    counts = []
    for count in (10, 990):
        many.add_couples(cast.ines, count)
        for sort in caseload.SORTS:
            with many.counted() as sent:
                caseload.caseload(cast.ines, CaseloadQuery(q="p0", sort=sort))
            counts.append(len(sent))
    assert len(set(counts)) == 1
    assert counts[0] <= tenants.with_the_practice_said(8, times=1)


def test_the_strip_tells_presence_by_week_and_nothing_else(cast: Cast, wall: Wall) -> None:
    start = wall.now
    for ago, who in ((7, (cast.ana,)), (1, (cast.ana, cast.ben)), (0, (cast.ben,))):
        wall.to(start - timedelta(weeks=ago, hours=1))
        weeks.check_in(cast.ines, cast.couples["ana"], *who)
    wall.to(start)
    assert line_of(cast, "Ana & Ben").weeks == (
        (True, False), *[(False, False)] * 5, (True, True), (False, True),
    )  # fmt: skip
    assert line_of(cast, "Gil & Hana").weeks == ((False, False),) * 8


def test_weeks_turn_on_monday_at_midnight_on_the_wall(wall: Wall) -> None:
    sunday, monday = (datetime.fromisoformat(f"2026-11-22T{hour}:30:00+00:00") for hour in ("22", "23"))
    assert caseload_lines.weeks_ago(sunday, wall.now, "Europe/Berlin") == 1
    assert caseload_lines.weeks_ago(monday, wall.now, "Europe/Berlin") == 0
    assert caseload_lines.weeks_ago(monday, wall.now, "UTC") == 1


def test_homework_stands_before_a_check_in_as_the_task_now(cast: Cast, wall: Wall) -> None:
    assert line_of(cast, "Ana & Ben").task is None
    weeks.check_in(cast.ines, cast.couples["ana"])
    assert line_of(cast, "Ana & Ben").task == caseload_lines.TaskNow("Weekly check-in", _due(wall), False)
    weeks.assign(cast.ines, cast.couples["ana"])
    assert line_of(cast, "Ana & Ben").task == caseload_lines.TaskNow("One holds the floor", _due(wall), False)


def _due(wall: Wall) -> datetime:
    return datetime.fromisoformat("2026-11-30T23:00:00+00:00")


def test_a_session_of_one_alone_has_no_number_and_counts_for_none(cast: Cast, wall: Wall) -> None:
    weeks.meet(cast.couples["ana"], wall.now - timedelta(days=7))
    weeks.meet(cast.couples["ana"], wall.now - timedelta(days=3), SessionKind.INDIVIDUAL_A)
    weeks.meet(cast.couples["ana"], wall.now + timedelta(days=7))
    found = line_of(cast, "Ana & Ben").next
    assert found is not None
    assert found.number == 2
    weeks.meet(cast.couples["ana"], wall.now + timedelta(days=1), SessionKind.INDIVIDUAL_B)
    found = line_of(cast, "Ana & Ben").next
    assert found is not None
    assert (found.starts_at, found.number) == (wall.now + timedelta(days=1), None)


def test_a_task_that_ended_waits_for_the_coach_until_it_is_let_go_of(cast: Cast, wall: Wall) -> None:
    weeks.assign(cast.ines, cast.couples["ana"])
    assert line_of(cast, "Ana & Ben").waiting == ()
    wall.forward(days=8)
    assert line_of(cast, "Ana & Ben").waiting == (Waiting.OVERDUE,)
    wall.forward(days=30)
    assert Waiting.OVERDUE not in line_of(cast, "Ana & Ben").waiting


def test_two_weeks_of_silence_wait_for_the_coach(cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben)
    wall.forward(days=14)
    assert Waiting.SILENT not in line_of(cast, "Ana & Ben").waiting
    wall.forward(minutes=1)
    assert Waiting.SILENT in line_of(cast, "Ana & Ben").waiting
