"""The same for many couples: looked over, given couple by couple, once each, with a report of who was passed over."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select, update

from portal.domain.assignments import For
from portal.domain.bulk import Outcome, Reason
from portal.domain.errors import Invalid, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import PersonState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.bulk import BulkAssignment, BulkRow
from portal.models.colleagues import HandOver
from portal.models.couples import Couple
from portal.models.users import Person
from portal.services import assignments, bulk, bulk_giving, couple_states, hand_overs, home, parting, programme
from portal.services.bulk import NewBulk
from portal.services.caseload import CaseloadQuery
from tests import measures
from tests.cast import LINK, PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import assign, send, task_of
from tests.web.world import invite_another

ALONE, TOGETHER, CHECK_IN = "my-listening-habits", "one-holds-the-floor", "weekly-check-in"
DUE = date(2026, 11, 29)


def entry(cast: Cast, slug: str) -> UUID:
    return next(one.id for one in programme.library(cast.ines) if one.slug == slug)


def new(cast: Cast, slug: str = ALONE, *couples: str, **more: object) -> NewBulk:
    couple_ids = tuple(cast.couples[name] for name in couples or ("ana", "gil"))
    return NewBulk(entry(cast, slug), couple_ids, **({"due_on": DUE, "why": "For the evenings"} | more))  # type: ignore[arg-type]


def reasons(cast: Cast, asked: NewBulk) -> list[Reason | None]:
    return [line.reason for line in bulk.look_over(cast.ines, asked)]


def carried_out(cast: Cast, asked: NewBulk) -> bulk.Report:
    bulk_id = bulk.ask(cast.ines, asked, uuid4().hex)
    bulk_giving.carry_out(LINK)
    return bulk.report(cast.ines, bulk_id)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Assignment)) or 0


def test_each_couple_gets_it_as_from_its_coach_and_the_report_says_so(cast: Cast) -> None:
    found = carried_out(cast, new(cast))
    assert [(line.names, line.outcome) for line in found.lines] == [
        ("Ana & Ben", Outcome.GIVEN),
        ("Gil & Hana", Outcome.GIVEN),
    ]
    assert found.done_at is not None
    shown = assignments.assignment(cast.ines, found.lines[0].assignment_id or uuid4())
    assert (shown.why, shown.line.given_to, shown.line.due_on) == ("For the evenings", For.BOTH, DUE)
    next_one = home.home(cast.ana).next
    assert next_one is not None
    assert next_one.why == "For the evenings"


def test_looking_over_gives_nothing_and_says_who_would_be_passed_over(cast: Cast) -> None:
    assign(cast, ALONE)
    assert reasons(cast, new(cast)) == [Reason.HAS_IT, None]
    assert count() == 1


def test_what_is_joint_is_passed_over_where_it_is_held_and_a_task_alone_is_not(cast: Cast) -> None:
    given = assign(cast, CHECK_IN)
    send(cast.ana, task_of(cast.ana, given), {"s1": "4", "x1": "yes"})
    assert reasons(cast, new(cast, TOGETHER)) == [Reason.HELD, None]
    assert reasons(cast, new(cast, ALONE)) == [None, None]
    before = home.home(cast.ben)
    found = carried_out(cast, new(cast, TOGETHER))
    assert [(line.outcome, line.reason) for line in found.lines] == [
        (Outcome.SKIPPED, Reason.HELD),
        (Outcome.GIVEN, None),
    ]
    assert home.home(cast.ben) == before


def test_no_second_check_in_within_four_days(cast: Cast, wall: Wall) -> None:
    assign(cast, CHECK_IN)
    assignments.withdraw(cast.ines, db.session.scalars(select(Assignment.id)).one())
    assert reasons(cast, new(cast, CHECK_IN)) == [None, None]
    given = assign(cast, CHECK_IN, given_to=For.B)
    send(cast.ben, task_of(cast.ben, given), {"s1": "4"})
    assert reasons(cast, new(cast, CHECK_IN)) == [Reason.CHECK_IN_NEAR, None]
    wall.forward(days=8)
    assert reasons(cast, new(cast, CHECK_IN, due_on=date(2026, 12, 9))) == [None, None]


def test_who_has_it_until_its_last_day_is_over_does_not_hang_on_who_has_sent(cast: Cast, wall: Wall) -> None:
    given = assign(cast, ALONE, due_on=DUE)
    for partner in (cast.ben, cast.ana):
        assert reasons(cast, new(cast)) == [Reason.HAS_IT, None]
        send(partner, task_of(partner, given), {"done": "not_this_time"})
    assert reasons(cast, new(cast)) == [Reason.HAS_IT, None]
    wall.forward(days=7)
    assert reasons(cast, new(cast, due_on=date(2026, 12, 9))) == [None, None]


def test_whose_work_rests_and_whose_partner_has_left_is_passed_over(cast: Cast) -> None:
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    asked = new(cast, ALONE, "ana")
    assert reasons(cast, asked) == [Reason.ONE_GONE]
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    assert reasons(cast, asked) == [Reason.RESTS]
    assert [line.reason for line in carried_out(cast, asked).lines] == [Reason.RESTS]


def test_what_has_changed_since_it_was_asked_for_counts(cast: Cast, wall: Wall) -> None:
    bulk_id = bulk.ask(cast.ines, new(cast), "a list")
    assign(cast, ALONE)
    hand_overs_of_gil(cast)
    bulk_giving.carry_out(LINK)
    assert [line.reason for line in bulk.report(cast.ines, bulk_id).lines] == [Reason.HAS_IT]
    assert db.session.scalars(select(BulkRow.reason).order_by(BulkRow.position)).all() == ["has_it", "not_yours"]


def hand_overs_of_gil(cast: Cast) -> None:
    hand_overs.offer(cast.ines, cast.couples["gil"], cast.omar.person_id, "")
    offered = db.session.scalars(select(HandOver.id)).one()
    hand_overs.accept(cast.omar, offered, "")


def test_a_day_that_is_over_and_an_exercise_that_is_retired_by_then_are_said(cast: Cast, wall: Wall) -> None:
    first = bulk.ask(cast.ines, new(cast), "one")
    second = bulk.ask(cast.ines, new(cast, "small-reaches", due_on=date(2026, 12, 30)), "two")
    begin_write()
    assignments.scope.library_entry(cast.ines, entry(cast, "small-reaches")).retired_at = wall.now
    db.session.commit()
    wall.forward(days=10)
    bulk_giving.carry_out(LINK)
    told = [{line.reason for line in bulk.report(cast.ines, one).lines} for one in (first, second)]
    assert told == [{Reason.DAY_OVER}, {Reason.RETIRED}]


def test_pressed_twice_and_swept_twice_it_is_given_once(cast: Cast) -> None:
    asked = new(cast)
    assert bulk.ask(cast.ines, asked, "a list") == bulk.ask(cast.ines, asked, "a list")
    assert bulk_giving.carry_out(LINK) == 2
    assert bulk_giving.carry_out(LINK) == 0
    assert count() == 2


def test_a_worker_that_is_killed_in_between_goes_on_and_gives_nothing_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk_id = bulk.ask(cast.ines, new(cast), "a list")
    give, seen = assignments.give, []

    def dies(*arguments: object) -> UUID:
        seen.append(arguments)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return give(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(assignments, "give", dies)
        with pytest.raises(KeyboardInterrupt):
            bulk_giving.carry_out(LINK)
    db.session.remove()
    assert bulk.report(cast.ines, bulk_id).counts == {Outcome.GIVEN: 1, Outcome.WAITING: 1}
    assert bulk_giving.carry_out(LINK) == 1
    assert bulk.report(cast.ines, bulk_id).counts == {Outcome.GIVEN: 2}
    assert count() == 2


def test_nothing_goes_out_for_a_coach_who_has_left_the_practice(cast: Cast) -> None:
    bulk_id = bulk.ask(cast.ines, new(cast), "a list")
    begin_write()
    db.session.scalars(select(Person).where(Person.id == cast.ines.person_id)).one().state = PersonState.DEACTIVATED
    db.session.commit()
    assert bulk_giving.carry_out(LINK) == 0
    assert {line.reason for line in bulk.report(cast.ines, bulk_id).lines} == {Reason.NOT_YOURS}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"couple_ids": ()}, "no_couples", "couples"),
        ({"couple_ids": tuple(uuid4() for _ in range(201))}, "too_many_couples", "couples"),
        ({"due_on": date(2026, 11, 22)}, "due_in_the_past", "due_on"),
        ({"why": "x" * 301}, "too_long", "why"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    cast: Cast, changes: dict[str, object], code: str, field: str
) -> None:
    given = {"questionnaire_id": entry(cast, ALONE), "couple_ids": (cast.couples["ana"],), "due_on": DUE} | changes
    for act in (bulk.look_over, lambda viewer, asked: bulk.ask(viewer, asked, "key")):
        with pytest.raises(Invalid, match=code) as refusal:
            act(cast.ines, NewBulk(**given))  # type: ignore[arg-type]
        db.session.rollback()
        assert refusal.value.params["field"] == field


def test_a_stranger_reaches_neither_couples_nor_reports(cast: Cast) -> None:
    asked = new(cast)
    bulk_id = bulk.ask(cast.ines, asked, "a list")
    for stranger in (cast.omar, cast.sol, cast.noor, cast.mira, cast.ana):
        with pytest.raises(NotFound):
            bulk.report(stranger, bulk_id)
        with pytest.raises(NotFound):
            bulk.look_over(stranger, asked)
        with pytest.raises(NotFound):
            bulk.ask(stranger, asked, "key")
        db.session.rollback()
        assert bulk.reports(stranger) == ()
        assert cast.couples["ana"] not in dict(bulk.to_choose_from(stranger, CaseloadQuery()))
    assert db.session.scalar(select(func.count()).select_from(BulkAssignment)) == 1
    with pytest.raises(NotFound):
        bulk.ask(cast.ines, new(cast, ALONE, "ana", "cleo"), "key")


def test_looking_over_costs_as_many_statements_for_many_as_for_one(cast: Cast) -> None:
    more = [invite_another(cast.ines, f"Pia{number}", f"Quin{number}") for number in range(12)]
    asked = [NewBulk(entry(cast, ALONE), tuple(ids), DUE) for ids in (more[:1], more)]
    counts = []
    for one in asked:
        statements: list[str] = []
        listen = (db.engine, "before_cursor_execute", lambda *what, kept=statements: kept.append(what[2]))
        event.listen(*listen)
        bulk.look_over(cast.ines, one)
        event.remove(*listen)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_words_are_sealed_and_the_latest_stands_first(cast: Cast, wall: Wall) -> None:
    carried_out(cast, new(cast))
    wall.forward(days=1)
    bulk.ask(cast.ines, new(cast, "small-reaches", "ana"), "another")
    assert b"evenings" not in b"".join(db.session.scalars(select(BulkAssignment.why)).all())  # type: ignore[arg-type]
    listed = [(one.title, one.couples, one.given, one.is_done) for one in bulk.reports(cast.ines)]
    assert listed == [("Small reaches", 1, 0, False), ("My listening habits", 2, 2, True)]


def test_the_report_names_nobody_who_is_no_longer_ones_own(cast: Cast) -> None:
    bulk_id = bulk.ask(cast.ines, new(cast), uuid4().hex)
    begin_write()
    db.session.execute(update(Couple).where(Couple.id == cast.couples["ana"]).values(coach_id=cast.omar.person_id))
    db.session.commit()
    found = bulk.report(cast.ines, bulk_id)
    assert ([line.couple_id for line in found.lines], found.no_longer_own) == ([cast.couples["gil"]], 1)


def test_what_is_given_to_one_at_a_time_is_not_given_to_many(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "hits")
    with pytest.raises(Invalid, match="guarded_to_one_alone"):
        bulk.ask(cast.ines, NewBulk(measure_id, (cast.couples["ana"],), DUE), uuid4().hex)
