"""What a coach may say first, and the next small step."""

from dataclasses import replace

import pytest

from portal import content
from portal.domain.change import Change, ChangeLabel
from portal.domain.errors import Invalid
from portal.domain.openers import (
    CONDITIONS,
    LibraryExercise,
    OpenerFacts,
    PartnerFacts,
    StepReason,
    choose,
    next_step,
    openers_from_document,
)
from portal.domain.pairs import ConvergenceKind

LIBRARY = openers_from_document(content.openers())
DOWN, DOWN_ONCE = Change(ChangeLabel.DOWN, confirmed=True), Change(ChangeLabel.DOWN)
HIGHER, LOWER = ConvergenceKind.CLOSER_AND_HIGHER, ConvergenceKind.CLOSER_AND_LOWER
UP = Change(ChangeLabel.UP)
NOBODY = PartnerFacts()


def facts(a=None, b=None, **both):
    return OpenerFacts(replace(NOBODY, **(a or {})), replace(NOBODY, **(b or {})), **both)


def alike(**changes):
    return facts(changes, changes)


@pytest.mark.parametrize(
    ("opener", "fits", "does_not"),
    [
        ("o01", facts(open_flag=True), facts()),
        ("o02", facts(soft_flag_count=3), facts(soft_flag_count=2)),
        ("o03", facts(), facts({"wants": True})),
        ("o04", alike(wants=True), facts({"wants": True})),
        ("o05", facts({"total": DOWN}), alike(total=DOWN)),
        ("o05", facts({"ease": DOWN}, {"ease": DOWN_ONCE}), facts({"ease": DOWN_ONCE})),
        ("o06", facts({"total": DOWN}, {"ease": DOWN}), facts({"total": DOWN})),
        ("o07", facts(b={"benefits": UP}), alike(benefits=DOWN)),
        ("o08", facts(shared_gap_notable=True), facts()),
        ("o09", facts(b={"attunement": 30.0}), alike(attunement=29.9)),
        ("o10", facts({"s3": 7}), alike(s3=6)),
        ("o11", facts(b={"s4": 10}), alike(s4=6)),
        ("o12", alike(s2=7), facts({"s2": 9})),
        ("o13", alike(p5=3), facts({"p5": 0})),
        ("o14", facts({"homework": "not_this_time"}, {"homework": "open"}), facts({"homework": "open"})),
        ("o15", facts({"homework": "partly"}, {"homework": "open"}), facts({"homework": "done"})),
        ("o16", facts({"homework": "partly"}, {"homework": "done"}), facts({"homework": "done"})),
        ("o17", alike(appreciation=True), facts({"appreciation": True})),
        ("o18", facts({"periods_without_check_in": 2}), alike(periods_without_check_in=1)),
        (
            "o19",
            facts(convergence=ConvergenceKind.CLOSER_AND_HIGHER),
            facts(convergence=ConvergenceKind.CLOSER_AND_LOWER),
        ),
    ],
)
def test_each_opener_has_its_occasion(opener, fits, does_not):
    assert CONDITIONS[opener](fits)
    assert not CONDITIONS[opener](does_not)


def said(given, copy="coach"):
    return [opener.id for opener in choose(LIBRARY, given, copy).say]


def test_three_are_said_at_most_in_the_librarys_order():
    assert said(replace(alike(s2=8, s3=8, s4=8, wants=True, homework="open"))) == ["o04", "o10", "o11"]


def test_the_third_gives_way_to_the_first_strength():
    given = alike(s2=8, s3=8, s4=8, wants=True, appreciation=True, homework="done")
    assert said(given) == ["o04", "o10", "o16"]


def test_no_further_strength_is_sought_where_there_is_one():
    assert said(alike(wants=True, benefits=UP, s3=8, appreciation=True)) == ["o04", "o07", "o10"]


def test_lines_before_the_door_stand_apart():
    chosen = choose(LIBRARY, facts(open_flag=True, soft_flag_count=5))
    assert [opener.id for opener in chosen.before_the_door] == ["o01", "o02"]
    assert not {opener.id for opener in chosen.say} & {"o01", "o02"}


def test_the_joint_copy_runs_joint_openers_alone_and_has_no_door():
    given = alike(wants=True, s3=9, homework="done", appreciation=True)
    assert said(given, "joint") == ["o17"]
    assert said(facts(open_flag=True), "joint") == ["o20"]
    assert choose(LIBRARY, facts(open_flag=True), "joint").before_the_door == ()


def test_there_is_always_something_to_say():
    assert said(facts({"wants": True})) == ["o20"]


def test_an_opener_that_a_practice_switched_off_is_not_said():
    assert choose([o for o in LIBRARY if o.id not in ("o03", "o20")], facts()).say == ()


def test_an_opener_without_a_condition_is_refused():
    with pytest.raises(Invalid) as refusal:
        openers_from_document({"openers": [{"id": "o99", "text": "?", "copy": "coach", "kind": "say"}]})
    assert refusal.value.params == {"opener": "o99"}


SHELF = [
    LibraryExercise(exercise["slug"], step["step"], exercise["title"], exercise["minutes"], exercise["audience"])
    for step in content.steps()
    for exercise in step["exercises"]
]
LOW_REPAIR = {"active_listening": 6, "gratitude": None, "repair": 2}


def test_the_step_that_both_put_lowest_is_proposed_with_its_shortest_exercise():
    step = next_step(LOW_REPAIR, LOW_REPAIR, "gratitude", SHELF, ())
    assert (step.exercise.slug, step.reason) == ("repair-log", StepReason.BOTH_LOWEST)
    assert [exercise.slug for exercise in step.alternatives] == ["back-to-us-gesture", "repair-phrase-menu"]


@pytest.mark.parametrize(
    "other", [{}, {"repair": 2}, {"active_listening": 1, "repair": 2}, dict.fromkeys(LOW_REPAIR, 2)]
)
def test_without_one_lowest_step_in_common_the_plan_goes_on(other):
    step = next_step(LOW_REPAIR, other, "gratitude", SHELF, ())
    assert (step.exercise.slug, step.reason) == ("three-specifics", StepReason.CURRENT_STEP)


def test_what_was_done_is_not_proposed_again():
    step = next_step({}, {}, "gratitude", SHELF, {"three-specifics", "thanks-with-a-why"})
    assert step.exercise.slug == "small-reaches"


def test_when_a_step_is_used_up_the_programme_goes_on_and_an_empty_library_proposes_nothing():
    gratitude = {exercise.slug for exercise in SHELF if exercise.step == "gratitude"}
    assert next_step({}, {}, "gratitude", SHELF, gratitude).exercise.slug == "one-holds-the-floor"
    assert next_step({}, {}, "gratitude", [], ()).exercise is None
