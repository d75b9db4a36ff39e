"""Where the databases of tests lie: in memory where the machine has room there, for none need outlive its test."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM = 2 * 1024**3


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """A new folder, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=SHARED_MEMORY if _has_room() else None))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _has_room() -> bool:
    try:
        return shutil.disk_usage(SHARED_MEMORY).free >= ROOM
    except OSError:
        return False
