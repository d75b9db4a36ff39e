"""A couple's pathway in the coach's hands: what may stand on it, and another order, more steps, or fewer."""

from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given

from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.pathways import (
    AtOnce,
    ByCoach,
    OnDay,
    Pathway,
    ReleaseKind,
    add,
    change,
    check,
    confirm,
    opening_of_confirmation,
    release,
    reorder,
)
from portal.domain.people import Label
from portal.domain.programme import Audience
from tests.pathways import BERLIN, after, ids, joint, pathways, skip, step

THREE = Pathway((step(1), step(2, after(1)), joint(3)))


@given(pathways())
def test_what_the_tests_call_a_pathway_is_one(pathway):
    check(pathway)


@pytest.mark.parametrize("rule", [AtOnce(), OnDay(date(2027, 1, 1)), after(1), after(1, days=2)])
@pytest.mark.parametrize("audience", [Audience.TOGETHER, Audience.ALONE_THEN_TOGETHER])
def test_joint_work_opens_by_no_clock_and_by_nothing_that_somebody_did(rule, audience):
    together = step(2, rule, For.JOINT, audience=audience)
    with pytest.raises(Invalid, match="joint_only_by_coach") as refusal:
        check(Pathway((step(1), together)))
    assert refusal.value.params["step"] == UUID(int=2)


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((step(1), step(1)), "step_twice"),
        ((step(1, after(1)),), "waits_in_a_circle"),
        ((step(1, after(2)), step(2, after(1))), "waits_in_a_circle"),
        ((step(1, after(2)), step(2, after(3)), step(3, after(2))), "waits_in_a_circle"),
        ((step(1, after(2)), step(2)), "waits_for_a_later_step"),
        ((step(1, given_to=For.A), step(2, after(1))), "waits_for_what_is_not_theirs"),
        ((step(1, given_to=For.A), step(2, after(1), For.B)), "waits_for_what_is_not_theirs"),
        ((step(1, after(9)),), "no_such_step"),
        ((step(1), step(2, after(1, days=-1))), "delay_out_of_range"),
        ((step(1), step(2, after(1, days=61))), "delay_out_of_range"),
        ((step(1, OnDay(date.max)),), "day_out_of_range"),
        ((step(1, OnDay(date.min)),), "day_out_of_range"),
        ((step(1, given_to=For.JOINT, audience=Audience.ALONE),), "alone_is_no_joint_task"),
        ((step(1, ByCoach(), For.A, audience=Audience.TOGETHER),), "together_needs_both"),
        ((step(1, ByCoach(), For.BOTH, audience=Audience.TOGETHER),), "together_needs_both"),
        (tuple(step(number) for number in range(61)), "too_many_steps"),
    ],
)
def test_a_pathway_on_which_somebody_would_wait_for_ever_is_refused(steps, code):
    with pytest.raises(Invalid, match=code):
        check(Pathway(steps))


@pytest.mark.parametrize("rule", [AtOnce(), OnDay(date(2027, 1, 1)), after(1), after(1, days=2), ByCoach()])
def test_a_rule_is_kept_in_parts_and_found_again(rule):
    parts = (getattr(rule, name, default) for name, default in (("day", None), ("step", None), ("days", 0)))
    assert release(rule.kind, *parts) == rule


def test_a_rule_without_its_part_is_refused_and_a_part_of_another_counts_for_nothing():
    for kind, code, field in (
        (ReleaseKind.ON_DAY, "day_missing", "day"),
        (ReleaseKind.AFTER_OWN, "step_missing", "step"),
    ):
        with pytest.raises(Invalid, match=code) as refusal:
            release(kind)
        assert refusal.value.params["field"] == field
    assert release(ReleaseKind.BY_COACH, date(2027, 1, 1), UUID(int=1), 3) == ByCoach()


def test_what_is_for_one_may_wait_for_what_both_have_also_for_joint_work():
    check(Pathway((step(1), step(2, after(1), For.A), joint(3), step(4, after(3), For.B))))


def test_another_order_keeps_every_step_as_it_is():
    other = reorder(THREE, ids(3, 1, 2))
    assert [found.id for found in other.steps] == list(ids(3, 1, 2))
    assert set(other.steps) == set(THREE.steps)


@pytest.mark.parametrize("order", [(), ids(1, 2), ids(1, 2, 2), ids(1, 2, 3, 4)])
def test_an_order_of_other_steps_is_none(order):
    with pytest.raises(Invalid, match="not_the_same_steps"):
        reorder(THREE, order)


def test_nothing_is_put_before_what_it_waits_for():
    with pytest.raises(Invalid, match="waits_for_a_later_step") as refusal:
        reorder(THREE, ids(2, 1, 3))
    assert refusal.value.params["step"] == UUID(int=2)


def test_a_step_is_added_at_the_end():
    new = step(4)
    assert [found.id for found in add(THREE, new).steps] == list(ids(1, 2, 3, 4))
    assert add(Pathway(), new).steps == (new,)


@pytest.mark.parametrize(
    ("new", "code"),
    [(step(1), "step_twice"), (step(4, after(4)), "waits_in_a_circle"), (step(4, after(9)), "no_such_step")],
)
def test_what_may_not_stand_there_is_not_added(new, code):
    with pytest.raises(Invalid, match=code):
        add(THREE, new)


def test_a_step_opens_by_another_rule_and_stays_where_it_is():
    other = change(THREE, *ids(2), OnDay(date(2027, 1, 1)))
    assert [found.id for found in other.steps] == list(ids(1, 2, 3))
    assert other.step(*ids(2)).release == OnDay(date(2027, 1, 1))
    assert [other.steps[place] for place in (0, 2)] == [THREE.steps[0], THREE.steps[2]]


@pytest.mark.parametrize(
    ("number", "rule", "code"),
    [
        (1, after(2), "waits_in_a_circle"),
        (1, after(3), "waits_for_a_later_step"),
        (1, after(1), "waits_in_a_circle"),
        (2, after(9), "no_such_step"),
        (2, after(1, days=61), "delay_out_of_range"),
        (2, OnDay(date.max), "day_out_of_range"),
    ],
)
def test_no_step_is_changed_so_that_somebody_would_wait_for_ever(number, rule, code):
    with pytest.raises(Invalid, match=code):
        change(THREE, *ids(number), rule)


def test_what_is_done_together_is_opened_by_the_coach_whatever_is_chosen():
    assert change(THREE, *ids(3), AtOnce()) == THREE


def test_what_was_confirmed_is_so_no_more_once_the_rule_is_another():
    confirmed = confirm(THREE, *ids(1))
    assert change(confirmed, *ids(1), AtOnce()).step(*ids(1)).confirmed == set(Label)
    assert change(confirmed, *ids(1), ByCoach()).step(*ids(1)).confirmed == set()


def test_what_was_left_out_is_not_changed():
    with pytest.raises(NotAllowed, match="step_skipped"):
        change(skip(THREE, *ids(2)), *ids(2), AtOnce())


def test_the_coach_opens_joint_work_for_both_at_once_and_other_work_for_whom_it_is():
    assert confirm(THREE, *ids(3)).step(*ids(3)).confirmed == set(Label)
    one_by_one = confirm(confirm(THREE, *ids(1), Label.A), *ids(1), Label.B)
    assert one_by_one == confirm(THREE, *ids(1))
    with pytest.raises(Invalid, match="together_needs_both"):
        confirm(THREE, *ids(3), Label.A)
    with pytest.raises(Invalid, match="not_for_this_partner"):
        confirm(Pathway((step(1, ByCoach(), For.A),)), *ids(1), Label.B)


@pytest.mark.parametrize(
    ("confirmed", "opens"),
    [
        ("2026-11-23T06:59:59+00:00", "2026-11-23T07:00:00+00:00"),  # 07:59 in Berlin, and 08:00 of the same day
        ("2026-11-23T07:00:00+00:00", "2026-11-24T07:00:00+00:00"),
        ("2026-11-23T22:30:00+00:00", "2026-11-24T07:00:00+00:00"),
        ("2026-11-23T23:30:00+00:00", "2026-11-24T07:00:00+00:00"),  # it is the next day there already
        ("2026-10-24T12:00:00+00:00", "2026-10-25T07:00:00+00:00"),  # a night an hour longer
    ],
)
def test_what_the_coach_confirms_opens_at_the_next_eight_on_the_practices_wall(confirmed, opens):
    found = opening_of_confirmation(datetime.fromisoformat(confirmed), BERLIN)
    assert found == datetime.fromisoformat(opens)
