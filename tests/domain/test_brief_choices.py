"""What a coach chooses for a copy: rules about lines, openers and words that stay out, each copy apart."""

from dataclasses import replace

import pytest

from portal.domain import brief_choices, joint_prep, session_prep
from portal.domain.brief import LeftOut
from portal.domain.brief_choices import Copy, check
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid
from portal.domain.joint_prep import build_joint
from portal.domain.people import Label
from portal.domain.session_facts import (
    Both,
    Choices,
    CoachAccount,
    CoachFacts,
    CoachHomework,
    CoachPartner,
    JointAccount,
    JointPartner,
    Progress,
    Quote,
)
from portal.domain.session_prep import build_coach
from tests import briefs

ANAS, BENS, GLAD = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))


def account(text: str, key: str) -> CoachAccount:
    return CoachAccount(Progress.DONE, learning=Quote(text, Disclosure.COACH), key=key)


def coach(hidden: tuple[str, ...] = (), **more: object) -> CoachFacts:
    homework = CoachHomework(
        "A walk", "To talk", briefs.CUT_OFF.date(), Both(account("Mine", ANAS), account("His", BENS))
    )
    partners = Both(CoachPartner(glad_of="The tea", glad_key=GLAD), CoachPartner())
    return replace(
        briefs.ordinary(),
        homework=(homework,),
        partners=partners,
        choices=Choices(hidden=frozenset(hidden), **more),  # type: ignore[arg-type]
    )


def test_what_is_offered_to_be_left_out_is_what_would_stand_there() -> None:
    found = brief_choices.quotes(coach((BENS,)))
    assert [(quote.key, quote.label, quote.of, quote.is_hidden) for quote in found] == [
        (ANAS, Label.A, "A walk", False),
        (BENS, Label.B, "A walk", True),
        (GLAD, Label.A, None, False),
    ]


def test_words_that_stay_out_leave_the_rest_of_their_form_and_are_said_to_be_left_out() -> None:
    brief = build_coach(coach((BENS, GLAD)))
    told = {account.side.name: account for account in brief.homework[0].accounts}
    assert (told["Ana"].quote, told["Ben"].quote, told["Ben"].progress) == ("Mine", None, Progress.DONE)
    assert [said.text for said in brief.glad_of] == [None, None]
    assert LeftOut.HIDDEN_QUOTES in brief.left_out
    assert LeftOut.HIDDEN_QUOTES not in build_coach(coach(("of another session",))).left_out


def test_words_that_stay_out_of_the_joint_copy_look_as_if_nothing_had_been_shared() -> None:
    joint = briefs.ordinary_joint()
    bare = replace(joint, homework=tuple(
        replace(one, accounts=Both(replace(one.accounts.a, learning=None), one.accounts.b)) for one in joint.homework
    ), partners=Both(replace(joint.partners.a, glad_of=None), joint.partners.b))  # fmt: skip
    keyed = replace(joint, homework=tuple(
        replace(one, accounts=Both(replace(one.accounts.a, key=ANAS), one.accounts.b)) for one in joint.homework
    ), partners=Both(replace(joint.partners.a, glad_key=ANAS), joint.partners.b))  # fmt: skip
    assert build_joint(replace(keyed, choices=Choices(hidden=frozenset({ANAS})))) == build_joint(bare)
    assert isinstance(joint.partners.a, JointPartner)
    assert any(isinstance(one.accounts.a, JointAccount) and one.accounts.a.learning for one in joint.homework)


def test_the_coach_copy_says_where_all_words_quoted_are_of_one_alone() -> None:
    both, one = build_coach(coach()), build_coach(coach((BENS,)))
    assert both.quoted_alone is None
    assert one.quoted_alone is not None
    assert one.quoted_alone.name == "Ana"
    assert build_coach(coach((BENS, GLAD))).quoted_alone is None  # a single one leans to nobody


def test_openers_are_picked_of_those_that_fit_in_the_order_of_the_library() -> None:
    fitting = [opener.id for opener in session_prep.openers_to_pick(briefs.ordinary())]
    assert fitting[-1] == "o20"
    picked = tuple(reversed(fitting[-2:]))
    brief = build_coach(replace(briefs.ordinary(), choices=Choices(openers=picked)))
    assert [line.id for line in brief.openers] == fitting[-2:]
    assert (
        build_coach(replace(briefs.ordinary(), choices=Choices(openers=("o01",)))).openers
        == build_coach(briefs.ordinary()).openers
    )


def test_the_joint_copy_offers_joint_openers_alone() -> None:
    joint = briefs.ordinary_joint()
    library = {opener.id: opener.copy for opener in joint.openers}
    assert {library[opener.id] for opener in joint_prep.openers_to_pick(joint)} == {"joint"}


def test_a_line_of_ones_own_takes_room_and_stands_in_its_copy() -> None:
    line = "Begin with the walk"
    assert build_coach(coach(line=line)).own_line == line
    assert build_joint(replace(briefs.ordinary_joint(), choices=Choices(line))).own_line == line


@pytest.mark.parametrize(
    ("line", "hidden", "picked", "field"),
    [("x" * 261, [], [], "line"), ("", ["k"] * 41, [], "hidden"), ("", [], ["a", "b", "c", "d"], "openers")],
)
def test_more_than_fits_is_refused(line: str, hidden: list[str], picked: list[str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(line, hidden, picked)
    assert refused.value.params["field"] == field


def test_a_line_is_kept_as_one_and_each_choice_once() -> None:
    assert check(" a\n b\x00 ", ["k", "k"], ["o", "o"]) == Choices("a b", frozenset({"k"}), ("o",))
    assert list(Copy) == ["coach", "joint"]
