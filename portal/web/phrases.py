"""What every page asks for dozens of times: words in the reader's language, and addresses.

flask-babel and Flask look up the request anew for each of them, which was a third of the time that a page took.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, request
from flask_babel import force_locale, get_translations
from markupsafe import Markup, escape

from portal.web import guards

PLACES = tuple(str(UUID(int=place)) for place in range(4))  # where ids go in an address; none has more
LANGUAGES = "portal.languages"  # where an app keeps the words of each language


@dataclass(frozen=True, slots=True)
class _Language:
    """The catalogue of a language, and the sentences that were looked up in it: as many as templates hold."""

    code: str
    catalogue: Any
    said: dict[str, Markup] = field(default_factory=dict)


def init_app(app: Flask) -> None:
    known: dict[tuple[str, ...], str] = {}
    app.extensions[LANGUAGES] = {}

    def address(endpoint: str, **values: Any) -> str:
        """As Flask's url_for; what it makes of a route is kept for the process, with places where ids go."""
        ids = [value for value in values.values() if type(value) is UUID]
        file = values.get("filename", "") if endpoint == "static" else ""
        if len(ids) + bool(file) < len(values) or endpoint.startswith("."):
            return app.url_for(endpoint, **values)
        key = (endpoint, request.root_path, file, *values)
        if key not in known:
            places = dict(zip(values, PLACES, strict=False))
            known[key] = app.url_for(endpoint, **(values if file else places))
        return _filled(known[key], ids)

    app.jinja_env.globals.update(url_for=address, page_language=language_code, _=say, gettext=say, ngettext=count)


def _filled(address: str, ids: list[UUID]) -> str:
    for place, value in zip(PLACES, ids, strict=False):
        address = address.replace(place, str(value), 1)
    return address


def say(text: str, /, **places: object) -> Markup:
    """A sentence in the reader's language, with its places filled; only the sentence itself may hold markup."""
    known = _language().said
    said = known.get(text)
    if said is None:
        said = Markup(_language().catalogue.ugettext(text))  # noqa: S704 - a template's sentence, or a catalogue's
        known[text] = said
    return _set_into(said, places) if "%" in said else said


def count(one: str, many: str, number: int, /, **places: object) -> Markup:
    """A sentence about a number, which stands at its place `num`."""
    counted = _language().catalogue.ungettext(one, many, number)
    return _set_into(counted, {"num": number, **places})


def _set_into(sentence: str, places: Mapping[str, object]) -> Markup:
    """The sentence with its places filled; what comes into them is escaped. As Markup's own `%`, in half the time."""
    filled = str.__mod__(sentence, {name: _plain(value) for name, value in places.items()})
    return Markup(filled)  # noqa: S704 - a template's sentence or a catalogue's, and what is escaped


def _plain(value: object) -> object:
    """What may stand in markup: a number or what is markup already is taken as it is."""
    return value if type(value) in (int, Markup) else escape(value)


def language_code() -> str:
    """The language of whoever reads this, as "en"."""
    return _language().code


def _language() -> _Language:
    found: _Language | None = getattr(g, "language", None)
    if found is None:
        known, wanted = current_app.extensions[LANGUAGES], guards.locale()
        if wanted not in known:
            with force_locale(wanted):  # what babel keeps of this request may be from before somebody signed in
                known[wanted] = _Language(wanted, get_translations())
        found = g.language = known[wanted]
    return found
