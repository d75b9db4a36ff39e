"""The operator's commands: what they create, what they refuse, and what the doctor finds."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.cli.doctor import refuse_to_start_unready
from portal.domain.people import Role, SignInKind
from portal.extensions import db
from portal.models.audit import AuditEvent, AuditHead
from portal.models.key_store import DataKey
from portal.models.practices import Practice
from portal.models.users import Person
from portal.output.archive import Header
from portal.services import accounts, health, practices, second_factors, staff_doors, standing, vault
from portal.services.staff_doors import ComingIn
from tests import tenants
from tests.audit import change, remove, untie
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import settings_for

HOUSE = Path(__file__).parents[2]
OWNER = ["--owner-name", "Sol", "--owner-address", "sol@west.example"]
NORTH = "Practice North"
OTHER_SECRET = "another secret of the tests of 32 and more"
LINK = re.compile(r"/invitations/(\S+)")
CODE = re.compile(r"in person: (\d{6})")


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def signed_in_as(address: str, output: str) -> standing.Standing:
    """Who comes in by what was printed, with a pass phrase of their own."""
    link, code = LINK.search(output), CODE.search(output)
    assert link, output
    assert code, output
    door = staff_doors.open_invitation(link[1])
    said = ComingIn(door.name, PASSPHRASE, door.practice_name, door.zone)
    staff_doors.accept_invitation(link[1], code[1], said)
    token = accounts.sign_in(address, PASSPHRASE, None)
    assert token
    who = standing.standing_or_none(token)
    assert who
    return who


def test_a_practice_is_created_with_an_owner_who_can_sign_in(runner: FlaskCliRunner) -> None:
    made = runner.invoke(args=["practice", "create", "--name", "Practice West", "--zone", "Europe/Lisbon", *OWNER])
    assert made.exit_code == 0, made.output
    who = signed_in_as("sol@west.example", made.output)
    assert (who.name, who.practice_name, who.viewer.role) == ("Sol", "Practice West", Role.OWNER)
    assert (who.practice_zone, who.is_demo) == ("Europe/Lisbon", False)


def test_an_owner_needs_an_address_alone_and_can_be_invited_again(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["practice", "create", "--owner-address", "wim@west.example"]).exit_code == 0
    again = runner.invoke(args=["practice", "invite", "--owner-address", "wim@west.example"])
    assert again.exit_code == 0, again.output
    assert signed_in_as("wim@west.example", again.output).practice_name == "Portal"
    refused = runner.invoke(args=["practice", "invite", "--owner-address", "wim@west.example"])
    assert refused.exit_code == 1
    assert "No practice waits for an owner at wim@west.example." in refused.output


def test_a_coach_is_invited_into_a_practice_by_its_name(runner: FlaskCliRunner, cast: Cast) -> None:
    asked = ["coach", "invite", "--practice", "Practice North", "--name", "Lea", "--address", "lea@north.example"]
    made = runner.invoke(args=asked)
    assert made.exit_code == 0, made.output
    who = signed_in_as("lea@north.example", made.output)
    assert who.viewer.practice_id == cast.ines.practice_id
    assert who.viewer.role is Role.COACH


def test_of_several_practices_of_one_name_none_is_guessed_and_an_id_says_which(
    runner: FlaskCliRunner, cast: Cast
) -> None:
    db.session.execute(update(Practice).values(name=NORTH))
    db.session.commit()
    asked = ["--name", "Lea", "--address", "lea@north.example", "--role", "owner"]
    refused = runner.invoke(args=["coach", "invite", "--practice", NORTH, *asked])
    assert refused.exit_code == 1
    for viewer in (cast.ines, cast.sol):
        assert str(viewer.practice_id) in refused.output
    made = runner.invoke(args=["coach", "invite", "--practice", str(cast.sol.practice_id), *asked])
    who = signed_in_as("lea@north.example", made.output)
    assert (who.viewer.practice_id, who.viewer.role) == (cast.sol.practice_id, Role.OWNER)
    one = runner.invoke(args=["audit", "verify", "--practice", str(cast.ines.practice_id)])
    assert (one.exit_code, one.output.count("events")) == (0, 1)
    both = runner.invoke(args=["audit", "verify", "--practice", NORTH])
    assert (both.exit_code, both.output.count("events")) == (0, 2)


def test_an_assistant_is_invited_by_naming_the_role(runner: FlaskCliRunner, cast: Cast) -> None:
    asked = ["coach", "invite", "--practice", "Practice North", "--name", "Lea", "--address", "lea@north.example"]
    made = runner.invoke(args=[*asked, "--role", "assistant"])
    assert signed_in_as("lea@north.example", made.output).viewer.role is Role.ASSISTANT
    assert runner.invoke(args=[*asked, "--role", "partner"]).exit_code != 0


def test_where_mails_leave_the_machine_no_link_is_printed(databases: Callable[[str], str], tmp_path: Path) -> None:
    made = create_app(settings_for(databases("smtp"), tmp_path, mail_url="smtp://127.0.0.1:9"))
    out = made.test_cli_runner().invoke(args=["practice", "create", "--name", "West", "--zone", "UTC", *OWNER]).output
    assert CODE.search(out)
    assert not LINK.search(out)
    with made.app_context():
        db.engine.dispose()


def test_a_lost_second_key_is_removed_by_the_operator_and_goes_on_record(runner: FlaskCliRunner, cast: Cast) -> None:
    token = accounts.sign_in(address_of("ines"), PASSPHRASE, None)
    assert token
    asked = ["key", "remove", "--address", address_of("ines")]
    assert runner.invoke(args=asked).exit_code == 0
    assert standing.standing_or_none(token) is None
    assert not second_factors.own(cast.ines).has_any
    recorded = (AuditEvent.event == "second_factor:removed_by_operator", AuditEvent.actor_id.is_(None))
    assert db.session.scalars(select(AuditEvent.subject_id).where(*recorded)).all() == [cast.ines.person_id]
    for args in (asked, ["key", "remove", "--address", "nobody@home.example"]):
        refused = runner.invoke(args=args)
        assert refused.exit_code == 1
        assert "Nobody with this address or user name has a second key." in refused.output


def test_a_lost_second_key_is_removed_of_who_signs_in_with_a_user_name(runner: FlaskCliRunner, cast: Cast) -> None:
    practices.add_sign_in(db.session.get_one(Person, cast.ines.person_id), "quiet-wren", SignInKind.USER_NAME)
    db.session.commit()
    assert runner.invoke(args=["key", "remove", "--user-name", "Quiet-Wren"]).exit_code == 0
    assert not second_factors.own(cast.ines).has_any


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["practice", "create", "--name", "West", "--zone", "Mars/Olympus", *OWNER], "not a time zone"),
        (
            ["practice", "create", "--name", "West", "--zone", "UTC", "--owner-name", "Sol", "--owner-address", "sol"],
            "Give an e-mail address",
        ),
        (["coach", "invite", "--practice", "Nowhere", "--name", "Lea", "--address", "lea@x.example"], "no practice"),
    ],
)
def test_what_cannot_be_created_is_said_in_a_sentence(runner: FlaskCliRunner, args: list[str], line: str) -> None:
    refused = runner.invoke(args=args)
    assert refused.exit_code != 0
    assert line in refused.output
    assert "Traceback" not in refused.output
    with pytest.raises(practices.NotFound):
        practices.owner_of("West")


def test_mails_are_drained_and_swept_by_command(runner: FlaskCliRunner, tmp_path: Path) -> None:
    assert runner.invoke(args=["jobs", "drain"]).output == "8 sent\n"
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 8
    assert runner.invoke(args=["jobs", "sweep"]).output == "0 issued, 0 sent\n"


def test_the_doctor_finds_a_sound_house_sound(runner: FlaskCliRunner) -> None:
    found = runner.invoke(args=["doctor"])
    assert found.exit_code == 0, found.output
    assert "MEND" not in found.output
    assert len(found.output.splitlines()) == 13


def test_the_doctor_names_what_of_the_database_loses_in_a_power_cut(
    databases: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases("weak")
    if url.startswith("sqlite"):
        monkeypatch.setattr(health, "DURABLE", {"journal_mode": ("delete",)})
    monkeypatch.setattr(health, "DURABLE_ON_POSTGRESQL", {"fsync": ("on",), "full_page_writes": ("on",)})
    weak = "journal_mode is wal" if url.startswith("sqlite") else "fsync is off, full_page_writes is off"
    assert f"database durability: {weak}, so what was acknowledged may be lost" in checkup(url, tmp_path)


def test_the_doctor_names_what_everybody_on_the_machine_can_read(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    for path in (tmp_path / ".env", instance / "old.db", instance / "own.db"):
        path.touch()
        path.chmod(0o600 if path.name == "own.db" else 0o644)
    for folder in (tmp_path, instance):
        folder.chmod(0o755)
    found = checkup(databases("open"), instance)
    assert f"files: everybody on this machine can read {tmp_path / '.env'}, {instance / 'old.db'}; run" in found
    instance.chmod(0o700)
    assert f"can read {tmp_path / '.env'}; run" in checkup(databases("open"), instance)


def test_a_database_that_is_a_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    made = create_app(settings_for(f"sqlite:///{tmp_path / 'new.db'}", tmp_path))
    with made.app_context():
        db.session.execute(text("CREATE TABLE some (name TEXT)"))
        db.session.commit()
        assert {path.name for path in tmp_path.glob("new.db*")} == {"new.db", "new.db-shm", "new.db-wal"}
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("new.db*")} == {0o600}
        db.session.remove()
        db.engine.dispose()


def test_the_doctor_names_a_setting_that_there_is_not(
    databases: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_BASEURL", "https://portal.example")
    monkeypatch.setenv("PORTAL_SECRET_KEY_FILE", "/run/secrets/key")
    monkeypatch.setenv("PORTAL_PORT", "8001")
    assert "settings: PORTAL_BASEURL: no such setting" in checkup(databases("typo"), tmp_path)


def test_the_doctor_names_a_disk_without_room(
    databases: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LEAST_ROOM", 10**18)
    found = checkup(databases("full"), tmp_path)
    assert "instance folder: there is no room left on the disk of " in found
    gone = checkup(f"sqlite:///{tmp_path / 'nowhere' / 'portal.db'}", tmp_path)
    assert f"database: there is no room left on the disk of {tmp_path}" in gone
    assert "PORTAL_DATABASE_URL" not in gone


def test_the_doctor_names_an_owner_who_opens_another_database(databases: Callable[[str], str], tmp_path: Path) -> None:
    url = databases("worked_with")
    if url.startswith("sqlite"):
        pytest.skip("SQLite knows no roles")
    elsewhere = tenants.url_of_owner(databases("of_another"))
    assert "database: PORTAL_MIGRATION_URL opens another one" in checkup(url, tmp_path, migration_url=elsewhere)


def checkup(url: str, folder: Path, **changes: object) -> str:
    made = create_app(settings_for(url, folder, **changes))
    found = made.test_cli_runner().invoke(args=["doctor"])
    assert found.exit_code == 1, found.output
    with made.app_context():
        db.engine.dispose()
    return "\n".join(line for line in found.output.splitlines() if line.startswith("MEND"))


def test_the_doctor_names_an_empty_database_and_how_to_mend_it(tmp_path: Path) -> None:
    assert "./portal.sh flask db upgrade" in checkup(f"sqlite:///{tmp_path / 'new.db'}", tmp_path)


def test_the_doctor_names_an_old_migration(databases: Callable[[str], str], tmp_path: Path) -> None:
    url = databases("old")
    stands_at(url, tmp_path, "0001_practices_and_people")
    assert "stands at 0001_practices_and_people" in checkup(url, tmp_path)


def test_the_doctor_names_a_database_that_does_not_answer(tmp_path: Path) -> None:
    found = checkup(f"sqlite:///{tmp_path / 'nowhere' / 'portal.db'}", tmp_path)
    assert "database: does not answer" in found
    assert "PORTAL_DATABASE_URL" in found


def test_the_doctor_names_a_database_that_a_newer_version_has_changed(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    url = databases("newer")
    stands_at(url, tmp_path, "9999_of_tomorrow")
    found = checkup(url, tmp_path)
    assert "database: stands at 9999_of_tomorrow, which this version does not know" in found
    assert "db upgrade" not in found


CAUSES = {
    "an empty database": ("stands at nothing", "db upgrade"),
    "an old migration": ("stands at 0001_practices_and_people", "db upgrade"),
    "a newer migration": ("stands at 9999_of_tomorrow", "newer version"),
    "no database": ("database: does not answer", "PORTAL_DATABASE_URL"),
    "another file": ("database: does not answer", "PORTAL_DATABASE_URL"),
    "no key store": ("key store: cannot be used", "PORTAL_KEYS_URL"),
    "another file as key store": ("key store: cannot be used", "PORTAL_KEYS_URL"),
    "a key store of another version": ("key store: cannot be used", "lacks"),
    "another secret": ("secret key: PORTAL_SECRET_KEY is another", "put the right one back"),
    "another vault key": ("vault keys: version 1", "another key"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_whatever_keeps_the_house_from_being_ready_the_doctor_names_it(
    databases: Callable[[str], str], tmp_path: Path, cause: str
) -> None:
    url, changes = broken(cause, databases, tmp_path)
    reply = create_app(settings_for(url, tmp_path, **changes)).test_client().get("/readyz")
    assert (reply.status_code, reply.text) == (503, "not ready\n")
    found = checkup(url, tmp_path, **changes)
    assert all(line in found for line in CAUSES[cause]), found
    with pytest.raises(SystemExit, match=r"^The portal cannot work\. .+") as refused:
        refuse_to_start_unready(create_app(settings_for(url, tmp_path, **changes)))
    assert str(refused.value).removeprefix("The portal cannot work. ") in found


def broken(cause: str, databases: Callable[[str], str], folder: Path) -> tuple[str, dict[str, object]]:
    """The address of a database, and other settings, with which the house cannot work."""
    url, other, of_another = databases(cause.replace(" ", "_")), folder / "other.db", folder / "keys-of-another.db"
    other.write_text("this is a letter and no database " * 50, encoding="utf-8")
    with closing(sqlite3.connect(of_another)) as keys:
        keys.execute("CREATE TABLE data_keys (owner_id TEXT PRIMARY KEY)")
    if cause.endswith("migration"):
        stands_at(url, folder, "9999_of_tomorrow" if "newer" in cause else "0001_practices_and_people")
    databases_of = {
        "an empty database": f"sqlite:///{folder / 'new.db'}",
        "no database": _nowhere(url, folder),
        "another file": f"sqlite:///{other}",
    }
    key_stores = {
        "no key store": folder / "nowhere" / "keys.db",
        "another file as key store": other,
        "a key store of another version": of_another,
    }
    changes: dict[str, object] = {"keys_url": f"sqlite:///{key_stores[cause]}"} if cause in key_stores else {}
    if cause == "another secret":
        changes["secret_key"] = OTHER_SECRET
    if cause == "another vault key":
        changes["vault_keys"] = {1: bytes(range(1, 33))}
    return databases_of.get(cause, url), changes


def _nowhere(url: str, folder: Path) -> str:
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'nowhere' / 'portal.db'}"
    return make_url(url).set(database="nowhere").render_as_string(hide_password=False)


def stands_at(url: str, folder: Path, revision: str) -> None:
    """Let a database say that it stands at this migration."""
    made = create_app(settings_for(url, folder))
    with made.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def test_the_doctor_names_a_post_that_is_down_and_keeps_its_password(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    found = checkup(databases("post"), tmp_path, mail_url="smtp://portal:secret@127.0.0.1:9")
    assert "mail: 127.0.0.1 takes none" in found
    assert "secret" not in found


def test_the_doctor_names_a_key_store_that_cannot_be_reached(databases: Callable[[str], str], tmp_path: Path) -> None:
    found = checkup(databases("lost"), tmp_path, keys_url=f"sqlite:///{tmp_path / 'nowhere' / 'keys.db'}")
    assert "key store: cannot be used" in found
    assert "PORTAL_KEYS_URL" in found


def test_the_doctor_misses_no_key_that_was_destroyed_on_purpose(runner: FlaskCliRunner, cast: Cast) -> None:
    vault.destroy_key(cast.ana.person_id)
    assert "ok    key store" in runner.invoke(args=["doctor"]).output


def test_the_doctor_counts_whose_keys_are_missing(databases: Callable[[str], str], tmp_path: Path) -> None:
    found = checkup(databases("keyless"), tmp_path, keys_url=f"sqlite:///{tmp_path / 'new.db'}")
    assert "key store: has no key for 17 people or couples" in found  # thirteen of the cast, in four couples


def test_the_doctor_names_older_vault_keys_that_are_still_in_use_and_those_that_are_missing(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    keys = {1: bytes(range(32)), 2: bytes(range(1, 33))}
    found = checkup(databases("older"), tmp_path, vault_keys=keys)
    assert "keys are wrapped by vault key 1 still; run: ./portal.sh flask keys rotate" in found
    assert "by vault key 1, which PORTAL_VAULT_KEYS lacks" in checkup(
        databases("older"), tmp_path, vault_keys={2: keys[2]}
    )


def test_under_another_vault_key_nothing_is_wrapped_and_a_line_says_so(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    wrong = create_app(settings_for(databases("wrong_key"), tmp_path, vault_keys={1: bytes(range(1, 33))}))
    with wrong.app_context():
        before = vault.key_store.versions()
        for args in (["practice", "create", *OWNER], ["keys", "rotate"]):
            found = wrong.test_cli_runner().invoke(args=args)
            assert found.exit_code == 1
            assert "vault key 1 in PORTAL_VAULT_KEYS is another" in found.output
        assert vault.key_store.versions() == before
        db.session.remove()
        db.engine.dispose()


def test_the_doctor_names_whose_single_key_does_not_open(runner: FlaskCliRunner, cast: Cast) -> None:
    damage_key(cast.ana.person_id)
    found = runner.invoke(args=["doctor"])
    assert found.exit_code == 1
    assert f"vault keys: the keys of {cast.ana.person_id} do not open" in found.output


def test_under_another_secret_nothing_goes_on_record_and_a_line_says_why(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    url = databases("other_secret")
    wrong = create_app(settings_for(url, tmp_path, secret_key=OTHER_SECRET)).test_cli_runner()
    for args in (["practice", "create", *OWNER], ["jobs", "drain"], ["keys", "rotate"], ["backup", "--out", "never"]):
        found = wrong.invoke(args=args)
        assert (found.exit_code, found.output.count("\n")) == (1, 1)
        assert found.output.startswith("Error: Nothing was done: PORTAL_SECRET_KEY is another"), found.output
    assert "PORTAL_SECRET_KEY is another" in wrong.invoke(args=["audit", "verify"]).output
    right = create_app(settings_for(url, tmp_path)).test_cli_runner()
    assert right.invoke(args=["practice", "create", *OWNER]).exit_code == 0
    assert right.invoke(args=["audit", "verify"]).exit_code == 0


def test_a_head_that_somebody_changed_is_no_other_secret(runner: FlaskCliRunner, cast: Cast) -> None:
    db.session.execute(update(AuditHead).values(seal=bytes(32)))
    db.session.commit()
    assert "ok    secret key" in runner.invoke(args=["doctor"]).output
    assert "The audit trail does not hold." in runner.invoke(args=["audit", "verify"]).output


def damage_key(owner_id: UUID) -> None:
    """Let one key be wrapped by a vault key that nobody has."""
    strange = vault.AESGCM(bytes(range(1, 33))).encrypt(bytes(12), bytes(32), vault._wrapping(owner_id))
    with vault.key_store._writing() as connection:
        connection.execute(update(DataKey).where(DataKey.owner_id == owner_id).values(wrapped=bytes(12) + strange))
    db.session.remove()


def test_the_doctor_names_missing_fonts(
    runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys.modules["portal.cli.doctor"], "FONT_FOLDER", tmp_path)
    found = runner.invoke(args=["doctor"])
    assert found.exit_code == 1
    assert "portal-sans-400.ttf" in found.output


def test_without_settings_every_missing_one_is_named(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)}
    command = [sys.executable, "-m", "flask", "--app", "app", "doctor"]
    found = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    for name in ("PORTAL_SECRET_KEY", "PORTAL_VAULT_KEYS"):
        assert f"{name} is missing" in found.stderr
    assert "Traceback" not in found.stderr


def test_the_audit_trail_is_gone_over_and_holds(runner: FlaskCliRunner, cast: Cast) -> None:
    whole = runner.invoke(args=["audit", "verify"])
    assert whole.exit_code == 0, whole.output
    assert re.search(r"Practice North: \d+ events, and they hold\.", whole.output)
    assert "Before sign-in: 0 events" in whole.output
    one = runner.invoke(args=["audit", "verify", "--practice", "Practice South"])
    assert (one.exit_code, one.output.count("events")) == (0, 1)


def test_where_the_audit_trail_does_not_hold_is_said(runner: FlaskCliRunner, cast: Cast) -> None:
    chain = db.session.scalars(
        select(AuditHead.chain_id).join(Practice, Practice.id == AuditHead.practice_id).where(Practice.name == NORTH)
    ).one()
    lies_as = chain.hex if db.engine.dialect.name == "sqlite" else chain
    untie()
    change("event", "zone:changed", lies_as, 2)
    remove(lies_as, 4, 4)
    found = runner.invoke(args=["audit", "verify"])
    assert found.exit_code == 1
    assert "event 2 was changed" in found.output
    assert "event 4 is missing" in found.output
    assert "Practice South: " in found.output
    assert runner.invoke(args=["audit", "verify", "--practice", "Practice South"]).exit_code == 0


def test_a_practice_that_there_is_not_has_no_trail(runner: FlaskCliRunner, cast: Cast) -> None:
    refused = runner.invoke(args=["audit", "verify", "--practice", "Practice West"])
    assert refused.exit_code == 1
    assert "no such practice" in refused.output


@pytest.mark.parametrize(
    "args", [["audit", "verify"], ["practice", "stay", NORTH], ["practice", "forget", NORTH, "--yes"]]
)
def test_a_database_that_is_not_set_up_is_said_in_one_line(tmp_path: Path, args: list[str]) -> None:
    empty = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path))
    found = empty.test_cli_runner().invoke(args=args)
    assert found.exit_code == 1
    assert re.fullmatch(r"Error: Broken off: no such table: \w+\. See: \./portal\.sh flask doctor\n", found.output)


def test_a_database_that_somebody_holds_is_said_in_one_line(
    runner: FlaskCliRunner, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_args: object, **_named: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(practices, "begin_write", held)
    found = runner.invoke(args=["practice", "create", "--owner-address", "sol@west.example"])
    assert (found.exit_code, found.output) == (
        1,
        "Error: Broken off: database is locked. See: ./portal.sh flask doctor\n",
    )


@pytest.fixture
def migrating(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The flask command with an SQLite database of its own, or with another one."""

    def run(*args: str, url: str = f"sqlite:///{tmp_path / 'new.db'}", said: str = "") -> Any:
        settings = {
            "PORTAL_SECRET_KEY": OTHER_SECRET,
            "PORTAL_VAULT_KEYS": "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "PORTAL_DATABASE_URL": url,
            "PORTAL_KEYS_URL": f"sqlite:///{tmp_path / 'keys.db'}",
        }
        command = [sys.executable, "-m", "flask", "--app", "app", "db", *args]
        environment = {"PATH": os.environ["PATH"], **settings}
        return subprocess.run(
            command, cwd=HOUSE, env=environment, input=said, capture_output=True, text=True, check=False
        )

    return run


Migrating = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/portal.db", "postgresql+psycopg://owner:secret@127.0.0.1:9/portal"]
)
def test_an_upgrade_of_a_database_that_cannot_be_reached_ends_in_one_line(migrating: Migrating, url: str) -> None:
    found = migrating("upgrade", url=url)
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1].startswith("Error: Broken off: ")
    assert "See: ./portal.sh flask doctor" in found.stderr
    assert "Traceback" not in found.stderr
    assert "secret" not in found.stderr


def test_a_downgrade_asks_before_it_takes_what_people_wrote(migrating: Migrating, tmp_path: Path) -> None:
    def tables() -> int:
        with closing(sqlite3.connect(tmp_path / "new.db")) as database:
            return int(database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0])

    assert migrating("upgrade").returncode == 0
    there = tables()
    assert there > 20
    for args, said in ((["downgrade", "0001"], "n\n"), (["downgrade", "base"], "")):
        refused = migrating(*args, said=said)
        assert refused.returncode == 1
        assert "A downgrade takes tables away" in refused.stdout
        assert tables() == there
    done = migrating("-x", "yes", "downgrade", "base")
    assert done.returncode == 0, done.stderr
    assert tables() < 5


def test_a_key_is_exchanged_of_who_signs_in_with_an_address(runner: FlaskCliRunner, cast: Cast) -> None:
    asked = ["keys", "rotate", "--quiet", "0", "--person"]
    done = runner.invoke(args=[*asked, address_of("ana")])
    assert done.exit_code == 0, done.output
    assert vault.numbers_of(cast.ana.person_id) == [2]
    refused = runner.invoke(args=[*asked, "nobody@home.example"])
    assert refused.exit_code == 1
    assert "nobody by this name or id" in refused.output


@pytest.mark.parametrize("how", ["piped in", "in a file"])
def test_the_key_of_a_move_may_come_from_a_script(runner: FlaskCliRunner, tmp_path: Path, how: str) -> None:
    (tmp_path / "moved").write_bytes(Header("practice", 0, bytes(16)).written())
    (tmp_path / "key").write_text("no key\n", encoding="utf-8")
    asked = ["practice", "move-in", str(tmp_path / "moved")]
    if how == "in a file":
        found = runner.invoke(args=[*asked, "--key-file", str(tmp_path / "key")])
    else:
        found = runner.invoke(args=asked, input="no key\n")
    assert found.output == "Error: Not moved in, and nothing was written: this is no key of such a file.\n"
