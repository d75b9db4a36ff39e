"""What every page asks for dozens of times: words in the reader's language, and addresses that are the same for all.

flask-babel and Flask look up the request anew for each of them, which was a third of the time that a page took.
"""

from typing import Any

from flask import Flask, g, request
from flask_babel import get_translations
from markupsafe import Markup

SAME_FOR_ALL = ({"filename"}, set[str]())  # the names in addresses that hold nothing of anybody's


def init_app(app: Flask) -> None:
    known: dict[tuple[str, str, object], str] = {}

    def address(endpoint: str, **values: Any) -> str:
        """As Flask's url_for; addresses without an id of anybody's in them are built once in a process."""
        if values.keys() not in SAME_FOR_ALL or endpoint.startswith("."):
            return app.url_for(endpoint, **values)
        key = (endpoint, request.root_path, values.get("filename"))
        if key not in known:
            known[key] = app.url_for(endpoint, **values)
        return known[key]

    app.jinja_env.globals.update(url_for=address, _=say, gettext=say, ngettext=count)


def say(text: str, /, **places: object) -> Markup:
    """A sentence in the reader's language, with its places filled; only the sentence itself may hold markup."""
    return Markup(_translations().ugettext(text)) % places  # noqa: S704 - the sentence is a template's or a catalogue's


def count(one: str, many: str, number: int, /, **places: object) -> Markup:
    """A sentence about a number, which stands at its place `num`."""
    return Markup(_translations().ungettext(one, many, number)) % {"num": number, **places}  # noqa: S704 - likewise


def _translations() -> Any:
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations
