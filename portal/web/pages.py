"""How pages are compiled: once a language, with the sentences that have no places set into them.

Jinja looks a sentence up, and gathers the globals of every part anew, each time that a page is made; together that
was a third of the time that a page took.
"""

import ast
import re
from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import Template
from jinja2.ext import Extension

from portal.web.phrases import language_code, say

SENTENCE = re.compile(r"\{\{ _\(('(?:[^'\\]|\\.)*')\) \}\}")


class SetSentences(Extension):
    """Puts a sentence into the text of a template before it is compiled; one with places is looked up as ever."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return SENTENCE.sub(_set_in, source)


def _set_in(found: re.Match[str]) -> str:
    """The sentence itself; what a translator wrote must never be read as Jinja, and is then looked up as ever."""
    said = str(say(ast.literal_eval(found[1])))
    return found[0] if "{" in said else said


class Pages(Environment):
    """The pages of an app, each compiled in the reader's language when it is first asked for."""

    MOST_PAGES = 400  # an overlay that is told no size shares the cache, and so the language, of its parent

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._languages: dict[str, Pages] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - named by Jinja
    ) -> Template:
        if self.overlayed:
            return super().get_template(name, parent, globals)
        code = language_code()
        if code not in self._languages:
            self._languages[code] = self.overlay(cache_size=self.MOST_PAGES, extensions=[SetSentences])
        return self._languages[code].get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own globals as they are, since none change once the app is made.

        Raises TypeError for globals of one template: Jinja would write them into those of every page.
        """
        if d:
            raise TypeError("a page has no globals of its own; give it values")
        return self.globals
