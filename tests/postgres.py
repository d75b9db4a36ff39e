"""A private PostgreSQL for tests: a cluster in a temporary folder, on a port of its own, gone when the tests end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import memory

USER = "tests"
DATABASE = "postgres"
START_SECONDS = 30.0
STOP_SECONDS = 15.0
# A cluster that lives for one run of the tests need not survive a power cut.
HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "lock_timeout": "60s",  # who waits for ever fails, and says where
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
}


class PostgresMissingError(RuntimeError):
    """No PostgreSQL can be started on this machine; the message says what to do."""


@contextmanager
def private_cluster() -> Iterator[str]:
    """Give the address of the cluster's own database, `postgresql+psycopg://tests@127.0.0.1:PORT/postgres`.

    Its user may create roles and further databases. Raises PostgresMissingError where the programs are not installed or
    the server does not come up.
    """
    programs = _programs()
    owner = _owner()
    with memory.folder("portal-postgres-") as home:
        if owner is not None:
            os.chown(home, owner.pw_uid, owner.pw_gid)
        _create_cluster(programs, home, owner)
        port = _free_port()
        server = _start(programs, home, owner, port)
        try:
            _wait_for(server, home, port)
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/{DATABASE}"
        finally:
            _stop(server)


def _programs() -> Path:
    """The folder that holds initdb and postgres: what is on the path, else the newest that Debian has."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise PostgresMissingError("initdb not found: apt-get install postgresql")
    return versions[-1].parent


def _owner() -> pwd.struct_passwd | None:
    """Whom the cluster belongs to when root runs the tests, for initdb refuses root; None for anybody else."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as_owner(owner: pwd.struct_passwd | None) -> dict[str, int | list[int]]:
    return {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    # No PG* of the caller's: they would lead elsewhere.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _create_cluster(programs: Path, home: Path, owner: pwd.struct_passwd | None) -> None:
    command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", USER, "--auth=trust", "--no-sync"]
    command += ["--encoding=UTF8", "--locale=C"]
    done = subprocess.run(  # type: ignore[call-overload]  # the keywords depend on who runs the tests
        command, cwd=home, env=_environment(), capture_output=True, text=True, check=False, **_as_owner(owner)
    )
    if done.returncode:
        raise PostgresMissingError(f"initdb failed: {done.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start(programs: Path, home: Path, owner: pwd.struct_passwd | None, port: int) -> subprocess.Popen[bytes]:
    command = [str(programs / "postgres"), "-D", str(home / "data"), "-k", str(home), "-p", str(port)]
    command += ["-c", "listen_addresses=127.0.0.1"]
    for name, value in HASTY.items():
        command += ["-c", f"{name}={value}"]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # as above
            command, cwd=home, env=_environment(), stdout=log, stderr=log, **_as_owner(owner)
        )


def _wait_for(server: subprocess.Popen[bytes], home: Path, port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=USER, dbname=DATABASE).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise PostgresMissingError(f"PostgreSQL did not start: {(home / 'log').read_text(errors='replace')[-500:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, by pid (SIGTERM would wait for open sessions); kill what does not follow."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
