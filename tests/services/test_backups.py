"""Backup and restore: taken while people write, put into an empty place, and an erased person stays erased."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, make_url, select, text

from portal import create_app
from portal.extensions import db, key_store
from portal.jobs.rotation import exchange_key
from portal.models.responses import Response
from portal.services import backups, dumps, responses, vault
from portal.services.responses import Typed
from tests import tenants
from tests.cast import Cast
from tests.conftest import Browser, settings_for
from tests.given import SECRET, assign, floor, send, task_of
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
    assert "Traceback" not in made.output
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
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    before = dumps.counts(here())
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k")
        assert "Of 2 answers looked at, 2 open, 0 are erased, 0 do not open." in said
        assert f"{before['people']:8}  people" in said
        assert dumps.counts(here()) == before
        forget()
        page = Browser(other.test_client()).sign_in("ines@north.example").get("/coach/")
        assert (page.status_code, "Ana" in page.text) == (200, True)
        assert any(SECRET in (found or "") for found in texts_of(cast.ana.person_id))


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
    for _ in range(2):
        run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    assert sorted(path.name for path in tmp_path.glob("*k*")) == ["k"]


def test_a_key_store_that_was_lost_does_not_take_its_copy_along(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    before = (tmp_path / "k").read_bytes()
    vault.key_store.clear()
    said = run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k", fails=True)
    assert "was left as it is: 17 people or couples have no key here" in said
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


def test_without_the_keys_a_restore_says_that_nothing_opens(lived: Flask, tmp_path: Path) -> None:
    run(lived, "backup", "--out", tmp_path / "b")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", fails=True)
        assert "Of 2 answers looked at, 0 open, 0 are erased, 2 do not open." in said


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
