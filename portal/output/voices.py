"""The languages that reports are written in where no page is asked for: each reader's own, by its tag."""

from functools import cache

from babel.support import Translations

from portal.output.mail_text import LANGUAGES
from portal.output.templates import Voice


@cache  # a voice made anew for each report would fill the shelf of environments
def voice_in(language: str) -> Voice:
    """The voice of a language, as the pages of its readers have it."""
    words = Translations.load(LANGUAGES, [language])
    return Voice(language.replace("_", "-"), words.gettext, words.ngettext)
