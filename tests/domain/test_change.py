"""Change by a person's own ups and downs, and two weeks side by side."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.change import (
    ChangeLabel,
    baseline_threshold,
    couple_noise,
    judge,
    noise,
    own_noise,
    single_threshold,
)
from portal.domain.pairs import Pair, attunement, convergence, gap, gap_threshold, pairs

START = date(2026, 9, 1)  # a Tuesday
CALM, WIDE, THIRD = [40, 44, 42, 46, 44], [30, 50, 35, 60, 40], [50, 56, 52, 60, 55]


def weekly(*scores, start=START, days=7):
    return [(start + timedelta(days=days * n), score) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "sd_w", "raw", "points"),
    [(CALM, 2.236, 6.20, 10), (WIDE, 14.361, 39.81, 39.81), (THIRD, 4.198, 11.64, 11.64)],
)
def test_noise_and_single_threshold_come_out_as_worked_out(scores, sd_w, raw, points):
    assert noise(scores) == pytest.approx(sd_w, abs=0.0005)
    threshold = single_threshold(noise(scores))
    assert threshold.raw == pytest.approx(raw, abs=0.005)
    assert threshold.points == pytest.approx(points, abs=0.005)
    assert threshold.too_wide is (scores is WIDE)


def test_the_threshold_against_a_baseline_has_a_floor_of_ten():
    threshold = baseline_threshold(noise(THIRD))
    assert threshold.raw == pytest.approx(9.50, abs=0.005)
    assert threshold.points == 10


def test_four_scores_have_no_noise():
    assert noise(CALM[:4]) is None


def test_a_slow_trend_does_not_inflate_the_noise():
    assert noise([10, 20, 30, 40, 50, 60]) == pytest.approx(10 / 2**0.5)


def test_the_couple_estimate_needs_six_differences_together():
    assert couple_noise([40, 44, 42, 46], [50, 52, 50]) is None
    assert couple_noise([40, 44, 42, 46], [50, 52, 50, 52]) == pytest.approx(((36 + 12) / 12) ** 0.5)


def test_a_break_of_more_than_two_weeks_starts_a_new_run_and_an_older_long_run_still_serves():
    later = weekly(90, 10, 90, start=START + timedelta(days=7 * 8))
    assert own_noise(weekly(*CALM) + later) == noise(CALM)
    assert own_noise(weekly(*CALM[:4]) + later) is None
    assert own_noise(weekly(*CALM, days=14)) == noise(CALM)
    assert own_noise(weekly(*CALM, days=15)) is None


def test_a_week_without_a_score_does_not_break_a_run():
    assert own_noise(weekly(40, 44, None, 42, 46, 44)) == noise(CALM)


def test_fewer_than_six_scores_show_the_difference_and_that_it_is_too_early():
    change = judge(weekly(40, 44, 42, 46, 80))
    assert change.label is ChangeLabel.TOO_EARLY
    assert change.difference == pytest.approx(38)
    assert change.threshold is None
    assert change.usual_range is None


def test_a_rise_past_the_threshold_is_up_and_confirmed_by_the_next():
    once, twice = judge(weekly(*CALM, 52)), judge(weekly(*CALM, 53, 54))
    assert (once.label, once.confirmed) == (ChangeLabel.UP, False)
    assert (twice.label, twice.confirmed) == (ChangeLabel.UP, True)
    assert once.baseline == 42
    assert once.usual_range == (32, 52)


def test_a_fall_is_told_likewise():
    change = judge(weekly(*CALM, 32, 31))
    assert (change.label, change.confirmed) == (ChangeLabel.DOWN, True)


def test_the_score_being_judged_does_not_widen_its_own_threshold():
    assert judge(weekly(*CALM, 100)).threshold == 10


def test_two_passes_with_a_long_silence_between_are_not_confirmed():
    silence = weekly(54, start=START + timedelta(days=7 * 12))
    assert judge(weekly(*CALM, 53) + silence).confirmed is False


def test_within_the_usual_ups_and_downs_nothing_is_said():
    assert judge(weekly(*CALM, 51.9)).label is ChangeLabel.NO_NOTABLE_CHANGE


def test_answers_that_vary_too_much_are_not_judged():
    change = judge(weekly(10, 60, 10, 60, 10, 90))
    assert change.label is ChangeLabel.VARIES_TOO_MUCH
    assert change.usual_range is None


def test_the_partner_lends_an_estimate_that_is_marked_as_the_couples():
    change = judge(weekly(40, 44, 42, 46, 60), partner=weekly(50, 52, 50, 52, 50))
    assert (change.label, change.couple_estimate) == (ChangeLabel.UP, True)
    assert judge(weekly(*CALM, 60), partner=weekly(*WIDE)).couple_estimate is False


def test_nothing_answered_is_a_change_with_nothing_in_it():
    change = judge(weekly(None, None))
    assert (change.label, change.latest, change.n_answered, change.n_periods) == (ChangeLabel.TOO_EARLY, None, 0, 2)


SCORES = st.lists(st.none() | st.floats(0, 100), max_size=14)


@given(SCORES, SCORES, st.integers(1, 20), st.randoms())
def test_judging_hangs_on_the_days_and_not_on_the_order_given(own, partner, days, random):
    series = weekly(*own, days=days)
    mixed = random.sample(series, len(series))
    change = judge(series, weekly(*partner))
    assert judge(mixed, weekly(*partner)) == change
    assert change.n_answered == sum(score is not None for score in own)
    if change.label in (ChangeLabel.UP, ChangeLabel.DOWN):
        assert abs(change.difference) >= change.threshold >= 10


def turned(series):
    return [(day, None if score is None else 100 - score) for day, score in series]


@given(st.lists(st.integers(0, 100), max_size=12))
def test_turning_every_score_round_turns_up_into_down(scores):
    swap = {ChangeLabel.UP: ChangeLabel.DOWN, ChangeLabel.DOWN: ChangeLabel.UP}
    change = judge(weekly(*scores))
    assert judge(turned(weekly(*scores))).label is swap.get(change.label, change.label)


# --- two partners ---------------------------------------------------------------------------------------------------


def test_check_ins_of_one_iso_week_are_a_pair_and_others_up_to_three_days_apart():
    monday, saturday, next_wednesday = date(2026, 11, 16), date(2026, 11, 21), date(2026, 11, 25)
    assert pairs([(monday, 40.0)], [(saturday, 60.0)]) == (Pair(saturday, 40, 60),)
    assert pairs([(saturday, 40.0)], [(saturday + timedelta(days=3), 60.0)])[0].gap == -20
    assert pairs([(saturday, 40.0)], [(next_wednesday, 60.0)]) == ()
    assert pairs([(monday, None)], [(monday, 60.0)]) == ()


def test_each_check_in_is_used_once_and_the_same_week_goes_first():
    sunday, monday, tuesday = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)
    found = pairs([(sunday, 10.0), (tuesday, 20.0)], [(monday, 30.0)])
    assert found == (Pair(tuesday, 20, 30),)


SERIES = st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.none() | st.floats(0, 100)), max_size=9)


@given(SERIES, SERIES)
def test_pairs_are_the_same_from_either_side(a, b):
    found, mirrored = pairs(a, b), pairs(b, a)
    assert [pair.on for pair in found] == [pair.on for pair in mirrored]
    assert len(found) <= min(len(a), len(b))


def test_a_gap_is_notable_from_twenty_points_or_more_by_both_noises():
    assert gap_threshold(2, 3) == 20
    assert gap_threshold(10, 10) == pytest.approx(27.72, abs=0.005)
    week = Pair(START, 40, 60)
    assert gap(week, 2, 3).notable
    assert not gap(week, 10, 10).notable
    assert gap(week, None, 3) == gap(week, 2, None)
    assert not gap(week, None, 3).notable


def six(first, last):
    return [Pair(START + timedelta(days=7 * n), *(first if n < 3 else last)) for n in range(6)]


@pytest.mark.parametrize(
    ("first", "last", "state", "kind"),
    [
        ((40, 70), (70, 80), "converging", "closer_and_higher"),
        ((40, 80), (30, 40), "converging", "closer_and_lower"),
        ((40, 80), (60, 80), "converging", "one_rising"),
        ((40, 80), (40, 60), "converging", "one_falling"),
        ((40, 80), (60, 70), "converging", "one_rising"),
        ((40, 80), (60, 60), "converging", "one_falling"),
        ((50, 60), (50, 80), "diverging", "apart"),
        ((50, 60), (80, 90), "steady", "steady"),
        ((50, 60), (50, 69.9), "steady", "steady"),
    ],
)
def test_lines_that_come_closer_say_also_where_they_go(first, last, state, kind):
    found = convergence(six(first, last))
    assert (found.state, found.kind) == (state, kind)


def test_fewer_than_six_pairs_say_nothing_about_convergence():
    assert convergence(six((40, 80), (60, 60))[:5]) is None


def test_attunement_is_own_effort_minus_what_the_partner_noticed():
    assert attunement(70.0, 3) == 40
    assert attunement(None, 3) is None
    assert attunement(70.0, None) is None
