"""One partner's own way: what opens it, that nothing of the other does, and that it always leads on to the end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import own_paths
from portal.domain.assignments import For
from portal.domain.errors import NotAllowed
from portal.domain.own_paths import Here, OwnPath, OwnStep, Side, Stands, here, own_path, released, to_give
from portal.domain.pathway_proposals import to_confirm
from portal.domain.pathways import ByCoach, OnDay, Pathway, confirm
from portal.domain.people import Label
from portal.domain.session_facts import Both
from tests.pathways import NOW, Walk, acts, after, ids, joint, opens_next, pathways, side, skip, step

AT_EIGHT = datetime(2026, 11, 25, 7, tzinfo=UTC)  # in Berlin, two days after NOW
A_SECOND = timedelta(seconds=1)


def path(*steps, own=None, label=Label.A) -> OwnPath:
    return own_path(Pathway(steps), label, own or side())


# --- what opens a step ---------------------------------------------------------------------------------------------


def test_what_is_for_the_beginning_is_open_and_what_the_coach_keeps_is_not():
    assert released(path(step(1), step(2, ByCoach()), joint(3)), NOW) == ids(1)


def test_a_day_opens_it_at_eight_on_the_partners_own_wall():
    one = step(1, OnDay(date(2026, 11, 25)))
    assert released(path(one), AT_EIGHT - A_SECOND) == ()
    assert released(path(one), AT_EIGHT) == ids(1)
    in_new_york = replace(side(), zone="America/New_York")
    assert released(path(one, own=in_new_york), AT_EIGHT) == ()
    assert opens_next(path(one, own=in_new_york), AT_EIGHT) == datetime(2026, 11, 25, 13, tzinfo=UTC)


def test_what_comes_after_another_opens_when_that_was_sent():
    steps = (step(1), step(2, after(1)))
    assert released(path(*steps), NOW) == ids(1)
    assert released(path(*steps, own=side(1)), NOW) == ids(1, 2)


def test_a_delay_is_counted_in_mornings_after_the_day_of_sending():
    steps = (step(1), step(2, after(1, days=2)))
    own = side(1)
    assert released(path(*steps, own=own), AT_EIGHT - A_SECOND) == ids(1)
    assert released(path(*steps, own=own), AT_EIGHT) == ids(1, 2)
    assert opens_next(path(*steps, own=own), NOW) == AT_EIGHT
    assert opens_next(path(*steps), NOW) is None


def test_eight_o_clock_stays_eight_over_a_changed_clock():
    own = side(1, at=datetime(2026, 3, 27, 12, tzinfo=UTC))
    found = path(step(1), step(2, after(1, days=3)), own=own)
    assert opens_next(found, datetime(2026, 3, 27, 13, tzinfo=UTC)) == datetime(2026, 3, 30, 6, tzinfo=UTC)


def test_the_coach_opens_anything_for_one_or_for_both():
    pathway = Pathway((step(1, OnDay(date(2027, 1, 1))), step(2, ByCoach()), joint(3)))
    for_ana = confirm(confirm(pathway, *ids(1), Label.A), *ids(2), Label.A)
    assert released(own_path(for_ana, Label.A, side()), NOW) == ids(1, 2)
    assert released(own_path(for_ana, Label.B, side()), NOW) == ()
    together = confirm(pathway, *ids(3))
    assert [released(own_path(together, label, side()), NOW) for label in Label] == [ids(3), ids(3)]


def test_what_is_for_one_is_not_on_the_others_path():
    steps = (step(1, given_to=For.A), step(2, given_to=For.B))
    assert [released(path(*steps, label=label), NOW) for label in Label] == [ids(1), ids(2)]


def test_what_was_skipped_is_open_no_more_and_what_was_done_of_it_stays():
    pathway = skip(Pathway((step(1), step(2))), *ids(1))
    assert released(own_path(pathway, Label.A, side(given=(1,))), NOW) == ids(2)
    assert released(own_path(pathway, Label.A, side(1)), NOW) == ids(1, 2)


def test_nobody_waits_for_what_was_skipped_but_for_what_it_would_have_waited_for():
    pathway = skip(Pathway((step(1), step(2, after(1)), step(3, after(2)))), *ids(2))
    assert released(own_path(pathway, Label.A, side()), NOW) == ids(1)
    assert released(own_path(pathway, Label.A, side(1)), NOW) == ids(1, 3)
    without_the_coach = skip(Pathway((joint(1), step(2, after(1, days=2)))), *ids(1))
    assert released(own_path(without_the_coach, Label.A, side()), NOW) == ids(2)


def test_what_has_reached_somebody_stays_with_them_whatever_becomes_of_its_rule():
    assert released(path(step(1, ByCoach()), own=side(given=(1,))), NOW) == ids(1)


def test_what_opened_is_given_once():
    steps = (step(1), step(2), step(3, ByCoach()))
    assert to_give(path(*steps, own=side(given=(1,))), NOW) == ids(2)
    assert to_give(path(*steps, own=side(1, 2)), NOW) == ()


def test_here_is_the_first_step_that_is_not_passed():
    steps = (step(1), step(2, OnDay(date(2026, 11, 25))), joint(3))
    assert here(path(*steps), NOW) == Here(Stands.OPEN, *ids(1))
    assert here(path(*steps, own=side(1)), NOW) == Here(Stands.WAITS_FOR_DAY, *ids(2), AT_EIGHT)
    assert here(path(*steps, own=side(1, 2)), NOW) == Here(Stands.WAITS_FOR_COACH, *ids(3))
    assert here(path(*steps, own=side(1, 2, 3)), NOW) == here(path(), NOW) == Here(Stands.AT_END)


# --- nothing of the other ------------------------------------------------------------------------------------------


def test_no_field_of_ones_own_path_can_hold_anything_of_the_other():
    """Neither a label, nor whom else a step is for, nor a value for each of two."""
    held = {kind: set(get_type_hints(kind)) for kind in (OwnPath, OwnStep, Side, Here)}
    assert held == {
        OwnPath: {"steps", "side"},
        OwnStep: {"id", "entry", "release", "is_confirmed", "is_skipped"},
        Side: {"given", "done", "zone"},
        Here: {"stands", "step", "opens_at"},
    }
    asked = (own_paths.released, own_paths.still_open, own_paths.to_give, own_paths.here)
    assert all(set(get_type_hints(one)) == {"path", "now", "return"} for one in asked)


@settings(max_examples=300)
@given(pathways(), acts, acts)
def test_nothing_opens_for_one_because_the_other_did_something(pathway, done, of_ben):
    """The same acts of Ana, of the coach and of the clock, once beside Ben's and once beside other acts of Ben's."""
    beside, instead = Walk(pathway), Walk(pathway)
    bens = iter([act for act in of_ben if act[0].endswith("_B")])
    for kind, number in done:
        if kind.endswith("_B"):
            beside.act(kind, number)
        else:
            beside.act(kind, number)
            instead.act(kind, number)
            if (other := next(bens, None)) is not None:
                instead.act(*other)
        ana, the_same = beside.path(Label.A), instead.path(Label.A)
        assert ana == the_same
        assert released(ana, beside.now) == released(the_same, instead.now)
        assert here(ana, beside.now) == here(the_same, instead.now)


# --- it leads on ---------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(pathways(), acts)
def test_from_wherever_one_is_there_is_something_to_do_for_them_that_does_not_hang_on_the_other(pathway, done):
    """Open to themselves, in the coach's hand, or on a known day; leaving something out is not counted."""
    walk = Walk(pathway)
    for kind, number in done:
        walk.act(kind, number)
        for label in Label:
            place = here(walk.path(label), walk.now)
            waiting = [one.step for one in to_confirm(walk.pathway, walk.sides) if label in one.ready]
            assert {
                Stands.AT_END: place.step is None,
                Stands.OPEN: place.step in walk.open_for(label),
                Stands.WAITS_FOR_COACH: place.step in waiting,
                Stands.WAITS_FOR_DAY: place.opens_at is not None and place.opens_at > walk.now,
            }[place.stands]


@settings(max_examples=300)
@given(pathways(), acts, st.lists(st.integers(0, 50), min_size=1, max_size=9))
def test_whatever_happened_and_whichever_way_they_go_on_both_come_to_the_end(pathway, done, choices):
    walk = Walk(pathway)
    for kind, number in done:
        walk.act(kind, number)
    most = 5 * len(walk.pathway.steps)  # sent by each, opened by a day for each, confirmed once
    for turn in range(most + 1):
        moves = list(walk.moves())
        if not moves:
            break
        assert turn < most
        walk.act(*moves[choices[turn % len(choices)] % len(moves)])
    assert [here(walk.path(label), walk.now).stands for label in Label] == [Stands.AT_END, Stands.AT_END]


@given(pathways(), acts)
def test_no_joint_step_is_ever_open_that_the_coach_has_not_confirmed(pathway, done):
    walk = Walk(pathway)
    for kind, number in done:
        walk.act(kind, number)
        walk.now += timedelta(days=3)
        together = {one.id for one in walk.pathway.steps if one.audience.is_joint}
        for open_ in walk.released().values():
            assert open_ & together <= walk.ever_confirmed


@given(pathways(), acts)
def test_what_was_once_open_is_taken_back_by_skipping_alone(pathway, done):
    walk = Walk(pathway)
    for kind, number in done:
        for label in Label:
            walk.act(f"give_{label}", 0)
        before = walk.released()
        walk.act(kind, number)
        gone = {label: before[label] - open_ for label, open_ in walk.released().items()}
        skipped = {one.id for one in walk.pathway.steps if one.is_skipped}
        assert all(missing <= (skipped if kind == "skip" else set()) for missing in gone.values())


@given(pathways(), acts, st.integers(0, 5_000))
def test_another_order_opens_and_closes_nothing(pathway, done, number):
    walk = Walk(pathway)
    for act in done:
        walk.act(*act)
    before, sides = walk.released(), walk.sides
    walk.act("reorder", number)
    assert walk.released() == before
    assert walk.sides == sides


def test_the_walks_come_by_every_kind_of_place():
    """The properties above say little if a walk never waits for anybody."""
    walk = Walk(Pathway((step(1), step(2, after(1, days=2)), joint(3))))
    met = [here(walk.path(Label.A), walk.now).stands]
    for act in (("send_A", 0), ("clock", 3_000), ("send_A", 0), ("confirm", 2), ("send_A", 0)):
        walk.act(*act)
        met.append(here(walk.path(Label.A), walk.now).stands)
    assert met == [
        Stands.OPEN,
        Stands.WAITS_FOR_DAY,
        Stands.OPEN,
        Stands.WAITS_FOR_COACH,
        Stands.OPEN,
        Stands.AT_END,
    ]
    assert here(walk.path(Label.B), walk.now).stands is Stands.OPEN


def test_what_was_skipped_cannot_be_confirmed():
    with pytest.raises(NotAllowed, match="step_skipped"):
        confirm(skip(Pathway((joint(1),)), *ids(1)), *ids(1))


def test_both_sides_are_values_that_can_be_compared():
    assert Both(side(1), side()) == Both(side(1), side())
