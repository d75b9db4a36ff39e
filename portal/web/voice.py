"""The language in which a report is written: that of its reader."""

from flask_babel import get_locale, get_translations

from portal.output.templates import Voice


def voice() -> Voice:
    """The reader's language; English where nobody is signed in."""
    locale = get_locale()
    return Voice(str(locale).replace("_", "-") if locale else "en", _say, _count)


def _say(text: str) -> str:
    found: str = get_translations().ugettext(text)
    return found


def _count(one: str, many: str, number: int) -> str:
    found: str = get_translations().ungettext(one, many, number)
    return found
