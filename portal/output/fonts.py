"""The two type families as files that pages and papers can use: Latin subsets, cut once from the variable fonts of their packages."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import fontpkg

LATIN = (
    "U+0020-007E,U+00A0-017F,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2039,U+203A,U+20AC,U+2122,U+2190-2193,U+2212"
)
FEATURES = "kern,liga,lnum,tnum,mark,ccmp,locl"
SECONDS_TO_CUT = 120


@dataclass(frozen=True)
class Cut:
    """One file to make: the family, and the place or range on each axis of its variable font."""

    family: str
    axes: tuple[str, ...]


CUTS = {
    "source-sans-3.woff2": Cut("Source Sans 3", ("wght=400:700",)),
    "source-serif-4.woff2": Cut("Source Serif 4", ("wght=400:600", "opsz=14")),
    "source-sans-3-400.ttf": Cut("Source Sans 3", ("wght=400",)),
    "source-sans-3-600.ttf": Cut("Source Sans 3", ("wght=600",)),
    "source-serif-4-400.ttf": Cut("Source Serif 4", ("wght=400", "opsz=14")),
    "source-serif-4-600.ttf": Cut("Source Serif 4", ("wght=600", "opsz=14")),
}


def made(name: str, folder: Path) -> Path:
    """The file `name` (a key of CUTS) in `folder`, made on the first call, which takes some seconds.

    Raises KeyError for another name, and OSError, subprocess.SubprocessError or fontpkg.FontpkgError where it cannot be made.
    """
    cut, target = CUTS[name], folder / name
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        few, placed, ready = Path(scratch, "few.ttf"), Path(scratch, "placed.ttf"), Path(scratch, name)
        source = fontpkg.path(cut.family)
        _run("subset", str(source), f"--unicodes={LATIN}", f"--layout-features={FEATURES}", f"--output-file={few}")
        _run("varLib.instancer", str(few), *cut.axes, "--quiet", f"--output={placed}")
        flavour = ["--flavor=woff2"] if name.endswith(".woff2") else []
        _run("subset", str(placed), "--glyphs=*", "--layout-features=*", *flavour, f"--output-file={ready}")
        ready.replace(target)
    return target


def _run(tool: str, *arguments: str) -> None:
    """fontTools works in a process of its own, so that no server carries its weight."""
    command = [sys.executable, "-m", f"fontTools.{tool}", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS_TO_CUT)  # noqa: S603 - our own arguments


if __name__ == "__main__":
    for each in CUTS:
        made(each, Path(sys.argv[1]))
