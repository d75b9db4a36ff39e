"""What a coach chooses for a copy of the brief: a line of their own, what is said first, and quotes that stay out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from portal.domain import openers
from portal.domain.brief import Brief, Side
from portal.domain.errors import Invalid
from portal.domain.lines import line_or_empty
from portal.domain.openers import SAID_AT_MOST, Opener, OpenerFacts
from portal.domain.people import Label
from portal.domain.session_facts import (
    Both,
    Choices,
    CoachAccount,
    CoachFacts,
    JointAccount,
    JointFacts,
)

MOST_IN_LINE = 260  # characters
MOST_HIDDEN = 40

Facts = TypeVar("Facts", CoachFacts, JointFacts)


class Copy(StrEnum):
    """Which copy of a brief."""

    COACH = "coach"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote that would stand in a copy: its key, whose it is, what of, and whether it stays out."""

    key: str
    label: Label
    of: str | None  # the title of the homework; None for what somebody was glad of
    text: str
    is_hidden: bool


def check(line: str, hidden: Sequence[str], picked: Sequence[str]) -> Choices:
    """What was chosen, as it is kept. Raises Invalid, with `field`."""
    kept = line_or_empty(line, field="line", most=MOST_IN_LINE)
    if len(set(picked)) > SAID_AT_MOST:
        raise Invalid("too_many_openers", most=SAID_AT_MOST, field="openers")
    if len(hidden) > MOST_HIDDEN:
        raise Invalid("not_an_option", field="hidden")
    return Choices(kept, frozenset(hidden), tuple(dict.fromkeys(picked)))


def quotes(facts: CoachFacts | JointFacts) -> tuple[Quoted, ...]:
    """Every quote that a copy from these facts could hold, homework in its order before what each was glad of."""
    return tuple(_quotes(facts))


def _quotes(facts: CoachFacts | JointFacts) -> Iterator[Quoted]:
    hidden = facts.choices.hidden
    for homework in facts.homework:
        for label in Label:
            account = homework.accounts.of(label)
            if account is not None and account.key and (text := _words(account)):
                yield Quoted(account.key, label, homework.title, text, account.key in hidden)
    for label in Label:
        partner = facts.partners.of(label)
        if partner.glad_of and partner.glad_key:
            yield Quoted(partner.glad_key, label, None, partner.glad_of, partner.glad_key in hidden)


def _words(account: CoachAccount | JointAccount) -> str | None:
    if isinstance(account, CoachAccount):
        return account.learning.text if account.learning else None
    return account.learning


def without_hidden(facts: Facts) -> Facts:
    """The facts without the quotes that stay out of their copy; it looks as if nothing had been written there."""
    hidden = facts.choices.hidden
    if not hidden:
        return facts
    homework = tuple(
        replace(one, accounts=Both(_quiet(one.accounts.a, hidden), _quiet(one.accounts.b, hidden)))
        for one in facts.homework
    )
    partners = Both(_less_glad(facts.partners.a, hidden), _less_glad(facts.partners.b, hidden))
    return replace(facts, homework=homework, partners=partners)


def _quiet(account: Any, hidden: frozenset[str]) -> Any:
    return replace(account, learning=None) if account is not None and account.key in hidden else account


def _less_glad(partner: Any, hidden: frozenset[str]) -> Any:
    return replace(partner, glad_of=None) if partner.glad_key in hidden else partner


def said_first(facts: CoachFacts | JointFacts, opening: OpenerFacts, copy: Copy) -> tuple[Opener, ...]:
    """The openers that were picked, as far as they fit still, in the order of the library; else those of the rule."""
    fitting = openers.fitting(facts.openers, opening, copy)
    picked = tuple(opener for opener in fitting if opener.id in facts.choices.openers)
    return picked or openers.choose(facts.openers, opening, copy).say


def quoted_alone(brief: Brief) -> Side | None:
    """Whom all quotes of a brief are of, where there are two or more; else the ear leans to one side unseen."""
    said = [said.side for said in (*brief.wants, *brief.glad_of) if said.text]
    said += [account.side for row in brief.homework for account in row.accounts if account.quote]
    return said[0] if len(said) > 1 and len(set(said)) == 1 else None
