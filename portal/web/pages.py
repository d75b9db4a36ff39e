"""How pages are compiled: once a language, with the sentences, addresses and icons that have no places set into them.

Jinja looks each of them up, and gathers the globals of every part anew, each time that a page is made; together that
was a third of the time that a page took.
"""

import ast
import re
from collections.abc import MutableMapping
from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask.templating import Environment
from jinja2 import Template
from jinja2.ext import Extension

from portal.web.phrases import language_code, say

LITERAL = r"_\(('(?:[^'\\]|\\.)*')\)"
SENTENCE = re.compile(r"\{\{ " + LITERAL + r" \}\}")
IN_AN_EXPRESSION = re.compile(r"(?<![\w.])" + LITERAL)
URL_FOR = r"url_for\('([\w.]+)'(?:, filename='([\w./-]+)')?\)"
ADDRESS = re.compile(r"\{\{ " + URL_FOR + r" \}\}")
ADDRESS_IN_AN_EXPRESSION = re.compile(r"(?<![\w.])" + URL_FOR)
ICONS = "components/icons.html"
ICON = re.compile(r"\{\{ (icon|arch|sill|scene)\((?:'([^']*)')?\) \}\}")


class SetConstants(Extension):
    """Puts what is the same on each making of a page into its source."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        source = IN_AN_EXPRESSION.sub(_as_a_constant, SENTENCE.sub(_set_in, source))
        source = ADDRESS_IN_AN_EXPRESSION.sub(_as_a_literal, ADDRESS.sub(_as_an_address, source))
        return source if name == ICONS else ICON.sub(self._as_drawn, source)

    def _as_drawn(self, found: re.Match[str]) -> str:
        icons = self.environment.get_template(ICONS).module
        return str(getattr(icons, found[1])(*([found[2]] if found[2] else [])))


def _as_an_address(found: re.Match[str]) -> str:
    return url_for(found[1], filename=found[2]) if found[2] else url_for(found[1])


def _as_a_literal(found: re.Match[str]) -> str:
    return f"({_as_an_address(found)!r}|safe)"


def _set_in(found: re.Match[str]) -> str:
    """The sentence itself; what a translator wrote must never be read as Jinja, and is then looked up as ever."""
    said = str(say(ast.literal_eval(found[1])))
    return found[0] if "{" in said else said


def _as_a_constant(found: re.Match[str]) -> str:
    """The sentence as a literal of Jinja, whose `safe` is worked out when the page is compiled."""
    return f"({str(say(ast.literal_eval(found[1])))!r}|safe)"


class Pages(Environment):
    """The pages of an app, compiled when they are first asked for: in the reader's language, and below one address."""

    MOST_PAGES = 400  # an overlay that is told no size shares the cache, and so the language, of its parent

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._compiled: dict[tuple[str, str], Pages] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - named by Jinja
    ) -> Template:
        if self.overlayed:
            return super().get_template(name, parent, globals)
        wanted = (language_code(), request.root_path if has_request_context() else "")
        if wanted not in self._compiled:
            self._compiled[wanted] = self.overlay(extensions=[SetConstants], cache_size=self.MOST_PAGES)
        return self._compiled[wanted].get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own globals as they are, since none change once the app is made.

        Raises TypeError for globals of one template: Jinja would write them into those of every page.
        """
        if d:
            raise TypeError("a page has no globals of its own; give it values")
        return self.globals
