"""Several papers as one file for the printer: the client of the program that alone reads PDFs."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from portal.output.render import NotRendered

PROGRAM = Path(__file__).with_name("merging.py")
SECONDS = 60.0
LENGTH = struct.Struct(">I")


def one_file(files: Iterable[bytes], title: str) -> bytes:
    """All pages of these PDFs in one that is not tagged; raises NotRendered where that took too long or failed."""
    asked = b"".join(LENGTH.pack(len(file)) + file for file in files)
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-P", "-s", "-W", "ignore", str(PROGRAM), title],
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PATH": os.defpath},
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NotRendered(type(error).__name__) from None
    return done.stdout
