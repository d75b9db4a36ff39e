"""A database as a stream of bytes, taken while people write and put into an empty place; SQLite and PostgreSQL."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, func, inspect, make_url, select, table, text
from sqlalchemy.exc import SQLAlchemyError

PART = 1024 * 1024
EVERYTHING = "app.every_practice=yes"  # what the locks on rows let the owner of the tables ask for
FILES = ("", "-wal", "-shm")  # of an SQLite database

_IS_LOCKED_OUT = text(
    """
    SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
        AND row_security_active(oid) AND NOT EXISTS (SELECT FROM pg_policy
            WHERE polrelid = pg_class.oid AND polname = 'every_practice' AND current_user::regrole = ANY (polroles)))
    """
)


class DumpError(Exception):
    """A database cannot be taken or put; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One instant of a database: its kind, how many rows each table held, its migration, and its bytes."""

    kind: str
    rows: dict[str, int]
    revision: str | None
    parts: Iterator[bytes]


@contextmanager
def taken(url: str) -> Iterator[Dump]:
    """The database of `url` as it stands now; others go on writing. Raises DumpError."""
    target = make_url(url)
    is_file = target.get_backend_name() == "sqlite"
    with _answering(), _sqlite_taken(target) if is_file else _postgresql_taken(target) as dump:
        yield dump


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError, OSError) as error:
        told = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise DumpError(f"the database cannot be read ({told})") from error


@contextmanager
def _sqlite_taken(url: URL) -> Iterator[Dump]:
    """What is in the clear has no name on the disk: whatever ends this process, nothing of it is left behind."""
    source = f"{_file(url).as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(source, uri=True), poolclass=NullPool)
    with NamedTemporaryFile(dir=_file(url).parent, prefix=".backup-", suffix=".db", delete=False) as copy:
        with closing(sqlite3.connect(copy.name)) as other:
            Path(copy.name).unlink()
            rows, revision = _copied(engine, other)
        yield Dump("sqlite", rows, revision, iter(lambda: copy.read(PART), b""))


def _copied(engine: Engine, other: sqlite3.Connection) -> tuple[dict[str, int], str | None]:
    """Copy one instant of a database; gives how many rows each table holds at it, and its migration."""
    other.execute("PRAGMA journal_mode=OFF")  # a journal would lie beside it, by a name
    with engine.connect() as connection:
        rows, revision = _counts(connection), _revision(connection)
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)  # noqa: S101 - the engine was made for one
        source.backup(other)
    return rows, revision


@contextmanager
def _postgresql_taken(url: URL) -> Iterator[Dump]:
    engine = _looking_at_everything(url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        rows, revision = _counts(connection), _revision(connection)
        command = [
            program("pg_dump"),
            "--format=custom",
            "--no-owner",
            "--enable-row-security",
            f"--snapshot={snapshot}",
        ]
        with subprocess.Popen([*command, _named(url)], stdout=subprocess.PIPE, env=_environment(url)) as process:  # noqa: S603 - a program found by name, with arguments of ours
            assert process.stdout is not None  # noqa: S101 - it was asked for
            yield Dump("postgresql", rows, revision, _parts_of(process))
            process.stdout.close()


def _parts_of(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    yield from iter(lambda: process.stdout.read(PART), b"")  # type: ignore[union-attr]  # likewise
    if process.wait():
        raise DumpError("pg_dump broke off; its own line above says why")


def counts(url: str) -> dict[str, int]:
    """How many rows each table holds; raises DumpError."""
    engine = _looking_at_everything(url)
    with _answering(), engine.connect() as connection:
        return _counts(connection)


def _looking_at_everything(url: str | URL, **how: str) -> Engine:
    """Locks on rows let the owner of the tables through who asks for it, in PostgreSQL."""
    options = {"options": f"-c {EVERYTHING}"} if make_url(url).get_backend_name() == "postgresql" else {}
    return create_engine(url, poolclass=NullPool, connect_args=options, **how)


def _counts(connection: Connection) -> dict[str, int]:
    if connection.dialect.name == "postgresql" and connection.scalar(_IS_LOCKED_OUT):
        raise DumpError(
            f"{connection.engine.url.username} cannot see the rows of every practice: PORTAL_MIGRATION_URL must name"
            " the role that owns the tables"
        )
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_empty(url: str) -> bool:
    """Whether nothing stands there yet: no file, or no table. Raises DumpError."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite" and not _file(target).exists():
        return True
    return not counts(url)


def put(url: str, kind: str, parts: Iterable[bytes]) -> None:
    """Put what was taken into the empty place of `url`, whole or not at all; raises DumpError.

    What one that was killed has left in the clear beside it goes first.
    """
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        _unfinished(_file(target)).unlink(missing_ok=True)
    if kind != target.get_backend_name():
        raise DumpError(f"this is a backup of {kind}, and PORTAL_DATABASE_URL names {target.get_backend_name()}")
    if not is_empty(url):
        raise DumpError("there is a database here already: a backup goes into an empty place alone")
    if kind == "sqlite":
        _put_file(_file(target), parts)
    else:
        _put_into_postgresql(target, parts)


def _put_file(path: Path, parts: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _unfinished(path)
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        with closing(sqlite3.connect(f"file:{unfinished}?mode=ro&immutable=1", uri=True)) as database:
            if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise DumpError("what is inside is no sound database")
        for ending in FILES:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.unfinished")


def _put_into_postgresql(url: URL, parts: Iterable[bytes]) -> None:
    command = [
        program("pg_restore"),
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        f"--dbname={_named(url)}",
    ]
    with (
        TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said, env=_environment(url)) as process,  # noqa: S603 - as above
    ):
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            for part in parts:
                process.stdin.write(part)
        except BrokenPipeError:
            pass  # its own line says why it ended
        except BaseException:
            process.kill()
            raise
        with suppress(BrokenPipeError):
            process.stdin.close()
        if process.wait():
            said.seek(0)
            raise DumpError(_why(said.read().decode(errors="replace"), url))


def _why(said: str, url: URL) -> str:
    """Its own first line, and not the statements that follow; where a role is what it lacks, what names that role."""
    first = next((line for line in said.splitlines() if "ERROR" in line), said.partition("\n")[0])
    told = f"pg_restore broke off, and nothing was written ({first.rpartition('ERROR:')[2].strip()})"
    if re.search(r'role "[^"]*" does not exist|permission denied|must be owner|row-level security', first):
        told += f". {url.username} puts it back: PORTAL_MIGRATION_URL must name the owner of the tables, see README"
    return told


def program(name: str) -> str:
    """A program of PostgreSQL's: what is on the path, else the newest that Debian has. Raises DumpError."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"[0-9]*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    where = shutil.which(name) or (str(found[-1]) if found else None)
    if where is None:
        raise DumpError(f"{name} is not installed: apt-get install postgresql-client")
    return where


def _named(url: URL) -> str:
    return url._replace(drivername="postgresql", password=None).render_as_string()


def _environment(url: URL) -> dict[str, str]:
    """The password goes by the environment: what a command is started with, everybody on the machine can read."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return mine | {"PGOPTIONS": f"-c {EVERYTHING}"} | ({"PGPASSWORD": str(url.password)} if url.password else {})


def _file(url: URL) -> Path:
    return Path(str(url.database)).resolve()
