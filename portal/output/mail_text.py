"""The words of mails: neutral ones, for they are read on the phone that lies on the table."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HOUSE = Path(__file__).parent.parent.parent
TEMPLATES = HOUSE / "templates" / "email"
LANGUAGES = HOUSE / "portal" / "translations"


def write(message: str, language: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text of one mail in one language; the first line of its template is the subject."""
    rendered = _environment(language).get_template(f"{message}.txt").render(**words)
    subject, _, text = rendered.partition("\n")
    return subject.strip(), text.strip() + "\n"


@cache
def _environment(language: str) -> Environment:
    """Plain text: nothing in it is read as markup."""
    environment = Environment(  # noqa: S701 - plain text needs no escaping
        loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], undefined=StrictUndefined, trim_blocks=True
    )
    words: NullTranslations = Translations.load(LANGUAGES, [language])
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    return environment
