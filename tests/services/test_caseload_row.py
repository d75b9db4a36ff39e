"""The row of the caseload says what the tables say, after every act and by the clock; each order lies in an index."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from portal import clock
from portal.domain.caseload import LONG_AGO, NEEDS, NOT_YET, SORTS, Waiting
from portal.domain.parting import CoupleAct
from portal.domain.people import CoupleState, Role, Viewer
from portal.domain.sessions import SessionKind
from portal.extensions import begin_write, db
from portal.models.couples import Caseload
from portal.services import (
    caseload,
    caseload_row,
    couple_states,
    couples,
    hand_overs,
    invitations,
    open_invitations,
    outbox,
    parting,
    scope_of_colleagues,
    sessions,
)
from portal.services.caseload import CaseloadQuery
from portal.services.couples import NewPartner
from portal.services.sessions import NewSession
from tests import many, weeks
from tests.cast import LINK, PASSPHRASE, Cast, accept
from tests.conftest import Wall

Row = dict[str, object]


def row(cast: Cast, name: str = "ana") -> Row:
    db.session.expire_all()
    found = db.session.scalars(select(Caseload).where(Caseload.couple_id == cast.couples[name])).one()
    return {column.key: getattr(found, column.key) for column in Caseload.__table__.columns}


def made_anew(cast: Cast, name: str = "ana") -> Row:
    begin_write()
    caseload_row.follow(cast.couples[name])
    db.session.commit()
    return row(cast, name)


def listed(viewer: Viewer, **query: object) -> list[str]:
    return [line.names for line in caseload.caseload(viewer, CaseloadQuery(**query)).lines]  # type: ignore[arg-type]


def reasons(cast: Cast, **query: object) -> tuple[Waiting, ...]:
    lines = caseload.caseload(cast.ines, CaseloadQuery(**query)).lines  # type: ignore[arg-type]
    return next((line.waiting for line in lines if line.names == "Ana & Ben"), ())


def assigns(cast: Cast, wall: Wall) -> None:
    weeks.assign(cast.ines, cast.couples["ana"])


def sends(cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben)


def plans(cast: Cast, wall: Wall) -> None:
    sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, clock.now() + timedelta(days=2), 50))


def moves(cast: Cast, wall: Wall) -> None:
    plans(cast, wall)
    [line] = sessions.ahead(cast.ines, clock.now() + timedelta(days=9))
    sessions.move(cast.ines, line.session_id, clock.now() + timedelta(days=5), 50, "")
    assert row(cast)["next_at"] == clock.now() + timedelta(days=5)


def cancels(cast: Cast, wall: Wall) -> None:
    plans(cast, wall)
    [line] = sessions.ahead(cast.ines, clock.now() + timedelta(days=9))
    sessions.cancel(cast.ines, line.session_id)
    assert row(cast)["next_at"] == NOT_YET


def pauses(cast: Cast, wall: Wall) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    assert row(cast)["state"] == CoupleState.PAUSED


def separates(cast: Cast, wall: Wall) -> None:
    plans(cast, wall)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.SEPARATE)
    assert (row(cast)["state"], row(cast)["next_at"]) == (CoupleState.SEPARATED, NOT_YET)


def leaves(cast: Cast, wall: Wall) -> None:
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    assert row(cast)["state"] == CoupleState.WITHDRAWN


def goes_to_omar(cast: Cast, wall: Wall) -> None:
    hand_overs.offer(cast.ines, cast.couples["ana"], cast.omar.person_id, LINK)
    offered = db.session.scalars(scope_of_colleagues.hand_overs_offered(cast.omar)).one()
    hand_overs.accept(cast.omar, offered.id, LINK)
    assert row(cast)["coach_id"] == cast.omar.person_id


@pytest.mark.parametrize(
    "act",
    [assigns, sends, plans, moves, cancels, pauses, separates, leaves, goes_to_omar],
    ids=lambda act: act.__name__,
)
def test_after_each_act_the_row_says_what_the_tables_say(
    cast: Cast, wall: Wall, act: Callable[[Cast, Wall], None]
) -> None:
    act(cast, wall)
    assert row(cast) == made_anew(cast)


def test_a_couple_handed_over_is_in_the_new_coachs_list_and_in_the_old_ones_no_more(cast: Cast, wall: Wall) -> None:
    goes_to_omar(cast, wall)
    assert "Ana & Ben" in listed(cast.omar)
    assert "Ana & Ben" not in listed(cast.ines)


def test_who_comes_in_is_not_waited_for_any_more(cast: Cast) -> None:
    assert listed(cast.ines, needs=Waiting.NOT_COME_IN) == ["Gil & Hana"]
    for name in ("gil", "hana"):
        invitations.invite_again(cast.ines, cast.couples["gil"], cast.viewers[name].person_id, LINK)
    letters = [mail for mail in outbox.due() if mail.words.get("name") in ("Gil", "Hana")][-2:]
    accept(letters[0].words["link"].rsplit("/", 1)[1])
    assert row(cast, "gil")["state"] == CoupleState.ACTIVE
    assert listed(cast.ines, needs=Waiting.NOT_COME_IN) == ["Gil & Hana"]
    accept(letters[1].words["link"].rsplit("/", 1)[1])
    assert row(cast, "gil")["door_since"] is None
    assert listed(cast.ines, needs=Waiting.NOT_COME_IN) == []
    assert row(cast, "gil") == made_anew(cast, "gil")


def test_invitations_that_are_all_withdrawn_close_the_line_too(cast: Cast) -> None:
    for name in ("gil", "hana"):
        open_invitations.withdraw(cast.ines, cast.couples["gil"], cast.viewers[name].person_id)
    assert row(cast, "gil")["state"] == CoupleState.CLOSED
    assert "Gil & Hana" not in listed(cast.ines)


def test_a_new_couple_is_found_by_its_folded_names(cast: Cast) -> None:
    couples.invite_couple(cast.ines, NewPartner("Zoë", "zoe@home.example"), NewPartner("Øre", "o@home.example"), LINK)
    assert listed(cast.ines, q="zoe") == ["Zoë & Øre"]
    assert listed(cast.omar, q="zoe") == []


def test_the_sweep_catches_up_with_what_the_clock_alone_changes(cast: Cast, wall: Wall) -> None:
    weeks.assign(cast.ines, cast.couples["ana"])
    plans(cast, wall)
    wall.forward(days=3)
    assert row(cast)["next_at"] < clock.now()  # type: ignore[operator]
    caseload_row.turn_due()
    assert row(cast)["next_at"] == NOT_YET
    wall.forward(days=40)
    assert row(cast)["overdue_from"] is not None
    caseload_row.turn_due()
    assert row(cast)["overdue_from"] is None
    assert row(cast) == made_anew(cast)
    assert row(cast)["turns_at"] == NOT_YET


def test_one_is_ahead_once_two_forms_came_from_one_alone_since_the_other_last_sent(cast: Cast, wall: Wall) -> None:
    couple_id = cast.couples["ana"]
    weeks.check_in(cast.ines, couple_id, cast.ana)
    assert Waiting.AHEAD not in reasons(cast)
    wall.forward(days=7)
    second = weeks.assign(cast.ines, couple_id)
    weeks.send(cast.ana, second, {"done": "done"})
    assert Waiting.AHEAD in reasons(cast)
    assert listed(cast.ines, needs=Waiting.AHEAD) == ["Ana & Ben"]
    assert listed(cast.omar, needs=Waiting.AHEAD) == []
    weeks.send(cast.ben, second, {"done": "done"})
    assert Waiting.AHEAD not in reasons(cast)
    assert listed(cast.ines, needs=Waiting.AHEAD) == []
    assert row(cast) == made_anew(cast)


def test_the_last_active_of_a_couple_is_when_either_sent_something(cast: Cast, wall: Wall) -> None:
    assert row(cast)["heard_at"] == LONG_AGO
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ben)
    [ana, gil] = caseload.caseload(cast.ines, CaseloadQuery(sort="active")).lines
    assert (ana.names, ana.heard_at, gil.heard_at) == ("Ana & Ben", wall.now, None)
    assert listed(cast.ines, sort="-active") == ["Gil & Hana", "Ana & Ben"]


def test_each_reason_lists_whom_it_holds_of_and_any_lists_them_all(cast: Cast, wall: Wall) -> None:
    assert listed(cast.ines, needs=Waiting.NOTHING_ASSIGNED) == ["Ana & Ben"]
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
    assert listed(cast.ines, needs="any") == ["Gil & Hana"]
    wall.forward(days=8)
    assert listed(cast.ines, needs=Waiting.OVERDUE) == ["Ana & Ben"]
    wall.forward(days=8)
    assert listed(cast.ines, needs=Waiting.SILENT) == ["Ana & Ben"]
    assert set(listed(cast.ines, needs="any", sort="names")) == {"Ana & Ben", "Gil & Hana"}
    wall.forward(days=20)
    assert listed(cast.ines, needs=Waiting.OVERDUE) == []
    for needs in NEEDS:
        assert caseload.caseload(cast.ines, CaseloadQuery(needs=needs)).total == len(listed(cast.ines, needs=needs))


def plan_of_page(cast: Cast, sort: str) -> list[str]:
    """How SQLite finds the couples of a page."""
    sent: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        if "LIMIT" in statement and "couples.names" in statement:
            sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        caseload.caseload(cast.ines, CaseloadQuery(sort=sort))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    [(statement, values)] = sent
    with db.engine.connect() as connection:
        plan = [step[-1] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]  # type: ignore[arg-type]
    return plan


@pytest.mark.parametrize("sort", [f"{way}{sort}" for sort in SORTS for way in ("", "-")])
def test_a_page_goes_along_the_index_of_its_order_and_sorts_twenty_lines(cast: Cast, sort: str) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by what it knows of a table")
    many.add_couples(cast.ines, 30)
    plan = plan_of_page(cast, sort)
    index = f"ix_caseload_{sort.removeprefix('-')}"
    assert any(f"caseload USING INDEX {index} (coach_id=?" in step for step in plan), plan
    whole = [step for step in plan if step == "USE TEMP B-TREE FOR ORDER BY"]
    assert len(whole) <= (2 if sort == "-next" else 1), plan  # of the page itself; and of two parts put together


def test_supervisors_read_the_couples_they_are_named_for_and_assistants_and_partners_none(cast: Cast) -> None:
    noor = Viewer(cast.noor.person_id, cast.noor.practice_id, Role.SUPERVISOR)
    assert listed(noor) == []
    assert listed(cast.mira) == listed(cast.ana) == []
