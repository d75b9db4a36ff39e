"""How the work with a couple rests, parts and ends: every state with every act, and who takes part in which."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.parting import (
    LONGEST_PURPOSE,
    OF_COACH,
    CoupleAct,
    TakingPart,
    acts_from,
    after_act,
    are_both_here,
    check_given,
    check_purpose,
    check_reopening,
    may_be_asked_anew,
    who_takes_part,
)
from portal.domain.people import CoupleState, Label

ENDED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BEFORE, LATER = ENDED_AT - timedelta(days=1), ENDED_AT + timedelta(days=1)
S, C = CoupleState, CoupleAct
# every step that there is; whatever is not here is refused
STEPS = {
    (S.ACTIVE, C.LEAVE): S.WITHDRAWN,
    (S.WITHDRAWN, C.LEAVE): S.WITHDRAWN,
    (S.PAUSED, C.LEAVE): S.PAUSED,
    (S.SEPARATED, C.LEAVE): S.SEPARATED,
    (S.CLOSED, C.LEAVE): S.CLOSED,
    (S.WITHDRAWN, C.COME_BACK): S.ACTIVE,
    (S.ACTIVE, C.COME_BACK): S.ACTIVE,
    (S.PAUSED, C.COME_BACK): S.PAUSED,
    (S.SEPARATED, C.COME_BACK): S.SEPARATED,
    (S.CLOSED, C.COME_BACK): S.CLOSED,
    (S.ACTIVE, C.PAUSE): S.PAUSED,
    (S.WITHDRAWN, C.PAUSE): S.PAUSED,
    (S.PAUSED, C.RESUME): S.ACTIVE,
    (S.ACTIVE, C.SEPARATE): S.SEPARATED,
    (S.WITHDRAWN, C.SEPARATE): S.SEPARATED,
    (S.PAUSED, C.SEPARATE): S.SEPARATED,
    (S.ACTIVE, C.CLOSE): S.CLOSED,
    (S.WITHDRAWN, C.CLOSE): S.CLOSED,
    (S.PAUSED, C.CLOSE): S.CLOSED,
    (S.SEPARATED, C.CLOSE): S.CLOSED,
    (S.SEPARATED, C.REOPEN): S.ACTIVE,
    (S.CLOSED, C.REOPEN): S.ACTIVE,
}


def here(label: Label, *, left: bool = False, anew: datetime | None = None) -> TakingPart:
    return TakingPart(label, BEFORE if left else None, anew)


@pytest.mark.parametrize(("state", "act"), list(product(S, C)))
def test_every_state_and_act_has_a_state_that_follows_or_is_refused(state: CoupleState, act: CoupleAct) -> None:
    if (state, act) in STEPS:
        assert after_act(state, act, is_anybody_gone=act is C.LEAVE) is STEPS[state, act]
    else:
        with pytest.raises(NotAllowed) as refusal:
            after_act(state, act, is_anybody_gone=False)
        assert refusal.value.code == "not_in_this_state"


@pytest.mark.parametrize(("state", "act"), list(product(S, OF_COACH)))
def test_the_coach_is_offered_what_is_taken_and_nothing_else(state: CoupleState, act: CoupleAct) -> None:
    assert (act in acts_from(state)) is ((state, act) in STEPS)


@pytest.mark.parametrize(("state", "act"), [(S.PAUSED, C.RESUME), (S.WITHDRAWN, C.COME_BACK)])
def test_while_somebody_is_gone_it_goes_on_as_withdrawn(state: CoupleState, act: CoupleAct) -> None:
    assert after_act(state, act, is_anybody_gone=True) is S.WITHDRAWN


def test_a_pause_stays_a_pause_for_the_other_when_somebody_leaves_in_it() -> None:
    assert after_act(S.PAUSED, C.LEAVE, is_anybody_gone=True) is S.PAUSED


@pytest.mark.parametrize("state", [S.INVITED, S.ACTIVE, S.WITHDRAWN])
def test_who_has_left_is_given_nothing_and_the_other_goes_on(state: CoupleState) -> None:
    assert who_takes_part(state, [here(Label.A, left=True), here(Label.B)], None) == {Label.B}


@pytest.mark.parametrize("state", [S.PAUSED, S.CLOSED])
def test_in_a_pause_and_after_the_end_nobody_is_given_anything(state: CoupleState) -> None:
    anew = [here(Label.A, anew=LATER), here(Label.B, anew=LATER)]
    assert who_takes_part(state, anew, ENDED_AT) == frozenset()


def test_after_a_separation_only_who_agreed_since_goes_on() -> None:
    both = [here(Label.A, anew=BEFORE), here(Label.B, anew=LATER)]
    assert who_takes_part(S.SEPARATED, both, ENDED_AT) == {Label.B}
    assert who_takes_part(S.SEPARATED, [here(Label.A), here(Label.B)], ENDED_AT) == frozenset()


@pytest.mark.parametrize("state", S)
def test_there_is_something_of_both_while_both_are_here_and_have_not_separated(state: CoupleState) -> None:
    a, b = here(Label.A), here(Label.B)
    assert are_both_here(state, [a, b]) is (state is not S.SEPARATED)
    assert not are_both_here(state, [here(Label.A, left=True), b])
    assert not are_both_here(state, [b])  # of the other everything was erased


@pytest.mark.parametrize(
    ("wanted", "present", "code"),
    [
        ((Label.A, Label.B), {Label.B}, "not_for_both_now"),
        ((Label.A,), {Label.B}, "takes_part_no_more"),
        ((Label.B,), set(), "couple_not_active"),
    ],
)
def test_nothing_new_is_given_to_who_takes_part_no_more(
    wanted: tuple[Label, ...], present: set[Label], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_given(wanted, present)
    assert refusal.value.code == code
    check_given((Label.B,), {Label.B})


def test_reopening_needs_both_anew_since_the_end() -> None:
    check_reopening([here(Label.A, anew=LATER), here(Label.B, anew=ENDED_AT)], ENDED_AT)
    for partners in (
        [here(Label.A, anew=LATER), here(Label.B)],
        [here(Label.A, anew=LATER), here(Label.B, anew=BEFORE)],
        [here(Label.A, anew=LATER), here(Label.B, left=True, anew=LATER)],
        [here(Label.A, anew=LATER)],
    ):
        with pytest.raises(NotAllowed):
            check_reopening(partners, ENDED_AT)


def test_who_may_be_asked_to_agree_anew() -> None:
    assert may_be_asked_anew(S.WITHDRAWN, here(Label.A, left=True), None)
    assert not may_be_asked_anew(S.WITHDRAWN, here(Label.B), None)
    assert may_be_asked_anew(S.SEPARATED, here(Label.B), ENDED_AT)
    assert not may_be_asked_anew(S.SEPARATED, here(Label.B, anew=LATER), ENDED_AT)


def test_a_purpose_is_one_line_and_not_too_long() -> None:
    assert check_purpose("  Their doctor,\n as both wished ") == "Their doctor, as both wished"
    for text in ("", " \n", "x" * (LONGEST_PURPOSE + 1)):
        with pytest.raises(Invalid):
            check_purpose(text)
