"""The type of the pages, served from files cut once; until they are there, pages stand in the system's fonts."""

import logging
import subprocess
from pathlib import Path
from threading import Lock, Thread

import fontpkg
from flask import Flask, Response, abort, send_file

from portal.output import fonts
from portal.settings import Settings
from portal.web.guards import open_to_all

YEAR = 365 * 24 * 3600
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["portal.settings"]
    folder, asked, lock = settings.instance / "cache" / "fonts", set[str](), Lock()

    @app.get("/static/fonts/<name>", endpoint="fonts")
    @open_to_all
    def show(name: str) -> Response:
        if name not in fonts.CUTS or not name.endswith(".woff2"):
            abort(404)
        file = folder / name
        if file.is_file():
            response = send_file(file.resolve(), mimetype="font/woff2", max_age=YEAR)
            response.cache_control.immutable = True
            return response
        with lock:
            is_first = name not in asked
            asked.add(name)
        if is_first:
            Thread(target=_make, args=(name, folder), daemon=True).start()
        abort(404)


def _make(name: str, folder: Path) -> None:
    try:
        fonts.made(name, folder)
    except (OSError, subprocess.SubprocessError, fontpkg.FontpkgError):
        log.warning("the font %s could not be made; pages stand in the system's fonts", name)
