"""The second look at a joint copy: words that repeat something private go, and nothing shows that they were there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.joint_prep import build_joint
from portal.domain.private_words import PrivateText, folded, repeats, strangers, without_private
from portal.domain.session_facts import Both, Choices, JointAccount, JointFacts
from tests.briefs import CUT_OFF, ordinary_joint

LETTER = "I have not told Ben about the letter from my sister."
HERS = "He was quiet before he answered, and I liked it."


def words_of(facts: JointFacts) -> list[str]:
    said = [a.learning for one in facts.homework for a in (one.accounts.a, one.accounts.b) if a.learning]
    return [*said, *(p.glad_of for p in (facts.partners.a, facts.partners.b) if p.glad_of)]


def leaking(text: str) -> JointFacts:
    """The ordinary week, with a private text where a shared quote stands."""
    whole = ordinary_joint()
    first, *rest = whole.homework
    accounts = Both(JointAccount(text, first.accounts.a.figures), first.accounts.b)
    return replace(whole, homework=(replace(first, accounts=accounts), *rest))


def with_line(line: str, **more: object) -> JointFacts:
    return replace(ordinary_joint(), choices=Choices(line, **more))  # type: ignore[arg-type]


SHARED = words_of(ordinary_joint())


def test_a_quote_that_repeats_a_private_text_is_left_out_as_if_it_had_never_been_written() -> None:
    found, is_less = without_private(leaking(LETTER), [PrivateText(LETTER)], SHARED)
    first, *rest = ordinary_joint().homework
    silent = Both(JointAccount(None, first.accounts.a.figures), first.accounts.b)
    never = replace(ordinary_joint(), homework=(replace(first, accounts=silent), *rest))
    assert is_less
    assert found == never
    assert build_joint(found) == build_joint(never)


def test_what_somebody_was_glad_of_goes_the_same_way_and_with_it_the_opener_that_it_led_to() -> None:
    whole = ordinary_joint()
    glad = replace(whole, partners=Both(replace(whole.partners.a, glad_of=LETTER), whole.partners.b))
    found, is_less = without_private(glad, [PrivateText(LETTER)], SHARED)
    never = replace(whole, partners=Both(replace(whole.partners.a, glad_of=None), whole.partners.b))
    assert is_less
    assert build_joint(found) == build_joint(never)
    assert "o17" not in [line.id for line in build_joint(found).openers]


def test_words_that_one_shared_stay_though_the_other_wrote_the_same_privately() -> None:
    facts = ordinary_joint()
    for text in (*SHARED, HERS[3:45], HERS.upper()):
        assert without_private(facts, [PrivateText(text)], SHARED) == (facts, False)
    assert strangers(facts, SHARED) == frozenset()


@pytest.mark.parametrize("copied", [
    LETTER.upper(),
    LETTER.replace(" ", "\n\t "),
    LETTER.replace(" ", "\u00a0"),
    LETTER.replace(" ", ""),
    LETTER.replace("letter", "let\u00adter\u200b"),
    LETTER.replace("t", "\uff54"),
    f"“{LETTER[:-1]}”, she says",
])  # fmt: skip
def test_a_copy_with_other_spaces_signs_or_case_is_found(copied: str) -> None:
    assert without_private(leaking(copied), [PrivateText(LETTER)], SHARED)[1]


def test_a_stretch_of_a_long_private_text_is_found_and_a_shorter_one_is_not() -> None:
    long = f"Last week was hard. {LETTER} It came on Monday."
    assert repeats("Ask about it: not told Ben about the letter from my sister", [long], [])
    assert not repeats("Ask about the letter from my sister", [long], [])


def test_a_short_private_text_is_not_searched_for() -> None:
    short = "I want a quiet evening, alone"
    assert len(short) == 29
    assert not repeats(f"{short}, please", [short], [])
    assert repeats(f"{short}s, please", [f"{short}s"], [])


def test_a_private_text_of_thirty_signs_counts_as_it_was_typed() -> None:
    spaced = "a b c d e f g h i j k l m n o p"
    assert repeats(f"Now: {spaced}", [spaced], [])
    assert not repeats(f"Now: {spaced[:-4]}", [spaced], [])


def test_words_of_the_house_that_stand_in_a_private_text_too_are_no_hit() -> None:
    title = "One holds the floor, ten minutes, with phones away"
    private = f"I liked {title}, but he did not."
    assert not repeats(f"Today: {title}", [private], [title])
    assert repeats(f"Today: {title}", [private], [])


def test_signs_alone_are_compared_as_they_are() -> None:
    assert folded("... !") == "...!"
    assert not repeats(HERS, ["!" * 40], [])


def test_a_line_of_the_coach_that_repeats_something_private_is_left_out_and_the_quotes_stay() -> None:
    found, is_less = without_private(with_line(f"Let us begin: {LETTER}"), [PrivateText(LETTER)], SHARED)
    assert is_less
    assert found == replace(ordinary_joint(), choices=Choices())


def test_a_line_stands_that_somebody_wrote_after_it() -> None:
    chosen = with_line(LETTER, chosen_at=CUT_OFF)
    later, before = (PrivateText(LETTER, CUT_OFF + timedelta(minutes=minutes)) for minutes in (1, -1))
    assert without_private(chosen, [later], SHARED) == (chosen, False)
    assert without_private(chosen, [before], SHARED)[1]
    assert without_private(chosen, [PrivateText(LETTER)], SHARED)[1]


def test_a_line_that_quotes_something_shared_stands() -> None:
    chosen = with_line(f"{HERS[:40]}…")
    assert without_private(chosen, [PrivateText(HERS)], SHARED) == (chosen, False)


def test_two_quotes_and_the_line_may_go_at_once() -> None:
    other = "She has been to see the flat without me, twice."
    facts = replace(leaking(LETTER), choices=Choices(other))
    found, is_less = without_private(facts, [PrivateText(LETTER), PrivateText(other)], SHARED)
    assert is_less
    assert found.choices.line == ""
    assert LETTER not in words_of(found)


def test_a_line_and_a_quote_of_the_same_words_are_judged_each_for_itself() -> None:
    facts = replace(leaking(LETTER), choices=Choices(LETTER, chosen_at=CUT_OFF))
    found, is_less = without_private(facts, [PrivateText(LETTER, CUT_OFF + timedelta(minutes=1))], SHARED)
    assert is_less
    assert found.choices.line == LETTER
    assert LETTER not in words_of(found)
