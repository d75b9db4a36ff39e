"""Backup and restore: taken while people write, put into an empty place, and an erased person stays erased."""

import dataclasses
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.domain.audit_chain import BEFORE_SIGN_IN
from portal.extensions import db, key_store
from portal.jobs.rotation import exchange_key
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.services import accounts, backups, dumps, operations, responses, standing, vault
from portal.services.drafts import Typed
from tests import tenants
from tests.audit import change, untie
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, settings_for
from tests.given import SECRET, assign, floor, send, task_of
from tests.many_answers import send_often
from tests.postgres import USER as CLUSTER
from tests.services.test_key_store import forget

WRONG = {1: bytes(range(1, 33))}


@pytest.fixture
def lived(app: Flask, cast: Cast) -> Flask:
    """A house in which Ana and Ben have sent something."""
    given = assign(cast, "one-holds-the-floor", why="For the evenings")
    send(cast.ana, task_of(cast.ana, given), floor())
    send(cast.ben, task_of(cast.ben, given), floor(understood="The walk by the river"))
    return app


def run(app: Flask, *args: object, fails: bool = False) -> str:
    """What a command prints; it fails only where that is meant."""
    forget()
    made = app.test_cli_runner().invoke(args=[str(arg) for arg in args])
    assert (made.exit_code != 0) is fails, made.output
    assert isinstance(made.exception, SystemExit | None), made.exception
    return made.output


def elsewhere(app: Flask, folder: Path, **changes: object) -> Flask:
    """Another machine with the same settings, on which nothing stands yet."""
    folder.mkdir(exist_ok=True)
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        place = f"sqlite:///{folder / 'portal.db'}"
    else:
        _empty_database(url.set(username=CLUSTER), "elsewhere")
        place = url.set(database="elsewhere").render_as_string(hide_password=False)
    settings = {"keys_url": f"sqlite:///{folder / 'keys.db'}"} | changes
    return create_app(settings_for(place, folder, **settings))


def _empty_database(url, name: str) -> None:  # type: ignore[no-untyped-def]
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" OWNER {tenants.OWNER}'))
    engine.dispose()


def here() -> str:
    """The present database, as who owns the tables opens it."""
    return tenants.url_of_owner(backups.main_url()) or backups.main_url()


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def texts_of(person_id: UUID) -> list[str | None]:
    rows = db.session.execute(select(Response.id, Response.document).where(Response.person_id == person_id)).all()
    return [vault.unseal_or_none(person_id, "responses.document", *row) for row in rows]


def test_what_was_backed_up_boots_elsewhere_with_backup_keys_and_settings_alone(
    lived: Flask, cast: Cast, tmp_path: Path
) -> None:
    [first] = db.session.scalars(select(Response.task_id).where(Response.person_id == cast.ana.person_id))
    send_often(cast.ana, first, 210)
    before = dumps.counts(here())
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k")
        assert "Of 200 answers looked at, 200 open, 0 are erased, 0 do not open." in said
        assert all(f"{count:8}  {name}" in said for name, count in before.items())
        of_trail = ("audit_events", "audit_heads")  # that it was put back is on record by now
        now = dumps.counts(here())
        assert {name: now[name] for name in now if name not in of_trail} == {
            name: before[name] for name in before if name not in of_trail
        }
        forget()
        page = Browser(other.test_client()).sign_in("ines@north.example").get("/coach/")
        assert (page.status_code, "Ana" in page.text) == (200, True)
        texts = texts_of(cast.ana.person_id)
        assert any(SECRET in (found or "") for found in texts)
        assert (len(texts), None in texts) == (211, False)


def test_a_backup_is_whole_though_somebody_writes_all_the_while(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    over, saved = Event(), [0]

    def write() -> None:
        with lived.app_context():
            while not over.is_set():
                responses.save_draft(cast.ana, task_id, Typed({"t1": f"line {saved[0]} " * 50}, {}), saved[0])
                saved[0] += 1
            db.session.remove()

    writer = Thread(target=write)
    writer.start()
    try:  # the clock of the whole process stands still for `lived`: a thread that set it anew could leave it so
        for number in range(4):
            run(lived, "backup", "--out", tmp_path / f"b{number}", "--keys", tmp_path / "k")
    finally:
        over.set()
        writer.join(20)
    assert saved[0] > 4
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        run(other, "restore", tmp_path / "b3", "--keys", tmp_path / "k")
        kept = responses.open_for(cast.ana, task_id)
        assert kept.typed.raw["t1"].split()[:2] == ["line", str(kept.version - 1)]


def test_a_backup_from_before_an_erasure_does_not_open_the_erased_persons_text(
    lived: Flask, cast: Cast, tmp_path: Path
) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    vault.destroy_key(cast.ana.person_id)
    run(lived, "backup", "--out", tmp_path / "later", "--keys", tmp_path / "k")  # the newest copy of the keys
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k")
        assert "Of 2 answers looked at, 1 open, 1 are erased, 0 do not open." in said
        forget()
        assert texts_of(cast.ana.person_id) == [None]
        assert all("The walk by the river" in (found or "") for found in texts_of(cast.ben.person_id))
        with pytest.raises(vault.Erased):
            vault.seal(cast.ana.person_id, "notes.text", cast.ana.person_id, "no more")


def test_the_same_holds_where_the_key_store_itself_is_still_there(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b")
    vault.destroy_key(cast.ana.person_id)
    other = elsewhere(lived, tmp_path / "other", keys_url=lived.extensions["portal.settings"].key_store_url)
    with inside(other):
        assert "1 open, 1 are erased, 0 do not open" in run(other, "restore", tmp_path / "b")
        assert texts_of(cast.ana.person_id) == [None]


def test_the_backup_holds_no_key_and_the_copy_of_the_keys_no_answer(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    with backups.answers(here()) as parts:
        main = b"".join(parts)
    store = b"".join(backups.all_keys())
    for key in vault.key_store.keys_of([cast.ana.person_id, cast.ben.person_id]):
        assert key.wrapped not in main
        assert cast.ana.person_id.hex in store.decode()
    assert b"destroyed" not in store
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    for name in ("b", "k"):
        kept = (tmp_path / name).read_bytes()
        assert not any(word in kept for word in (b"Practice North", b"SQLite format", b"owner_id", b"Ana & Ben"))


def test_the_copy_of_the_keys_is_the_newest_alone(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    for name in ("b", "later"):
        run(lived, "backup", "--out", tmp_path / name, "--keys", tmp_path / "k")
    assert sorted(path.name for path in tmp_path.glob("*k*")) == ["k"]


def test_a_key_store_that_was_lost_does_not_take_its_copy_along(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    before = (tmp_path / "k").read_bytes()
    vault.key_store.clear()
    said = run(lived, "backup", "--out", tmp_path / "later", "--keys", tmp_path / "k", fails=True)
    assert f"{tmp_path / 'later'} is written, the keys are not: {tmp_path / 'k'} was left as it is, for 17" in said
    assert (tmp_path / "k").read_bytes() == before


def test_under_another_vault_key_no_backup_is_written_and_the_copy_of_the_keys_stays(
    lived: Flask, tmp_path: Path
) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    before = (tmp_path / "k").read_bytes()
    settings = lived.extensions["portal.settings"]
    wrong = create_app(dataclasses.replace(settings, vault_keys=WRONG))
    with inside(wrong):
        said = run(wrong, "backup", "--out", tmp_path / "none", "--keys", tmp_path / "k", fails=True)
    assert "No backup was written: vault key 1 in PORTAL_VAULT_KEYS is another" in said
    assert not (tmp_path / "none").exists()
    assert (tmp_path / "k").read_bytes() == before


@pytest.mark.parametrize(("name", "place"), [("b", 5), ("b", 60), ("b", -1), ("b", 4_000), ("k", 900), ("k", -3)])
def test_one_flipped_byte_is_refused_before_anything_is_written(
    lived: Flask, tmp_path: Path, name: str, place: int
) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    flip(tmp_path / name, place)
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
        assert "Not restored" in said
        assert dumps.is_empty(here())
        assert vault.key_store.is_empty()


def flip(path: Path, place: int) -> None:
    changed = bytearray(path.read_bytes())
    changed[place] ^= 1
    path.write_bytes(bytes(changed))


def test_another_vault_key_or_a_missing_version_opens_no_backup(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b")
    for keys, line in ((WRONG, "another key made it"), ({2: bytes(range(32))}, "vault key 1, which is not among")):
        other = elsewhere(lived, tmp_path / "other", vault_keys=keys)
        with inside(other):
            assert line in run(other, "restore", tmp_path / "b", fails=True)
            assert dumps.is_empty(here())


def test_a_restore_goes_into_an_empty_place_alone(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    before = dumps.counts(here())
    assert "there is a database here already" in run(lived, "restore", tmp_path / "b", fails=True)
    assert dumps.counts(here()) == before
    other = elsewhere(lived, tmp_path / "other", keys_url=lived.extensions["portal.settings"].key_store_url)
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
        assert "there are keys here already" in said
        assert dumps.is_empty(here())


def test_a_copy_of_the_keys_is_no_backup_and_the_other_way_round(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    (tmp_path / "text").write_text("no archive at all")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        assert "holds keys, not answers" in run(other, "restore", tmp_path / "k", fails=True)
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "b", fails=True)
        assert "holds answers, not keys" in said
        assert "the portal made no such file" in run(other, "restore", tmp_path / "text", fails=True)


def test_a_restore_without_any_key_is_refused_before_anything_is_written(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", fails=True)
        assert "Not restored: no key is here to open it with. Give --keys FILE" in said
        assert dumps.is_empty(here())


def test_keys_of_others_open_nothing_and_a_restore_says_so(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        vault.create_key(UUID(int=7), UUID(int=1), "person")
        said = run(other, "restore", tmp_path / "b", fails=True)
        assert "Of 2 answers looked at, 0 open, 0 are erased, 2 do not open." in said


def test_a_backup_of_a_newer_version_is_refused_before_anything_is_written(lived: Flask, tmp_path: Path) -> None:
    owner = create_engine(here())
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_of_tomorrow'"))
    owner.dispose()
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
        assert "Not restored: it stands at 9999_of_tomorrow, which this version does not know" in said
        assert dumps.is_empty(here())


def test_a_manifest_of_an_earlier_version_is_still_read() -> None:
    written = b'{"database": "sqlite", "rows": {"people": 3}}'
    found, rest = backups.manifest_of([len(written).to_bytes(4) + written + b"more"])
    assert (found.rows, found.revision, b"".join(rest)) == ({"people": 3}, None, b"more")


def test_nothing_is_written_over_but_an_older_copy_of_the_keys(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    (tmp_path / "letter").write_text("no archive at all")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    for out, keys, why in (
        ("k", "b", "k is there already"),
        ("b", "k", "b is there already"),
        ("later", "b", "b holds answers, and only an older copy of the keys is written over"),
        ("later", "letter", "letter holds something else"),
    ):
        said = run(lived, "backup", "--out", tmp_path / out, "--keys", tmp_path / keys, fails=True)
        assert "No backup was written: " in said
        assert why in said
    assert {path: path.read_bytes() for path in before} == before
    assert not (tmp_path / "later").exists()


def test_what_was_written_is_said_where_the_keys_cannot_be(lived: Flask, tmp_path: Path) -> None:
    said = run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "no" / "k", fails=True)
    assert f"{tmp_path / 'b'} is written, the keys are not: {tmp_path / 'no' / 'k'} cannot be written" in said


def test_a_role_that_a_backup_needs_is_said_in_one_line() -> None:
    said = (
        "pg_restore: while PROCESSING TOC:\n"
        'pg_restore: error: could not execute query: ERROR:  role "portal_owner" does not exist\n'
        "Command was: CREATE POLICY every_practice ON public.people TO portal_owner USING (true);\n"
    )
    told = dumps._why(said, make_url("postgresql+psycopg://portal@127.0.0.1/portal"))
    assert 'nothing was written (role "portal_owner" does not exist). portal puts it back: PORTAL_MIGRATION_URL' in told
    assert "CREATE POLICY" not in told


def test_a_backup_of_the_other_kind_of_database_is_refused(lived: Flask, tmp_path: Path) -> None:
    kind = "postgresql" if db.engine.dialect.name == "sqlite" else "sqlite"
    other = elsewhere(lived, tmp_path / "other")
    with inside(other), pytest.raises(dumps.DumpError, match=f"this is a backup of {kind}"):
        dumps.put(here(), kind, [b"-"])


def test_a_key_that_is_exchanged_while_a_backup_is_taken_spoils_it_and_it_says_so(lived: Flask, cast: Cast) -> None:
    before = backups.key_names()
    vault.destroy_key(cast.ben.person_id)
    assert not backups.went_meanwhile(before)  # an erasure is meant to be in no backup
    exchange_key(cast.ana.person_id, quiet=0)
    assert backups.went_meanwhile(before)


def test_so_does_one_that_is_exchanged_before_the_copy_of_the_keys_is_taken(
    lived: Flask, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = backups.all_keys

    def late() -> Iterator[bytes]:
        exchange_key(cast.ana.person_id, quiet=0)
        return every()

    monkeypatch.setattr(backups, "all_keys", late)
    assert "Do it again" in run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k", fails=True)


def test_a_sample_is_of_two_hundred_at_most(lived: Flask) -> None:
    assert backups.sample(1).total == 1
    assert backups.SAMPLE == 200
    assert db.session.scalar(select(func.count(Response.id))) == 2


def test_the_programs_of_postgresql_are_named_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(dumps.DumpError, match="pg_nothing is not installed: apt-get install postgresql-client"):
        dumps.program("pg_nothing")


def test_a_password_stands_in_no_command_line() -> None:
    url = make_url("postgresql+psycopg://portal:secret@127.0.0.1/portal")
    assert dumps._named(url) == "postgresql://portal@127.0.0.1/portal"
    assert dumps._environment(url)["PGPASSWORD"] == "secret"


def test_a_disk_that_takes_no_more_leaves_no_half_backup(lived: Flask, tmp_path: Path) -> None:
    said = run(lived, "backup", "--out", tmp_path / "no" / "b", fails=True)
    assert "cannot be written" in said
    assert key_store.is_sqlite
    assert not list(tmp_path.glob(".b*"))


def test_nothing_of_the_plain_copy_is_left_beside_the_database(
    lived: Flask, tmp_path: Path, databases: Callable[[str], str]
) -> None:
    run(lived, "backup", "--out", tmp_path / "b")
    if db.engine.dialect.name == "sqlite":
        folder = Path(str(db.engine.url.database)).parent
        assert not [path.name for path in folder.iterdir() if ".backup" in path.name or "unfinished" in path.name]


def test_a_backup_that_is_killed_leaves_nothing_plain_behind(lived: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's own program gives the database as a stream")
    plain = Path(str(db.engine.url.database))
    before = {path.name for path in plain.parent.iterdir()}
    with _taking_for_ever(plain) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"taken\n"
        assert {path.name for path in plain.parent.iterdir()} == before
        running.kill()
    assert running.returncode == -signal.SIGKILL
    assert {path.name for path in plain.parent.iterdir()} == before


def _taking_for_ever(plain: Path) -> "subprocess.Popen[bytes]":
    """A process that has the whole database as a plain copy, says so, and waits to be killed."""
    lines = (
        "import sys, time",
        "from portal.services import dumps",
        "with dumps.taken('sqlite:///' + sys.argv[1]) as dump:",
        "    assert next(dump.parts).startswith(b'SQLite format 3') and dump.rows['people']",
        "    print('taken', flush=True)",
        "    time.sleep(60)",
    )
    command = [sys.executable, "-c", "\n".join(lines), str(plain)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)


def test_a_database_with_any_name_is_taken(lived: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a file of SQLite's")
    odd = f"sqlite:///{tmp_path / '50%23 done, #1.db'}"
    with dumps.taken(here()) as dump:
        dumps.put(odd, dump.kind, dump.parts)
    with dumps.taken(odd) as again:
        assert again.rows == dump.rows


def on_record(practice_id: UUID | None) -> list[str]:
    """What the operator did, as it stands in a practice's chain or in the one that is no practice's."""
    db.session.rollback()
    chain = (AuditEvent.chain_id == (practice_id or BEFORE_SIGN_IN), AuditEvent.actor_id.is_(None))
    told = db.session.scalars(select(AuditEvent.event).where(*chain).order_by(AuditEvent.number))
    return [event for event in told if event.startswith(("backup:", "key"))]


def test_a_backup_and_what_is_put_back_go_on_record_in_every_chain(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    chains = (None, cast.ines.practice_id, cast.sol.practice_id)
    run(lived, "backup", "--out", tmp_path / "earlier")
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    for chain in chains:
        assert on_record(chain) == ["backup:taken"] * 2 + ["backup:keys_taken"]
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k")
        for chain in chains:
            assert on_record(chain) == ["backup:taken", "backup:put_back", "backup:keys_put_back"]
        assert "and they hold." in run(other, "audit", "verify")
        forget()
        page = Browser(other.test_client()).sign_in("ines@north.example").get("/coach/practice/audit").text
        assert "The operator put a backup of everything but the keys back" in page
        assert "The operator took a backup of everything but the keys" in page


def test_what_the_database_does_not_take_on_record_is_said_and_the_backup_stays(
    lived: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(operations, "record_for", full)
    said = run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
    assert "not on record everywhere (OperationalError)" in said
    assert (tmp_path / "b").exists()
    assert (tmp_path / "k").exists()


def test_what_was_done_goes_on_record_though_the_database_was_busy_at_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, turns = operations.begin_write, iter(range(100))

    def busy() -> None:
        if next(turns) % 3 < 2:
            raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
        begin()

    monkeypatch.setattr(operations, "begin_write", busy)
    operations.record("backup:taken")
    for chain in (None, cast.ines.practice_id, cast.sol.practice_id):
        assert on_record(chain) == ["backup:taken"]


def test_a_restore_says_whether_the_audit_trail_holds(lived: Flask, cast: Cast, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "sound", "--keys", tmp_path / "k")
    untie()
    north = cast.ines.practice_id
    change("event", "zone:changed", north.hex if db.engine.dialect.name == "sqlite" else north, 2)
    run(lived, "backup", "--out", tmp_path / "changed")
    for name, fails in (("sound", False), ("changed", True)):
        other = elsewhere(lived, tmp_path / name.upper())
        with inside(other):
            said = run(other, "restore", tmp_path / name, "--keys", tmp_path / "k", fails=fails)
            assert ("event 2 was changed" in said, "The audit trail does not hold" in said) == (fails, fails)
            assert "Practice South: " in said
            assert "Of 2 answers looked at, 2 open" in said
            assert on_record(north)[-2:] == ["backup:put_back", "backup:keys_put_back"]


def test_under_another_secret_a_restore_says_what_may_be_wrong(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    other = elsewhere(lived, tmp_path / "other", secret_key="another secret of the tests of 32")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
        assert "PORTAL_SECRET_KEY" in said


def test_a_session_that_ended_since_the_backup_does_not_go_on_after_it(
    lived: Flask, tmp_path: Path, cast: Cast
) -> None:
    token = accounts.sign_in("ben@home.example", PASSPHRASE, None)
    assert token
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    accounts.sign_out(token)
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k")
        assert standing.standing_or_none(token) is None


def test_answers_and_keys_do_not_go_into_one_file(lived: Flask, tmp_path: Path) -> None:
    said = run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "." / "b", fails=True)
    assert "two files" in said
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("with_keys", [True, False])
def test_where_the_key_store_does_not_answer_nothing_is_written_and_a_line_says_so(
    lived: Flask, tmp_path: Path, *, with_keys: bool
) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    nowhere = f"sqlite:///{tmp_path / 'nowhere' / 'keys.db'}"
    other = elsewhere(lived, tmp_path / "other", keys_url=nowhere)
    keys = ["--keys", tmp_path / "k"] if with_keys else []
    with inside(other):
        assert "Not restored: the key store does not answer" in run(other, "restore", tmp_path / "b", *keys, fails=True)
        assert dumps.is_empty(here())
    keyless = create_app(settings_for(lived.config["SQLALCHEMY_DATABASE_URI"], tmp_path, keys_url=nowhere))
    with inside(keyless):
        said = run(keyless, "backup", "--out", tmp_path / "none", *keys, fails=True)
        assert "No backup was written: the key store does not answer" in said
    assert not (tmp_path / "none").exists()


def test_where_the_database_does_not_answer_a_line_says_so(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    on_postgresql = db.engine.dialect.name == "postgresql"
    gone = "postgresql+psycopg://owner@127.0.0.1:9/portal" if on_postgresql else f"sqlite:///{tmp_path}/no/portal.db"
    changes = {"migration_url": gone} if on_postgresql else {}
    url = lived.config["SQLALCHEMY_DATABASE_URI"] if on_postgresql else gone
    deaf = create_app(settings_for(url, tmp_path, keys_url=f"sqlite:///{tmp_path / 'new.db'}", **changes))
    with inside(deaf):
        said = run(deaf, "backup", "--out", tmp_path / "none", fails=True)
        assert "No backup was written: the database cannot be read (" in said
        if on_postgresql:
            said = run(deaf, "restore", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
            assert "Not restored: the database cannot be read (" in said


def test_what_is_put_back_is_nobody_elses_to_read_and_what_a_killed_restore_left_goes(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "given.db")) as database:
        database.execute("CREATE TABLE told (word TEXT)")
    parts = [(tmp_path / "given.db").read_bytes()]
    target, left = tmp_path / "portal.db", tmp_path / ".portal.db.unfinished"
    left.write_bytes(b"what they wrote, in the clear")
    seen = []

    def watched() -> Iterator[bytes]:
        for part in parts:
            seen.append((left.stat().st_mode & 0o777, left.read_bytes()))
            yield part

    dumps.put(f"sqlite:///{target}", "sqlite", watched())
    assert seen == [(0o600, b"")]
    assert (target.stat().st_mode & 0o777, left.exists()) == (0o600, False)
    left.write_bytes(b"what they wrote, in the clear")
    with pytest.raises(dumps.DumpError, match="there is a database here already"):
        dumps.put(f"sqlite:///{target}", "sqlite", parts)
    assert not left.exists()
