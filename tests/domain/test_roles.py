"""What each role may do, as a table: by the tie to a couple, and nothing beyond it."""

from datetime import UTC, date, datetime

import pytest

from portal.domain.errors import Invalid
from portal.domain.people import Role
from portal.domain.roles import MAY, Power, Tie, days_away, first_and_last_day, is_last_owner, runs_practice, ties_for

READ, ACT, ARRANGE, HAND_OVER = Power.READ, Power.ACT, Power.ARRANGE, Power.HAND_OVER
OWN, COVERED, SUPERVISED, NONE = Tie.OWN, Tie.COVERED, Tie.SUPERVISED, Tie.NONE
TABLE = {
    (Role.OWNER, READ): {OWN, COVERED},
    (Role.OWNER, ACT): {OWN, COVERED},
    (Role.OWNER, ARRANGE): {OWN, COVERED},
    (Role.OWNER, HAND_OVER): {OWN, NONE},
    (Role.COACH, READ): {OWN, COVERED},
    (Role.COACH, ACT): {OWN, COVERED},
    (Role.COACH, ARRANGE): {OWN, COVERED},
    (Role.COACH, HAND_OVER): {OWN},
    (Role.ASSISTANT, ARRANGE): {NONE},
    (Role.SUPERVISOR, READ): {SUPERVISED},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("power", Power)
def test_a_role_has_a_power_by_these_ties_alone(role: Role, power: Power) -> None:
    assert ties_for(role, power) == TABLE.get((role, power), set())


def test_nobody_reads_a_couple_that_nothing_ties_them_to() -> None:
    assert [role for role in Role if NONE in ties_for(role, READ) or NONE in ties_for(role, ACT)] == []


def test_every_role_stands_in_the_table_and_the_owner_alone_runs_the_practice() -> None:
    assert set(MAY) == set(Role)
    assert [role for role in Role if runs_practice(role)] == [Role.OWNER]


def test_the_last_owner_stays() -> None:
    assert is_last_owner(Role.OWNER, 1)
    assert not is_last_owner(Role.OWNER, 2)
    assert not is_last_owner(Role.COACH, 1)


def test_days_away_are_whole_days_on_the_wall_of_the_practice_also_when_the_clock_is_set() -> None:
    first, last = date(2026, 3, 28), date(2026, 3, 29)  # the clock leaps in the night to the 29th
    begin, over = days_away(first, last, "Europe/Berlin", date(2026, 3, 1))
    assert begin.astimezone(UTC) == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert over.astimezone(UTC) == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "last_before_first"),
        (date(2026, 2, 1), date(2026, 2, 2), "due_in_the_past"),
        (date(2026, 3, 2), date(2026, 8, 1), "away_too_long"),
    ],
)
def test_days_away_that_make_no_sense_are_refused(first: date, last: date, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        days_away(first, last, "Europe/Berlin", date(2026, 3, 1))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Europe/Berlin", date(2026, 12, 14), date(2026, 12, 18)),
        ("America/Santiago", date(2026, 9, 2), date(2026, 9, 5)),  # the midnight after the last day is leapt over
        ("America/Santiago", date(2026, 9, 6), date(2026, 9, 6)),
        ("America/Santiago", date(2026, 4, 2), date(2026, 4, 4)),  # the hour before it comes twice
        ("America/Havana", date(2026, 10, 29), date(2026, 10, 31)),  # it comes twice itself
        ("Pacific/Apia", date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_days_away_are_read_as_they_were_said(zone: str, first: date, last: date) -> None:
    assert first_and_last_day(*days_away(first, last, zone, first), zone) == (first, last)
