"""A joint task as two accounts: done when both say so alone, and differing accounts as something to talk about."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.joint_tasks import FAR_APART, FigureApart, Telling, TwoAccounts, differ, two_accounts
from portal.domain.people import Label
from portal.domain.session_facts import Both, CoachAccount, Figure, Progress

DONE, PARTLY, NOT_THIS_TIME = Progress
A, B = Label


def account(progress=DONE, **figures) -> CoachAccount:
    return CoachAccount(progress, figures=tuple(Figure(label, value) for label, value in figures.items()))


accounts = st.none() | st.builds(
    CoachAccount,
    st.sampled_from(Progress) | st.none(),
    figures=st.lists(
        st.builds(Figure, st.sampled_from("xyz"), st.integers(0, 10)), unique_by=lambda figure: figure.label
    ).map(tuple),
)


@pytest.mark.parametrize(
    ("one", "other", "telling"),
    [
        (DONE, DONE, Telling.DONE),
        (DONE, PARTLY, Telling.IN_PART),
        (PARTLY, PARTLY, Telling.IN_PART),
        (PARTLY, NOT_THIS_TIME, Telling.IN_PART),
        (NOT_THIS_TIME, NOT_THIS_TIME, Telling.NOT_THIS_TIME),
        (DONE, NOT_THIS_TIME, Telling.DIFFERING),
    ],
)
def test_it_is_done_when_both_say_so_and_differing_when_one_did_it_and_the_other_not(one, other, telling):
    for accounts_of_both in (Both(account(one), account(other)), Both(account(other), account(one))):
        assert two_accounts(accounts_of_both).telling is telling


def test_until_both_have_come_in_one_account_is_one_account_whatever_it_says():
    nothing = CoachAccount()
    for progress, missing in product(Progress, (None, nothing)):
        assert two_accounts(Both(account(progress, ease=9), missing)) == TwoAccounts(Telling.ONE_ACCOUNT, (A,))
        assert two_accounts(Both(missing, account(progress))) == TwoAccounts(Telling.ONE_ACCOUNT, (B,))
    assert two_accounts(Both(None, nothing)) == TwoAccounts(Telling.NO_ACCOUNT)


def test_both_may_have_done_it_and_tell_differently_of_how_it_was():
    found = two_accounts(Both(account(ease=8, calm=3, only_mine=9), account(ease=8 - FAR_APART, calm=4)))
    assert found.telling is Telling.DONE
    assert found.apart == (FigureApart("ease", Both(8, 4)),)
    assert found.is_talking_point
    assert not two_accounts(Both(account(ease=8), account(ease=5))).is_talking_point


@given(accounts, accounts)
def test_two_accounts_always_come_to_something_and_never_to_an_error(one, other):
    found = two_accounts(Both(one, other))
    assert (found.telling is Telling.NO_ACCOUNT) == (not found.told_by)
    assert found.is_talking_point <= (len(found.told_by) == 2)


@given(accounts, accounts)
def test_neither_account_counts_for_more_than_the_other(one, other):
    found, turned = two_accounts(Both(one, other)), two_accounts(Both(other, one))
    assert found.telling is turned.telling
    assert {(apart.label, apart.values.a, apart.values.b) for apart in found.apart} == {
        (apart.label, apart.values.b, apart.values.a) for apart in turned.apart
    }


@given(accounts, accounts)
def test_the_brief_calls_those_differing_that_are_a_talking_point(one, other):
    if one is not None and other is not None and one.progress and other.progress:
        assert differ(one, other) == two_accounts(Both(one, other)).is_talking_point
