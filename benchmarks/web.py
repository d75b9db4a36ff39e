"""How fast pages and durable writes are, as a share of the barest Flask app on the same kind of server, in one run.

Both servers are gunicorn with two sync workers; rounds go from one to the other in turn, so that a machine that grows
slower slows both, and the median of the rounds' ratios counts.
"""

import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path

from benchmarks import ground
from benchmarks.ground import Visit

ROUNDS = 7
CLIENTS = 4
COUNTS = {"hello": 400, "home": 160, "form": 60, "insert": 100}
SENDS_IN_A_ROUND = 16
HOUSE = Path(__file__).parent.parent
LINKED = re.compile(r'(?:<link [^>]*href|<script [^>]*src|<img [^>]*src)="([^"]+)"')
IN_STYLES = re.compile(r"url\(([^)]+)\)")


@dataclass(frozen=True)
class Server:
    """A running gunicorn: where it listens, and which processes serve."""

    port: int
    pid: int

    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def resident(self) -> float:
        """MiB that it holds, its parent included; a page that processes share counts once (Pss of the kernel)."""
        pages = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in (self.pid, *self.workers())]
        return sum(int(re.findall(r"^Pss:\s+(\d+)", page, re.MULTILINE)[0]) for page in pages) / 1024


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Medians over the rounds: ratios to the bare app, requests and kB of a first load, MiB of two workers."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        laid = ground.lay(Path(name), rounds * SENDS_IN_A_ROUND // 2)
        ours = stack.enter_context(serving("ours", laid.environ))
        bare = stack.enter_context(serving("bare", laid.environ))
        clients = stack.enter_context(get_context("fork").Pool(CLIENTS))
        sends = iter(laid.sends)
        taken = [_round(clients, ours, bare, laid, sends) for _ in range(rounds)]
        requests, size = first_load(ours, laid.home)
        found = {name: statistics.median(one[name] for one in taken) for name in taken[0]}
        return found | {"first_load_requests": requests, "first_load_kb": size, "two_workers_mib": ours.resident()}


def _round(clients: Pool, ours: Server, bare: Server, laid: ground.Ground, sends: Iterator[Visit]) -> dict[str, float]:
    hello = _rate(clients, bare, [Visit("/", "")] * COUNTS["hello"], b"200")
    home = _rate(clients, ours, [laid.home] * COUNTS["home"], b"200")
    form = _rate(clients, ours, [laid.form] * COUNTS["form"], b"200")
    insert = _rate(clients, bare, [Visit("/insert", "", "send=1&key=1")] * COUNTS["insert"], b"303")
    submit = _rate(clients, ours, [next(sends) for _ in range(SENDS_IN_A_ROUND)], b"303")
    return {
        "home_vs_hello": home / hello,
        "form_vs_hello": form / hello,
        "submit_vs_insert": submit / insert,
        "hello_per_second": hello,
        "insert_per_second": insert,
    }


@contextmanager
def serving(app: str, environ: dict[str, str]) -> Iterator[Server]:
    """A gunicorn with two workers on a free port of this machine; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", f"benchmarks.serve:{app}()", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--no-control-socket", "--log-level", "error"], cwd=HOUSE, env=environ
    )
    try:
        _wait_for(port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            _ask(port, _request(port, Visit("/healthz", "")))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")


def _rate(clients: Pool, server: Server, visits: Sequence[Visit], status: bytes) -> float:
    """Requests a second, all of them answered with `status`."""
    asked = [_request(server.port, visit) for visit in visits]
    spans = clients.map(_burst, [(server.port, asked[i::CLIENTS], status) for i in range(CLIENTS)], chunksize=1)
    return len(asked) / (max(end for _, end in spans) - min(start for start, _ in spans))


def _burst(job: tuple[int, list[bytes], bytes]) -> tuple[float, float]:
    port, asked, status = job
    start = time.monotonic()
    for request in asked:
        reply = _ask(port, request)
        assert reply[9:12] == status, reply[:800]
        assert status == b"200" or b"/sent" in reply[:800], reply[:800]
    return start, time.monotonic()


def _ask(port: int, request: bytes) -> bytes:
    """One request on a connection of its own, read until the server closes it."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def _request(port: int, visit: Visit) -> bytes:
    lines = [f"{'POST' if visit.body else 'GET'} {visit.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    if visit.cookie:
        lines.append(f"Cookie: {visit.cookie}")
    if visit.body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(visit.body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + visit.body).encode()


def first_load(server: Server, page: Visit) -> tuple[float, float]:
    """Requests, fonts among them, and kB, fonts apart, of a page in a browser that has seen nothing yet."""
    body = _body(server, page.path, page.cookie)
    size, files = len(body), list(dict.fromkeys(LINKED.findall(body.decode())))
    fonts: set[str] = set()
    for path in files:
        text = _body(server, path, page.cookie)
        size += len(text)
        if path.endswith(".css"):
            fonts.update(found.strip("'\"") for found in IN_STYLES.findall(text.decode()) if "data:" not in found)
    return 1 + len(files) + len(fonts), size / 1000


def _body(server: Server, path: str, cookie: str) -> bytes:
    return _ask(server.port, _request(server.port, Visit(path, cookie))).partition(b"\r\n\r\n")[2]
