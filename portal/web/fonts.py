"""The type of the pages: Latin subsets, cut once from the packages' fonts; until then pages stand in the system's."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock, Thread

import fontpkg
from flask import Flask, Response, abort, send_file

from portal.settings import Settings
from portal.web.guards import open_to_all

YEAR = 365 * 24 * 3600
LATIN = "U+0020-007E,U+00A0-017F,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2039,U+203A,U+20AC,U+2122,U+2190-2193,U+2212"
FEATURES = "kern,liga,lnum,tnum,mark,ccmp,locl"
SECONDS_TO_CUT = 120
# file -> family, and the place or range on each axis of its variable font
CUTS = {
    "source-sans-3.woff2": ("Source Sans 3", "wght=400:700"),
    "source-serif-4.woff2": ("Source Serif 4", "wght=400:600", "opsz=14"),
}
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["portal.settings"]
    folder, asked, lock = _folder(settings), set[str](), Lock()

    @app.get("/static/fonts/<any('source-sans-3.woff2', 'source-serif-4.woff2'):name>", endpoint="fonts")
    @open_to_all
    def show(name: str) -> Response:
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


def _folder(settings: Settings) -> Path:
    return settings.instance / "cache" / "fonts"


def make_ahead(app: Flask) -> None:
    """Make what is not made yet before a server starts, so that its first page stands in its own type."""
    for name in CUTS:
        _make(name, _folder(app.extensions["portal.settings"]))


def made(name: str, folder: Path) -> Path:
    """The file `name` (a key of CUTS) in `folder`, made on the first call, which takes about five seconds.

    Raises OSError, subprocess.SubprocessError or fontpkg.FontpkgError where it cannot be made.
    """
    (family, *axes), target = CUTS[name], folder / name
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        few, placed, ready = Path(scratch, "few.ttf"), Path(scratch, "placed.ttf"), Path(scratch, name)
        source = fontpkg.path(family)
        _run("subset", str(source), f"--unicodes={LATIN}", f"--layout-features={FEATURES}", f"--output-file={few}")
        _run("varLib.instancer", str(few), *axes, "--quiet", f"--output={placed}")
        _run("subset", str(placed), "--glyphs=*", "--layout-features=*", "--flavor=woff2", f"--output-file={ready}")
        ready.replace(target)
    return target


def _run(tool: str, *arguments: str) -> None:
    """fontTools works in a process of its own, so that no server carries its weight."""
    command = [sys.executable, "-m", f"fontTools.{tool}", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS_TO_CUT)  # noqa: S603 - our own arguments


def _make(name: str, folder: Path) -> None:
    try:
        made(name, folder)
    except (OSError, subprocess.SubprocessError, fontpkg.FontpkgError):
        log.warning("the font %s could not be made; pages stand in the system's fonts", name)
