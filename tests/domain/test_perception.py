"""Perception pairs: what one did beside what the other noticed, and from when on something is said of it."""

from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.pairs import ConvergenceKind, ConvergenceState
from portal.domain.people import Label
from portal.domain.perception import Landing, Perception, perceptions, points
from portal.domain.session_facts import Both, JointFacts, JointPartner

START = date(2026, 9, 1)  # a Tuesday
WEEK = timedelta(days=7)
NOTHING = Both((), ())


def weekly(*values, start=START):
    return points((start + n * WEEK, value) for n, value in enumerate(values))


def of_ana(did, noticed) -> Perception:
    """Ana thanked so much, Ben noticed so much of it."""
    return perceptions(Both(weekly(*did), ()), Both((), weekly(*noticed))).a


@pytest.mark.parametrize(
    ("did", "noticed", "landing"),
    [
        ([7, 7, 7, 7, 7, 7], [3, 3, 3, 3, 3, 3], Landing.MORE_DONE),
        ([3, 3, 3, 3, 3, 3], [7, 7, 7, 7, 7, 7], Landing.MORE_NOTICED),
        ([7, 7, 7, 7, 7, 7], [6, 6, 6, 6, 6, 6], Landing.ALIKE),
        ([7, 7, 7, 7, 7, 7], [3, 3, 3, 6, 6, 6], Landing.ALIKE),  # of late
        ([5, 5, 5, 5, 5, 5], [3, 3, 3, 3, 3, 3], Landing.MORE_DONE),  # just at the floor of twenty points
        ([9, 1, 9, 1, 9, 1], [5, 5, 5, 5, 5, 5], Landing.VARIES_TOO_MUCH),
        ([7, 7, 7, 7, 7], [3, 3, 3, 3, 3], Landing.TOO_EARLY),
        ([7, None, 7, 7, 7, 7], [3, 3, 3, 3, 3, 3], Landing.TOO_EARLY),
    ],
)
def test_of_what_lands_something_is_said_from_six_pairs_on(did, noticed, landing):
    assert of_ana(did, noticed).landing is landing


def test_one_week_alone_does_not_make_it_land_or_not():
    assert of_ana([5, 5, 5, 5, 5, 8], [5, 5, 5, 5, 5, 5]).landing is Landing.ALIKE


@pytest.mark.parametrize(
    ("left_out", "landing"), [(0, Landing.MORE_DONE), (1, Landing.MORE_DONE), (2, Landing.TOO_EARLY)]
)
def test_what_every_fourth_form_asks_comes_to_something_too_and_one_form_left_out_does_not_hinder(left_out, landing):
    days = [START + 4 * n * WEEK for n in (0, 1, 2, 3 + left_out, 4 + left_out, 5 + left_out)]
    did, noticed = (points((day, value) for day in days) for value in (7, 3))
    assert perceptions(Both(did, ()), Both((), noticed)).a.landing is landing


def test_before_that_the_weeks_stand_for_themselves():
    found = of_ana([7, 6], [3, 4])
    assert [(pair.a, pair.b, pair.gap) for pair in found.weeks] == [(70, 30, 40), (60, 40, 20)]
    assert (found.latest.points, found.latest.notable_from, found.latest.notable) == (20, None, False)
    assert (found.landing, found.over_time) == (Landing.TOO_EARLY, None)


def test_over_weeks_it_is_told_whether_the_two_come_closer_and_whether_by_doing_less():
    noticed_more = of_ana([7, 7, 7, 7, 7, 7], [2, 2, 2, 6, 6, 6]).over_time
    assert (noticed_more.state, noticed_more.kind) == (ConvergenceState.CONVERGING, ConvergenceKind.ONE_RISING)
    did_less = of_ana([8, 8, 8, 4, 4, 4], [4, 4, 4, 3, 3, 3]).over_time
    assert (did_less.state, did_less.kind) == (ConvergenceState.CONVERGING, ConvergenceKind.CLOSER_AND_LOWER)
    apart = of_ana([6, 6, 6, 8, 8, 8], [5, 5, 5, 4, 4, 4]).over_time
    assert (apart.state, apart.kind) == (ConvergenceState.DIVERGING, ConvergenceKind.APART)


def test_each_direction_stands_under_who_did_it():
    did, noticed = Both(weekly(7), weekly(5)), Both(weekly(4), weekly(3))
    found = perceptions(did, noticed)
    assert [(one.doer, one.weeks[0].a, one.weeks[0].b) for one in (found.a, found.b)] == [
        (Label.A, 70, 30),
        (Label.B, 50, 40),
    ]


def test_weeks_that_only_one_answered_are_no_pairs():
    assert of_ana([7, None, 7], [None, 3, 3]).weeks[0].on == START + 2 * WEEK
    assert perceptions(NOTHING, NOTHING) == Both(Perception(Label.A), Perception(Label.B))


def test_what_did_not_come_up_is_no_nought():
    assert points([(START, None), (START + WEEK, 0)]) == [(START, None), (START + WEEK, 0.0)]


series = st.lists(st.integers(0, 10) | st.none(), max_size=14).map(lambda values: weekly(*values))


@given(series, series)
def test_turned_round_more_done_is_more_noticed(did, noticed):
    found = perceptions(Both(did, ()), Both((), noticed)).a
    turned = perceptions(Both(noticed, ()), Both((), did)).a
    opposite = {Landing.MORE_DONE: Landing.MORE_NOTICED, Landing.MORE_NOTICED: Landing.MORE_DONE}
    assert turned.landing is opposite.get(found.landing, found.landing)


@given(series, series, series, series)
def test_what_one_did_is_told_by_that_and_by_what_the_other_noticed_and_by_nothing_else(did, noticed, other, more):
    alone = perceptions(Both(did, ()), Both((), noticed))
    assert perceptions(Both(did, other), Both(more, noticed)).a == alone.a
    assert alone.a.landing is Landing.TOO_EARLY or len(alone.a.weeks) >= 6


def test_a_copy_for_both_has_no_field_for_it():
    names = {field.name for kind in (JointFacts, JointPartner) for field in fields(kind)}
    assert not {name for name in names if "percep" in name or "notic" in name}
