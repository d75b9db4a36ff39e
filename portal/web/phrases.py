"""What every page asks for dozens of times: words in the reader's language, and addresses.

flask-babel and Flask look up the request anew for each of them, which was a third of the time that a page took.
"""

from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, request
from flask_babel import get_translations
from markupsafe import Markup

from portal.web import guards

CATALOGUES = "portal.catalogues"  # where an app keeps the words of each language


def init_app(app: Flask) -> None:
    known: dict[tuple[str, ...], str] = {}
    app.extensions[CATALOGUES] = {}

    def address(endpoint: str, **values: Any) -> str:
        """As Flask's url_for; what it makes of a route is kept for the process, with places where ids go."""
        ids = [value for value in values.values() if type(value) is UUID]
        file = values.get("filename", "") if endpoint == "static" else ""
        if len(ids) + bool(file) < len(values) or endpoint.startswith("."):
            return app.url_for(endpoint, **values)
        key = (endpoint, request.root_path, file, *values)
        if key not in known:
            places = {name: UUID(int=place) for place, name in enumerate(values)}
            known[key] = app.url_for(endpoint, **(values if file else places))
        return _filled(known[key], ids)

    app.jinja_env.globals.update(url_for=address, _=say, gettext=say, ngettext=count)


def _filled(address: str, ids: list[UUID]) -> str:
    for place, value in enumerate(ids):
        address = address.replace(str(UUID(int=place)), str(value), 1)
    return address


def say(text: str, /, **places: object) -> Markup:
    """A sentence in the reader's language, with its places filled; only the sentence itself may hold markup."""
    said = Markup(_translations().ugettext(text))  # noqa: S704 - the sentence is a template's or a catalogue's
    return said % places if "%" in said else said


def count(one: str, many: str, number: int, /, **places: object) -> Markup:
    """A sentence about a number, which stands at its place `num`."""
    return Markup(_translations().ungettext(one, many, number)) % {"num": number, **places}  # noqa: S704 - likewise


def _translations() -> Any:
    found = g.get("translations")
    if found is None:
        catalogues, language = current_app.extensions[CATALOGUES], guards.locale()
        found = g.translations = catalogues.get(language) or catalogues.setdefault(language, get_translations())
    return found
