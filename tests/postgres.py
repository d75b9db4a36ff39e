"""A private PostgreSQL cluster for the tests: in a folder of its own, on loopback, ended by its process id."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "listen_addresses": "127.0.0.1"}


def _binary(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join(map(str, folders)) + os.pathsep + os.environ["PATH"])
    assert found, f"{name} is not installed: ./portal.sh test installs it"
    return found


def _as_server_user(command: list[str]) -> list[str]:
    """initdb and the server refuse to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if os.geteuid() == 0 else command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_cluster() -> Iterator[str]:
    """Gives the address of the cluster's own database, `postgresql+psycopg://...`."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    port = _free_port()
    init = [_binary("initdb"), "-D", str(folder / "data"), "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(_as_server_user([*init, "--no-sync"]), check=True, capture_output=True, cwd=folder)
    options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    command = [_binary("postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder), *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(_as_server_user(command), stdout=log, stderr=log, cwd=folder)
    try:
        _wait_for(port, server)
        yield f"postgresql+psycopg://tests@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    ready = [_binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    for _ in range(300):
        assert server.poll() is None, "the cluster did not start"
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("the cluster did not answer")
