"""The words for what the house refuses: one sentence for each code, in the reader's language."""

from flask_babel import lazy_gettext as _l

from portal.domain.errors import Refused

WORDS = {
    "link_unknown": _l("This link is not known here. It may have been replaced by a newer one."),
    "link_used": _l("This link has been used already."),
    "link_expired": _l("This link has run out."),
    "code_wrong": _l("This code does not fit. Ask for it again; it has six digits."),
    "code_attempts": _l("The code was wrong too often. Ask for a new invitation."),
    "wrong_passphrase": _l("This is not your pass phrase."),
    "passphrase_short": _l("Use %(shortest)s characters or more. Three or four words are easy to keep in mind."),
    "passphrase_long": _l("Use %(longest)s characters at most."),
    "passphrase_easy": _l("This one is easy to guess. Take a few words that have nothing to do with you."),
    "not_an_address": _l("Give an e-mail address, such as name@example.org."),
    "not_a_number": _l("Give a whole number in digits."),
    "out_of_range": _l("Give a number from %(minimum)s to %(maximum)s."),
    "not_an_option": _l("Choose one of the answers."),
    "not_a_date": _l("Give the day as a date, such as 2026-11-20."),
    "too_long": _l("This is longer than %(maximum)s characters. Please shorten it."),
    "na_not_allowed": _l("Choose a number, or skip this question."),
}


def words_for(error: Refused) -> str:
    """The sentence for a refusal; a code without a sentence of its own gets a plain one."""
    sentence = WORDS.get(error.code)
    if sentence is None:
        return str(_l("This cannot be done now."))
    return str(sentence) % error.params if error.params else str(sentence)
