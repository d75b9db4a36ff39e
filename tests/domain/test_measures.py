"""Published measures: definitions that are clear, scores as worked out by hand, and nothing out of range."""

import random
from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import content
from portal.domain.errors import Invalid
from portal.domain.measure_documents import from_document, measures_from_document
from portal.domain.measure_scores import ASK, Coding, Reliable, clinically_significant, rci, reliable_change, score
from portal.domain.measures import TOTAL, Method

FILE = content.instruments()
MEASURES = measures_from_document(FILE)
NAMES = sorted(MEASURES)
OWN = {"better": "low", "n": 4, "min": 0, "max": 3, "scales": {"total": ["1-4"]}, "cut": [">=", 5]}


def own(**changes):
    """An invented measure of four items from 0 to 3."""
    return from_document("own", OWN | changes)


def numbered(answers):
    return list(enumerate(answers, start=1))


@pytest.mark.parametrize("vector", FILE["vectors"], ids=lambda vector: f"{vector[0]} {vector[1]} {vector[3]}")
def test_the_worked_examples_of_the_file_come_out_as_written(vector):
    name, coding, answers, expected = vector
    found = score(MEASURES[name], numbered(answers), Coding(coding))
    told = {"cut": found.in_range, "band": found.band, "critical": found.critical}
    for field, value in expected.items():
        if field in told:
            assert told[field] == value
        else:
            assert found.totals[field] == (None if value is None else Decimal(str(value)))


@pytest.mark.parametrize("vector", FILE["change_vectors"], ids=str)
def test_the_worked_examples_of_change_come_out_as_written(vector):
    name, first, last, reliable, significant = vector
    assert (reliable_change(MEASURES[name], first, last) is not Reliable.NO) is reliable
    assert clinically_significant(MEASURES[name], first, last) is significant


def test_the_index_from_a_sample_is_the_published_formula():
    example = FILE["generic_rci"]["vector"]
    assert round(rci(example["sd"], example["r"]), 2) == example["rci"]
    assert rci(10, 1) == 0


@pytest.mark.parametrize(
    ("sd", "r"), [(0, 0.8), (-1, 0.8), (10, 1.01), (10, -0.1), (float("nan"), 0.8), (10, float("inf"))]
)
def test_an_index_from_figures_that_cannot_be_is_refused(sd, r):
    with pytest.raises(Invalid, match="rci_unclear"):
        rci(sd, r)


def test_the_ranges_of_the_totals_are_those_that_are_published():
    possible = {name: MEASURES[name].possible(MEASURES[name].scale(TOTAL)) for name in NAMES if name != "ecr_s"}
    assert {name: (int(r.low), int(r.high)) for name, r in possible.items()} == {
        "csi4": (0, 21), "csi16": (0, 81), "csi32": (0, 161), "rdas": (0, 69), "das7": (0, 36), "ras": (1, 5),
        "msib": (0, 10), "phq9": (0, 27), "gad7": (0, 21), "ors": (0, 40), "srs": (0, 40), "hits": (4, 20),
        "wast8": (8, 24), "hark": (0, 4),
    }  # fmt: skip


# --- scoring --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "code", "item"),
    [
        ([(1, 4)], "measure_answer_out_of_range", 1),
        ([(2, -1)], "measure_answer_out_of_range", 2),
        ([(5, 1)], "measure_item_unknown", 5),
        ([(0, 1)], "measure_item_unknown", 0),
        ([("1", 1)], "measure_item_unknown", "1"),
        ([(True, 1)], "measure_item_unknown", True),
        ([(3, 1), (3, 1)], "measure_item_doubled", 3),
        ([(3, 1), (3, None)], "measure_item_doubled", 3),
        ([(4, 1.5)], "measure_answer_too_fine", 4),
        ([(4, "1")], "measure_answer_no_number", 4),
        ([(4, True)], "measure_answer_no_number", 4),
        ([(4, float("nan"))], "measure_answer_no_number", 4),
        ([(4, float("inf"))], "measure_answer_no_number", 4),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_the_item_named(answers, code, item):
    with pytest.raises(Invalid, match=code) as refusal:
        score(own(), answers)
    assert refusal.value.params["item"] == item


def test_an_answer_of_one_decimal_is_taken_where_the_measure_has_one_and_two_are_not():
    assert score(MEASURES["ors"], numbered([0.1, 0.2, 0.1, 0.1])).totals == {TOTAL: Decimal("0.5")}
    with pytest.raises(Invalid, match="measure_answer_too_fine"):
        score(MEASURES["ors"], numbered([0.15, 0.2, 0.1, 0.1]))


@pytest.mark.parametrize(
    ("answers", "total"),
    [
        ([3, 3, 3], 12), ([1, 2, 2], 7), ([0, 1, 1], 3), ([0, 0, 1], 1), ([3, 2, None], 10), ([1, 0, None], 2),
        ([1, None, None], None),
    ],
)  # fmt: skip
def test_the_own_mean_stands_for_what_is_missing_and_the_total_is_whole(answers, total):
    measure = own(missing={"max_missing": 2, "prorate": "person_mean"})
    assert score(measure, numbered([*answers, None])).totals[TOTAL] == total


def test_a_tie_goes_away_from_zero():
    measure = own(
        min=-3, scales={"total": ["1-4"]}, cut=[">=", 0], missing={"max_missing": 2, "prorate": "person_mean"}
    )
    halves = own(n=2, scales={"total": ["1-2"]}, decimals=2, min=-3, cut=[">=", 0])
    assert score(measure, [(1, 1), (2, 1), (3, -1)]).totals[TOTAL] == 1  # 4/3
    assert score(halves, [(1, 0.05), (2, 0)]).totals[TOTAL] == Decimal("0.1")
    assert score(halves, [(1, -0.05), (2, 0)]).totals[TOTAL] == Decimal("-0.1")
    assert score(halves, [(1, -0.04), (2, 0)]).totals[TOTAL] == 0


def test_what_is_shown_is_what_the_cut_off_and_the_bands_are_held_against():
    # 16/3 is in the published range, but is shown as 5, which is not
    prorated = own(cut=[">=", 5.2], missing={"max_missing": 2, "prorate": "person_mean"}, bands={"few": 0, "many": 5})
    found = score(prorated, [(1, 1), (2, 1), (3, 2), (4, None)])
    assert (found.totals[TOTAL], found.in_range, found.band) == (5, False, "many")


def test_a_missing_critical_item_is_asked_about_even_where_there_is_no_score():
    found = score(MEASURES["phq9"], [])
    assert (found.totals, found.in_range, found.band, found.critical) == ({TOTAL: None}, None, None, ASK)


def test_a_critical_item_speaks_whatever_the_total_is():
    answers = numbered([0, 0, 0, 0, 0, 0, 0, 0, 1])
    found = score(MEASURES["phq9"], answers)
    assert (found.totals[TOTAL], found.in_range, found.critical) == (1, False, True)


def test_points_are_never_turned_round_and_position_numbers_are_only_where_the_definition_tells_how():
    answers = numbered([1, 5, 5, 1, 5, 5, 1])
    assert score(MEASURES["ras"], answers, Coding.RAW).totals[TOTAL] == Decimal("4.4")
    assert score(MEASURES["ras"], answers).totals[TOTAL] == Decimal("3.3")
    with pytest.raises(Invalid, match="measure_positions_unknown"):
        score(MEASURES["csi16"], numbered([1] * 16), Coding.RAW)
    assert score(own(raw_reverse=[]), numbered([1, 2, 3, 0]), Coding.RAW).totals[TOTAL] == 6


def test_a_count_is_of_items_above_their_least():
    counted = own(method="count", min=1, cut=[">=", 2], missing={"max_missing": 1})
    assert score(counted, [(1, 1), (2, 2), (3, 3)]).totals[TOTAL] == 2
    assert score(counted, [(1, 1), (2, 2)]).totals[TOTAL] is None


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def filled_in(draw, only=NAMES):
    """A measure of the file, and answers to some of its items in steps of its decimals."""
    measure = MEASURES[draw(st.sampled_from(only))]
    tenth = Decimal(1).scaleb(-measure.decimals)
    answers = []
    for item, possible in enumerate(measure.ranges, start=1):
        steps = int((possible.high - possible.low) / tenth)
        answers.append((item, draw(st.none() | st.integers(0, steps).map(lambda n, p=possible: p.low + n * tenth))))
    return measure, answers


codings = st.sampled_from(Coding)


def coding_for(measure, coding):
    return Coding.POINTS if measure.raw_reverse is None else coding


@given(filled_in(), codings, st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter_and_none_is_the_same_as_no_answer(form, coding, dice: random.Random):
    measure, answers = form
    coding = coding_for(measure, coding)
    shuffled = [answer for answer in answers if answer[1] is not None]
    dice.shuffle(shuffled)
    assert score(measure, shuffled, coding) == score(measure, answers, coding)


@given(filled_in(), codings)
def test_no_score_is_outside_the_possible_range_and_a_full_form_always_has_one(form, coding):
    measure, answers = form
    found = score(measure, answers, coding_for(measure, coding))
    for scale in measure.scales:
        value = found.totals[scale.name]
        n_missing = sum(dict(answers)[item] is None for item in scale.items)
        assert (value is None) is (n_missing > (measure.missing.most if measure.missing else 0))
        assert value is None or measure.possible(scale).holds(value)
        assert (scale.name in found.prorated) is (value is not None and n_missing > 0)
    assert (found.band is None) is (not measure.bands or found.totals[TOTAL] is None)


@given(st.lists(st.none() | st.integers(0, 3), min_size=4, max_size=4), st.integers(1, 4), st.integers(1, 3))
def test_one_more_missing_answer_never_raises_a_count_and_never_makes_a_score_of_none(answers, item, most):
    counted = own(method="count", cut=[">=", 2], missing={"max_missing": most})
    without = [(n, None if n == item else value) for n, value in numbered(answers)]
    before, after = score(counted, numbered(answers)).totals[TOTAL], score(counted, without).totals[TOTAL]
    assert after is None or (before is not None and after <= before)


@given(filled_in(), st.data())
def test_one_more_point_never_lowers_a_score(form, data):
    measure, answers = form
    item, value = data.draw(st.sampled_from(answers))
    if value is None or value == measure.ranges[item - 1].high:
        return
    raised = [(n, v + 1 if n == item and v + 1 <= measure.ranges[n - 1].high else v) for n, v in answers]
    before, after = score(measure, answers).totals, score(measure, raised).totals
    assert all(before[name] is None or after[name] >= before[name] for name in before)


@given(filled_in(only=["ras", "ecr_s", "rdas"]))
def test_position_numbers_turned_by_hand_score_as_points(form):
    measure, answers = form
    by_hand = [
        (item, value if value is None or item not in measure.raw_reverse else possible.low + possible.high - value)
        for (item, value), possible in zip(answers, measure.ranges, strict=True)
    ]
    assert score(measure, by_hand, Coding.POINTS) == score(measure, answers, Coding.RAW)


@given(st.sampled_from(["rdas", "phq9", "gad7", "ors"]), st.integers(0, 20), st.integers(0, 20))
def test_a_change_turned_round_is_as_reliable_and_the_other_way(name, first, last):
    measure = MEASURES[name]
    there, back = reliable_change(measure, first, last), reliable_change(measure, last, first)
    assert {there, back} in ({Reliable.NO}, {Reliable.BETTER, Reliable.WORSE})
    assert (there is Reliable.NO) is (abs(first - last) < measure.rci)
    assert clinically_significant(measure, first, last) is clinically_significant(measure, last, first)


# --- change -----------------------------------------------------------------------------------------------------------


def test_a_reliable_change_says_which_way_it_went():
    assert reliable_change(MEASURES["phq9"], 15, 9) is Reliable.BETTER
    assert reliable_change(MEASURES["phq9"], 9, 15) is Reliable.WORSE
    assert reliable_change(MEASURES["rdas"], 52, 40) is Reliable.WORSE


def test_where_nothing_is_published_nothing_is_said():
    assert reliable_change(MEASURES["csi16"], 20, 60) is None
    assert clinically_significant(MEASURES["csi16"], 20, 60) is None
    assert (
        clinically_significant(from_document("own", {k: v for k, v in OWN.items() if k != "cut"} | {"rci": 2}), 1, 9)
        is None
    )


@pytest.mark.parametrize(("name", "value"), [("rdas", 70), ("rdas", -1), ("rdas", True), ("ecr_s", 10)])
def test_a_total_that_cannot_be_is_refused(name, value):
    with pytest.raises(Invalid, match="measure_score_out_of_range"):
        reliable_change(MEASURES[name], 40, value)


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule", "place"),
    [
        ({"text": ["words"]}, "unknown_field", "text"),
        ({"better": "up"}, "unknown_choice", "better"),
        ({"better": None}, "unknown_choice", "better"),
        ({"method": "median"}, "unknown_choice", "method"),
        ({"n": 0}, "no_whole_number", "n"),
        ({"n": True}, "no_whole_number", "n"),
        ({"n": 301}, "no_whole_number", "n"),
        ({"min": None}, "no_number", "min"),
        ({"max": "3"}, "no_number", "max"),
        ({"max": float("nan")}, "no_number", "max"),
        ({"max": True}, "no_number", "max"),
        ({"max": 0}, "range_reversed", "item 1"),
        ({"max_at": {2: -1}}, "range_reversed", "item 2"),
        ({"max_at": {5: 1}}, "unknown_item", "max_at.5"),
        ({"scales": {}, "missing": {"max_missing": 1, "prorate": "person_mean"}}, "item_in_no_scale", "scales"),
        ({"max_at": {"one": 1}}, "unknown_item", "max_at.one"),
        ({"min_at": [1]}, "unreadable", "min_at"),
        ({"decimals": 3}, "no_whole_number", "decimals"),
        ({"scales": {}}, "item_in_no_scale", "scales"),
        ({"scales": {"total": ["1-3"]}}, "item_in_no_scale", "scales"),
        ({"scales": {"total": ["1-5"]}}, "unknown_item", "scales.total"),
        ({"scales": {"total": ["4-1"]}}, "unknown_item", "scales.total"),
        ({"scales": {"total": ["1-3", 3, 4]}}, "scale_empty_or_doubled", "scales.total"),
        ({"scales": {"total": []}}, "scale_empty_or_doubled", "scales.total"),
        ({"scales": {"total": "1-4"}}, "unreadable", "scales.total"),
        ({"scales": {"A b": ["1-4"]}}, "unreadable", "scales.A b"),
        ({"scales": {"whole": ["1-4"]}}, "without_total", "scales"),
        ({"cut": 5}, "cut_unclear", "cut"),
        ({"cut": None}, "cut_unclear", "cut"),
        ({"cut": ["=", 5]}, "cut_unclear", "cut"),
        ({"cut": [">=", 5, " "]}, "cut_unclear", "cut"),
        ({"cut": [">=", "5"]}, "no_number", "cut"),
        ({"cut": ["<", 5]}, "cut_looks_the_wrong_way", "cut"),
        ({"cut": [">=", 13]}, "cut_unreachable", "cut"),
        ({"bands": {"few": 1, "many": 5}}, "bands_unclear", "bands"),
        ({"bands": {"few": 0, "many": 5, "some": 3}}, "bands_unclear", "bands"),
        ({"bands": {"few": 0, "many": 13}}, "bands_unclear", "bands"),
        ({"bands": {"Few": 0}}, "unreadable", "bands.Few"),
        ({"rci": 0}, "rci_not_positive", "rci"),
        ({"rci": None}, "no_number", "rci"),
        ({"missing": {"max_missing": 1}}, "missing_rule_unclear", "missing"),
        ({"missing": {"max_missing": 1, "prorate": "guess"}}, "missing_rule_unclear", "missing"),
        ({"missing": {"max_missing": 1, "prorate": "person_mean", "or": 1}}, "missing_rule_unclear", "missing"),
        ({"missing": {}}, "no_whole_number", "missing.max_missing"),
        ({"missing": {"max_missing": 4, "prorate": "person_mean"}}, "no_whole_number", "missing.max_missing"),
        ({"missing": {"max_missing": 3, "prorate": "person_mean"}, "scales": {"total": ["1-4"], "half": [1, 2]}},
         "missing_rule_unclear", "missing"),
        ({"missing": {"max_missing": 1, "prorate": "person_mean"}, "method": "count", "cut": [">=", 2]},
         "missing_rule_unclear", "missing"),
        ({"critical": {"item": 9, "at_least": 1, "if_missing": "ask"}}, "unknown_item", "critical.item"),
        ({"critical": {"item": 1, "at_least": 1, "if_missing": "ignore"}}, "critical_unclear", "critical"),
        ({"critical": {"item": 1, "at_least": 1}}, "critical_unclear", "critical"),
        ({"critical": {"item": 1, "at_least": 4, "if_missing": "ask"}}, "critical_unreachable", "critical"),
        ({"critical": {"item": 1, "at_least": 0, "if_missing": "ask"}}, "critical_unreachable", "critical"),
        ({"raw_reverse": [5]}, "unknown_item", "raw_reverse"),
        ({"raw_reverse": None}, "unreadable", "raw_reverse"),
    ],
)  # fmt: skip
def test_an_unclear_definition_is_refused_with_the_place_named(changes, rule, place):
    with pytest.raises(Invalid, match=f"^measure_{rule}$") as refusal:
        own(**changes)
    assert refusal.value.params == {"measure": "own", "place": place}


@pytest.mark.parametrize("document", [None, [], "words", 3])
def test_what_is_no_definition_at_all_is_refused(document):
    with pytest.raises(Invalid, match="measure_unreadable"):
        from_document("own", document)


def test_a_measure_needs_a_plain_name():
    with pytest.raises(Invalid, match="measure_unreadable"):
        from_document("Own Measure", OWN)


def test_a_cut_off_carries_its_source_where_one_is_given():
    assert own().cut.source is None
    assert own(cut=[">=", 5, "Ines 2026"]).cut.source == "Ines 2026"


@given(st.sampled_from(NAMES), st.data())
def test_a_definition_with_a_part_taken_out_or_spoilt_is_read_or_refused_and_nothing_else(name, data):
    document = deepcopy(FILE["instruments"][name])
    field = data.draw(st.sampled_from(sorted(document)))
    junk = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    spoilt = data.draw(junk | st.lists(junk, max_size=3) | st.dictionaries(st.text(max_size=5), junk, max_size=2))
    document[field] = spoilt
    try:
        measure = from_document(name, document)
    except Invalid as refusal:
        assert set(refusal.params) == {"measure", "place"}  # noqa: PT017 - what is refused differs, its form does not
    else:
        assert measure.method in Method
