"""What comes again: on its weekdays at its time on the wall, once each, until it is over."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.repeats import Again
from portal.domain.wall import instant_of
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition
from portal.models.practices import Practice
from portal.services import assignments, couple_states, home, programme, repeating, repetitions, supervision
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import assign

ALONE, TOGETHER, CHECK_IN = "my-listening-habits", "one-holds-the-floor", "weekly-check-in"
MONDAY = date(2026, 11, 23)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
CHANGES = (  # a zone, and a day on which its clock is changed
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Europe/Dublin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Asia/Kathmandu", date(2026, 3, 29)),
)


def given_days() -> list[date]:
    return sorted(db.session.scalars(select(Assignment.assigned_on)))


def repetition() -> Repetition:
    return db.session.scalars(select(Repetition)).one()


def refused(code: str, cast: Cast, slug: str, again: Again) -> object:
    with pytest.raises(Invalid) as caught:
        assign(cast, slug, again=again)
    assert caught.value.code == code
    assert given_days() == []
    return caught.value.params["field"]


def test_it_comes_on_each_of_its_weekdays_at_its_time_on_the_wall_of_the_practice(cast: Cast, wall: Wall) -> None:
    assign(cast, ALONE, again=Again((1, 3), time(18, 30)))
    wall.to(datetime(2026, 11, 25, 17, 29, tzinfo=UTC))
    assert repeating.issue_due() == 0
    wall.to(datetime(2026, 11, 25, 17, 30, tzinfo=UTC))
    assert repeating.issue_due() == 1
    assert repeating.issue_due() == 0
    wall.forward(days=5)
    assert repeating.issue_due() == 1
    assert given_days() == [MONDAY, date(2026, 11, 25), date(2026, 11, 30)]


def test_what_comes_each_day_is_open_for_its_day_alone(cast: Cast, wall: Wall) -> None:
    assign(cast, ALONE, again=Again(EVERY_DAY, time(8)), due_on=date(2026, 11, 30))
    for _ in range(3):
        wall.forward(days=1)
        assert repeating.issue_due() == 1
    lines = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert [line.due_on for line in lines[:3]] == [date(2026, 11, 26), date(2026, 11, 25), date(2026, 11, 24)]


def test_what_is_done_together_never_comes_by_a_clock(cast: Cast) -> None:
    assert refused("joint_never_repeats", cast, TOGETHER, Again()) == "again"


def test_what_has_become_something_for_both_goes_on_as_it_began(cast: Cast, wall: Wall) -> None:
    assign(cast, ALONE, again=Again())
    entry = next(entry for entry in programme.library(cast.ines) if entry.slug == ALONE)
    begin_write()
    row = assignments.scope.library_entry(cast.ines, entry.id)
    programme.add_version(row, programme.next_number(row), entry.document | {"audience": "together"})
    db.session.commit()
    wall.forward(days=7)
    assert repeating.issue_due() == 1
    newest, first = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert (newest.audience, newest.given_to) == (first.audience, For.BOTH)


@pytest.mark.parametrize("again", [Again((1, 4)), Again(EVERY_DAY), Again((1, 7), every_weeks=1)])
def test_two_check_ins_are_never_asked_for_within_four_days(cast: Cast, again: Again) -> None:
    assert refused("check_in_days_too_near", cast, CHECK_IN, again) == "weekdays"
    assert assign(cast, ALONE, again=again)


def test_a_check_in_waits_for_a_day_that_is_four_days_from_the_first(cast: Cast, wall: Wall) -> None:
    assign(cast, CHECK_IN, again=Again((3,)))
    for _ in range(9):
        wall.forward(days=1)
        repeating.issue_due()
    assert given_days() == [MONDAY, date(2026, 12, 2)]


def test_so_many_times_in_all_and_then_it_is_over(cast: Cast, wall: Wall) -> None:
    first = assign(cast, ALONE, again=Again(times=3))
    for _ in range(4):
        assert assignments.assignment(cast.ines, first).rule == (repeating.rule_of(repetition()) if _ < 2 else None)
        wall.forward(days=7)
        repeating.issue_due()
    assert given_days() == [MONDAY, date(2026, 11, 30), date(2026, 12, 7)]
    assert repetition().ended_at == datetime(2026, 12, 7, 19, tzinfo=UTC)
    assert assign(cast, ALONE, again=Again(), due_on=date(2027, 1, 1))


def test_up_to_a_day_that_still_counts(cast: Cast, wall: Wall) -> None:
    assign(cast, ALONE, again=Again(until=date(2026, 12, 7), every_weeks=2))
    for _ in range(4):
        wall.forward(days=7)
        repeating.issue_due()
    assert given_days() == [MONDAY, date(2026, 12, 7)]
    assert repetition().ended_at is not None


def test_the_last_one_that_was_slept_through_comes_late_and_then_it_is_over(cast: Cast, wall: Wall) -> None:
    assign(cast, ALONE, again=Again(times=2))
    wall.forward(days=30)
    assert repeating.issue_due() == 1
    assert repeating.issue_due() == 0
    assert given_days() == [MONDAY, date(2026, 11, 30)]


def test_one_time_is_left_out_and_the_next_comes(cast: Cast, wall: Wall) -> None:
    first = assign(cast, CHECK_IN, again=Again())
    assert repetitions.skip_next(cast.ines, repetition().id, "They are away") == date(2026, 11, 30)
    shown = assignments.assignment(cast.ines, first)
    assert (shown.skip_on, shown.skip_why, shown.next_on) == (date(2026, 11, 30), "They are away", date(2026, 11, 30))
    assert b"away" not in (repetition().skip_why or b"")
    for _ in range(14):
        wall.forward(days=1)
        repeating.issue_due()
    assert given_days() == [MONDAY, date(2026, 12, 7)]


@pytest.mark.parametrize("days", [6, 7, 9])
def test_the_time_that_is_left_out_is_the_next_that_can_come_and_not_one_in_whose_place_another_was_given(
    cast: Cast, wall: Wall, days: int
) -> None:
    """Given by hand on a Saturday, the check-in of the Monday after does not come: before it, on it and after it."""
    first = assign(cast, CHECK_IN, again=Again())
    wall.forward(days=5)
    assign(cast, CHECK_IN)
    wall.forward(days=days - 5)
    assert repeating.issue_due() == 0
    assert assignments.assignment(cast.ines, first).next_on == date(2026, 12, 7)
    assert repetitions.skip_next(cast.ines, repetition().id, "They are away") == date(2026, 12, 7)
    for _ in range(21 - days):
        wall.forward(days=1)
        repeating.issue_due()
    assert given_days() == [MONDAY, date(2026, 11, 28), date(2026, 12, 14)]


def test_after_a_long_pause_the_time_that_is_left_out_is_none_that_is_over(cast: Cast, wall: Wall) -> None:
    first = assign(cast, CHECK_IN, again=Again())
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    for _ in range(9):
        wall.forward(days=1)
        repeating.issue_due()
    assert assignments.assignment(cast.ines, first).next_on == date(2026, 12, 7)
    assert repetitions.skip_next(cast.ines, repetition().id, "They are away") == date(2026, 12, 7)


def test_what_is_due_today_can_still_be_left_out_while_it_is_today_on_its_own_wall(cast: Cast, wall: Wall) -> None:
    settings = update(Practice).where(Practice.id == cast.ines.practice_id)
    begin_write()
    db.session.execute(settings.values(zone="Pacific/Honolulu"))
    db.session.commit()
    first = assign(cast, ALONE, again=Again())
    wall.to(datetime(2026, 12, 1, 9, 30, tzinfo=UTC))  # half an hour before midnight there
    assert assignments.assignment(cast.ines, first).next_on == date(2026, 11, 30)
    wall.forward(hours=1)
    assert assignments.assignment(cast.ines, first).next_on == date(2026, 12, 7)


def test_it_comes_after_all_where_the_coach_thinks_again(cast: Cast, wall: Wall) -> None:
    assign(cast, CHECK_IN, again=Again())
    repetitions.skip_next(cast.ines, repetition().id, "They are away")
    repetitions.come_after_all(cast.ines, repetition().id)
    wall.forward(days=7)
    assert repeating.issue_due() == 1
    assert (repetition().skip_on, repetition().skip_why) == (None, None)


def test_while_it_is_held_nothing_comes_and_afterwards_nothing_is_made_up_for(cast: Cast, wall: Wall) -> None:
    assign(cast, CHECK_IN, again=Again())
    before = home.home(cast.ana)
    repetitions.hold(cast.ines, repetition().id)
    assert home.home(cast.ana) == before
    wall.forward(days=8)
    assert repeating.issue_due() == 0
    repetitions.go_on(cast.ines, repetition().id)
    assert repeating.issue_due() == 0
    wall.forward(days=6)
    assert repeating.issue_due() == 1
    assert given_days() == [MONDAY, date(2026, 12, 7)]


def test_a_reason_is_asked_for_and_nothing_is_left_out_of_what_is_held_or_has_ended(cast: Cast) -> None:
    first = assign(cast, CHECK_IN, again=Again())
    its = repetition().id
    with pytest.raises(Invalid, match="reason_to_skip_missing"):
        repetitions.skip_next(cast.ines, its, " ")
    repetitions.hold(cast.ines, its)
    with pytest.raises(NotAllowed, match="nothing_to_skip"):
        repetitions.skip_next(cast.ines, its, "Away")
    db.session.rollback()
    assert assignments.assignment(cast.ines, first).is_held
    repetitions.go_on(cast.ines, its)
    assignments.end_repetition(cast.ines, its)
    with pytest.raises(NotAllowed, match="nothing_to_skip"):
        repetitions.skip_next(cast.ines, its, "Away")


def test_a_stranger_holds_and_skips_nothing(cast: Cast) -> None:
    assign(cast, CHECK_IN, again=Again())
    its = repetition().id
    for stranger in (cast.omar, cast.sol, cast.noor, cast.ana):
        for act in (repetitions.hold, repetitions.go_on, repetitions.come_after_all):
            with pytest.raises(NotFound):
                act(stranger, its)
            db.session.rollback()
        with pytest.raises(NotFound):
            repetitions.skip_next(stranger, its, "Away")
        db.session.rollback()


def begun_in(cast: Cast, zone: str, day: date, at: time) -> UUID:
    """Something that comes each day from `day` on, in a practice of that zone."""
    begin_write()
    db.session.execute(update(Practice).where(Practice.id == cast.ines.practice_id).values(zone=zone))
    db.session.commit()
    return assign(cast, ALONE, again=Again(EVERY_DAY, at), due_on=day)


@pytest.mark.parametrize(("zone", "changed_on"), CHANGES)
@pytest.mark.parametrize("at", [time(0), time(2, 30)])
def test_a_rule_fires_once_a_day_over_a_changed_clock_however_often_the_sweep_looks(
    cast: Cast, wall: Wall, zone: str, changed_on: date, at: time
) -> None:
    first = changed_on - timedelta(days=1)
    wall.to(instant_of(first, time(12), zone))
    begun_in(cast, zone, first, at)
    came: list[tuple[date, date]] = []
    while wall.forward(minutes=90).astimezone(ZoneInfo(zone)).date() <= changed_on + timedelta(days=2):
        if repeating.issue_due():
            came.append((given_days()[-1], wall.now.astimezone(ZoneInfo(zone)).date()))
    days = [day for day in (changed_on + timedelta(days=n) for n in range(3)) if day != date(2011, 12, 30)]
    assert came == [(day, day) for day in days]
    assert given_days() == [first, *days]


def test_a_supervisor_does_not_read_why_a_time_is_left_out(cast: Cast) -> None:
    given = assign(cast, "my-listening-habits", again=Again())
    repetition_id = db.session.scalars(select(Assignment.repetition_id).where(Assignment.id == given)).one()
    assert repetition_id
    repetitions.skip_next(cast.ines, repetition_id, "She asked me for a quiet week")
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, "http://127.0.0.1:8000/")
    assert assignments.assignment(cast.ines, given).skip_why == "She asked me for a quiet week"
    assert assignments.assignment(cast.noor, given).skip_why is None
