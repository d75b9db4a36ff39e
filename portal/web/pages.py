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
        return SENTENCE.sub(lambda found: str(say(ast.literal_eval(found[1]))), source)


class Pages(Environment):
    """The pages of an app, each compiled in the reader's language when it is first asked for."""

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
            self._languages[code] = self.overlay(cache_size=400, extensions=[SetSentences])
        return self._languages[code].get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own globals as they are, since none of ours change once the app is made."""
        return {**self.globals, **d} if d else self.globals
