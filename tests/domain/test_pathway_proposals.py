"""What a coach is told of a couple's pathway: who is where, what waits to be confirmed, and what could come next."""

from datetime import UTC, date, datetime

from hypothesis import given

from portal.domain.assignments import For
from portal.domain.own_paths import Here, Stands
from portal.domain.pathway_proposals import (
    Proposal,
    ProposalKind,
    ToConfirm,
    proposals,
    to_confirm,
    where_are_they,
)
from portal.domain.pathways import ByCoach, OnDay, Pathway, confirm
from portal.domain.people import Label
from portal.domain.session_facts import Both
from tests.pathways import NOBODY_BEGAN, NOW, Walk, acts, after, ids, joint, pathways, side, skip, step

STEPS = Pathway((step(1), step(2, after(1)), joint(3), step(4, ByCoach(), For.A)))
(ONE,), (TWO,), (THREE,), (FOUR,) = (ids(number) for number in (1, 2, 3, 4))


def told(pathway, a, b):
    return proposals(pathway, Both(a, b), NOW)


def test_each_is_told_to_be_where_they_are():
    places = where_are_they(STEPS, Both(side(1), side(1, 2)), NOW)
    assert places == Both(Here(Stands.OPEN, TWO), Here(Stands.WAITS_FOR_COACH, THREE))


def test_what_waits_for_the_coach_stands_in_the_coachs_order_with_who_has_come_that_far():
    assert to_confirm(STEPS, Both(side(1, 2), side(1))) == (
        ToConfirm(THREE, (Label.A, Label.B), (Label.A,)),
        ToConfirm(FOUR, (Label.A,), ()),
    )
    both = to_confirm(STEPS, Both(side(1, 2), side(1, 2)))
    assert [waiting.is_ready for waiting in both] == [True, False]


def test_what_was_confirmed_or_skipped_waits_no_more():
    assert [waiting.step for waiting in to_confirm(confirm(STEPS, THREE), NOBODY_BEGAN)] == [FOUR]
    assert [waiting.step for waiting in to_confirm(skip(STEPS, FOUR), NOBODY_BEGAN)] == [THREE]


def test_what_the_coach_opened_for_one_waits_for_the_other_alone():
    kept = Pathway((step(1, ByCoach()),))
    assert to_confirm(confirm(kept, ONE, Label.A), NOBODY_BEGAN) == (ToConfirm(ONE, (Label.B,), (Label.B,)),)


def test_that_both_have_done_it_is_a_proposal_to_open_what_comes_next():
    assert told(STEPS, side(1, 2), side(1, 2)) == (Proposal(ProposalKind.BOTH_HAVE_DONE, THREE),)


def test_that_one_is_ahead_is_told_with_the_step_the_other_is_at():
    ahead = Proposal(ProposalKind.ONE_IS_AHEAD, ONE, Label.B)
    assert told(STEPS, side(), side(1)) == (ahead,)
    nothing_open = Proposal(ProposalKind.NOTHING_OPEN, THREE, Label.B, Stands.WAITS_FOR_COACH)
    assert told(STEPS, side(), side(1, 2)) == (ahead, nothing_open)


def test_two_who_are_at_the_same_step_of_both_are_told_of_with_nothing():
    assert told(STEPS, side(), side()) == told(STEPS, side(1), side(1)) == ()


def test_one_who_began_with_a_later_step_is_not_ahead_of_the_other_at_the_earlier():
    assert told(Pathway((step(1), step(2))), side(), side(2)) == ()


def test_what_one_has_for_themselves_puts_nobody_ahead():
    alone = Pathway((step(1, given_to=For.A), step(2)))
    assert told(alone, side(1), side()) == ()


def test_what_keeps_somebody_from_going_on_is_told_with_the_day_it_ends():
    waits = Pathway((step(1), step(2, OnDay(date(2026, 12, 1)))))
    until = datetime(2026, 12, 1, 7, tzinfo=UTC)
    blocked = Proposal(ProposalKind.NOTHING_OPEN, TWO, Label.A, Stands.WAITS_FOR_DAY, until)
    assert blocked in told(waits, side(1), side())
    assert told(waits, side(1), side(1)) == tuple(
        Proposal(ProposalKind.NOTHING_OPEN, TWO, label, Stands.WAITS_FOR_DAY, until) for label in Label
    )


def test_one_who_is_at_the_end_is_kept_from_nothing():
    last = Pathway((step(1), step(2, ByCoach(), For.A)))
    blocked = Proposal(ProposalKind.NOTHING_OPEN, TWO, Label.A, Stands.WAITS_FOR_COACH)
    assert told(last, side(1), side(1)) == (blocked,)


def test_when_nothing_is_left_for_either_that_is_told_alone():
    assert told(STEPS, side(1, 2, 3, 4), side(1, 2, 3)) == (Proposal(ProposalKind.BOTH_AT_END),)
    assert told(Pathway(), side(), side()) == (Proposal(ProposalKind.BOTH_AT_END),)


def test_what_was_skipped_puts_nobody_ahead_and_holds_nobody_back():
    assert told(skip(STEPS, ONE), side(1), side()) == ()


@given(pathways(), acts)
def test_a_proposal_opens_nothing_and_names_what_is_there(pathway, done):
    walk = Walk(pathway)
    for kind, number in done:
        walk.act(kind, number)
        before = walk.released()
        found = proposals(walk.pathway, walk.sides, walk.now)
        assert walk.released() == before
        steps = {one.id for one in walk.pathway.steps if not one.is_skipped}
        assert {proposal.step for proposal in found} <= steps | {None}


@given(pathways(), acts)
def test_a_coach_is_always_told_something_when_neither_can_do_anything(pathway, done):
    walk = Walk(pathway)
    for kind, number in done:
        walk.act(kind, number)
        if not any(walk.open_for(label) for label in Label):
            assert proposals(walk.pathway, walk.sides, walk.now)


def test_no_proposal_has_a_number_in_it():
    """Neither how much somebody did, nor how far one is ahead."""
    assert set(Proposal.__dataclass_fields__) == {"kind", "step", "label", "stands", "opens_at"}
