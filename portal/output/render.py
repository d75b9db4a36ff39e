"""The client of the warm child that sets pages: few children, a clock on each job, and plain text when all else fails.

A child is started by the first job, holds no secret of this process, is recycled after a number of jobs, killed when it
takes too long, and ends when this process does. After a fork (the workers of a web server) each process has its own.
"""

import hashlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from portal.output.plain import plain

PROGRAM = Path(__file__).with_name("pdf.py")
STATIC = PROGRAM.parent.parent / "static"
FONTS = STATIC / "fonts" / "fonts.conf"
LIBRARIES = ("weasyprint", "pydyf", "fonttools")
CHILDREN = 2
SECONDS = 15.0
JOBS_OF_A_CHILD = 200
LENGTH = struct.Struct(">I")
CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF; `fallback` says that it holds the words of the page without its layout."""

    content: bytes
    fallback: bool


class NotRendered(Exception):  # noqa: N818 - read as a sentence where it is caught
    """Neither the page nor its plain text became a file."""


class _JobFailed(Exception):  # noqa: N818
    """A job that took too long, killed its child, or was refused by it."""


class _Child:
    """One process that runs `pdf.py`, and the two pipes to it."""

    def __init__(self, nice: int) -> None:
        self.jobs = 0
        self._process = subprocess.Popen(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-P", "-s", "-W", "ignore", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "FONTCONFIG_FILE": str(FONTS), "PATH": os.defpath},
            cwd=PROGRAM.parent,
        )
        os.setpriority(os.PRIO_PROCESS, self._process.pid, nice)
        if self._process.stdin is None or self._process.stdout is None:  # pragma: no cover - asked for just above
            raise _JobFailed
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)

    def run(self, html: str, seconds: float) -> bytes:
        """The reply to one job; raises _JobFailed, after which the child must be ended."""
        deadline = time.monotonic() + seconds
        body = html.encode()
        self.jobs += 1
        self._send(LENGTH.pack(len(body)) + body, deadline)
        status = self._receive(1, deadline)
        (length,) = LENGTH.unpack(self._receive(LENGTH.size, deadline))
        content = self._receive(length, deadline)
        if status != b"D":
            raise _JobFailed(content.decode(errors="replace"))
        return content

    def _send(self, content: bytes, deadline: float) -> None:
        rest = memoryview(content)
        while rest:
            _wait(deadline, writes=self._in)
            try:
                rest = rest[os.write(self._in, rest) :]
            except BrokenPipeError:
                raise _JobFailed("gone") from None

    def _receive(self, count: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        while count:
            _wait(deadline, reads=self._out)
            part = os.read(self._out, min(count, CHUNK))
            if not part:
                raise _JobFailed("gone")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _wait(deadline: float, *, reads: int | None = None, writes: int | None = None) -> None:
    left = deadline - time.monotonic()
    poller = select.poll()
    if reads is not None:
        poller.register(reads, select.POLLIN)
    if writes is not None:
        poller.register(writes, select.POLLOUT)
    if left <= 0 or not poller.poll(left * 1000):
        raise _JobFailed("too slow")


class Renderer:
    """At most `children` warm processes; `render` may be called from any thread.

    `nice` says by how much they give way to others, 0 to 19, as the system counts it.
    """

    def __init__(
        self, *, children: int = CHILDREN, seconds: float = SECONDS, jobs: int = JOBS_OF_A_CHILD, nice: int = 0
    ) -> None:
        self._children, self._seconds, self._jobs, self._nice = children, seconds, jobs, nice
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._free = threading.BoundedSemaphore(self._children)
        self._lock = threading.Lock()
        self._warm: list[_Child] = []

    def render(self, html: str) -> Rendered:
        """The page as a PDF; as plain text where the page fails or takes too long; raises NotRendered."""
        try:
            return Rendered(self._job(html), fallback=False)
        except _JobFailed:
            pass
        try:
            return Rendered(self._job(plain(html)), fallback=True)
        except _JobFailed as error:
            raise NotRendered(str(error)) from None

    def close(self) -> None:
        """End all children that are idle."""
        with self._lock:
            idle, self._warm = self._warm, []
        for child in idle:
            child.end()

    def _job(self, html: str) -> bytes:
        if os.getpid() != self._owner:  # forked: the pipes belong to the parent
            self._begin()
        with self._free:
            child = self._take()
            try:
                content = child.run(html, self._seconds)
            except BaseException:
                child.end()
                raise
            self._give_back(child)
            return content

    def _take(self) -> _Child:
        with self._lock:
            if self._warm:
                return self._warm.pop()
        return _Child(self._nice)

    def _give_back(self, child: _Child) -> None:
        if child.jobs >= self._jobs:
            child.end()
            return
        with self._lock:
            self._warm.append(child)


_renderer = Renderer()


def render_pdf(html: str) -> Rendered:
    """The page as a PDF that is PDF/UA-1 and PDF/A-3a, by this process's warm children; raises NotRendered."""
    return _renderer.render(html)


@cache
def press() -> str:
    """What a paper is made by, as a digest: the program, the style sheets, the fonts and the libraries that set it."""
    files = [PROGRAM, *sorted(STATIC.glob("report*.css")), *sorted((STATIC / "fonts").glob("*.ttf"))]
    digest = hashlib.sha256("".join(metadata.version(name) for name in LIBRARIES).encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
