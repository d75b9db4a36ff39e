"""Words of a joint copy that repeat something private: found at run time, and left out as if never written.

By construction the joint copy holds shared words alone; this is the second look, for a mistake of ours and for the
coach's own line. Nothing that stands in a shared text is looked for: who wrote the same words privately stays unseen.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain.session_facts import Both, JointAccount, JointFacts, JointPartner

SHORTEST = 30  # characters, of a private text that is searched for, and of a stretch of one
_UNSEEN = re.compile("[\\s\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_SIGNS = re.compile("[!-/:-@\\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3001-\u3003\uff01-\uff0f]+")


@dataclass(frozen=True, slots=True)
class PrivateText:
    """Something that is not open to both. `written_at`: from when it can have been copied; None for at any time."""

    text: str
    written_at: datetime | None = None


def folded(text: str) -> str:
    """A text without what a copy and paste may change: spaces, signs, invisible characters, case, ways of writing."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return _SIGNS.sub("", plain) or plain


def strangers(facts: JointFacts, shared: Iterable[str]) -> frozenset[str]:
    """The words of a joint copy that stand in no shared text: these alone are searched."""
    known = [folded(text) for text in shared]
    words = {*_quotes(facts), facts.choices.line} - {""}
    return frozenset(text for text in words if not any(folded(text) in other for other in known))


def _quotes(facts: JointFacts) -> set[str]:
    accounts = (account for one in facts.homework for account in (one.accounts.a, one.accounts.b))
    quotes = [*(account.learning for account in accounts), facts.partners.a.glad_of, facts.partners.b.glad_of]
    return {quote for quote in quotes if quote}


def repeats(text: str, private: Iterable[str], shared: Iterable[str]) -> bool:
    """Whether `text` holds a private text, or a stretch of one, of 30 characters that stand in no shared text."""
    own, known = folded(text), [folded(other) for other in shared]
    stretches = {own[i : i + SHORTEST] for i in range(len(own) - SHORTEST + 1)}
    stretches = {one for one in stretches if not any(one in other for other in known)}
    for hidden in private:
        if len(" ".join(hidden.split())) < SHORTEST:
            continue
        whole = folded(hidden)
        if whole in own and not any(whole in other for other in known):
            return True
        if any(one in whole for one in stretches):
            return True
    return False


def without_private(
    facts: JointFacts, private: Sequence[PrivateText], shared: Collection[str]
) -> tuple[JointFacts, bool]:
    """The facts without what repeats something private, as if it had never been written; and whether any of it did.

    The coach's own line is compared with what had been written by when it was chosen: what somebody writes later was
    not copied into it, and a line that vanished then would tell of it.
    """
    at, line, searched = facts.choices.chosen_at, facts.choices.line, strangers(facts, shared)
    texts = [one.text for one in private]
    found = {text for text in _quotes(facts) & searched if repeats(text, texts, shared)}
    before = [one.text for one in private if at is None or one.written_at is None or one.written_at <= at]
    has_line = line in searched and repeats(line, before, shared)
    if not found and not has_line:
        return facts, False
    homework = tuple(
        replace(one, accounts=Both(_quiet(one.accounts.a, found), _quiet(one.accounts.b, found)))
        for one in facts.homework
    )
    partners = Both(_less_glad(facts.partners.a, found), _less_glad(facts.partners.b, found))
    choices = replace(facts.choices, line="" if has_line else line)
    return replace(facts, homework=homework, partners=partners, choices=choices), True


def _quiet(account: JointAccount, found: Collection[str]) -> JointAccount:
    return replace(account, learning=None) if account.learning in found else account


def _less_glad(partner: JointPartner, found: Collection[str]) -> JointPartner:
    return replace(partner, glad_of=None) if partner.glad_of in found else partner
