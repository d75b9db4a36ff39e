"""Moving a practice: out of one house and into another with other secrets, where everything goes on as it was."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from portal import clock
from portal.cli import migrations
from portal.domain.people import Role, TokenPurpose, Viewer
from portal.extensions import Base, begin_write, db
from portal.models.audit import AuditEvent
from portal.models.erasures import Erasure
from portal.models.outbox import OutboxEntry
from portal.models.practices import Contact, Practice
from portal.models.responses import ParkedText, Response
from portal.models.users import Person, SignIn, WebSession
from portal.services import (
    accounts,
    approvals,
    contacts,
    erasing,
    erasures,
    key_store,
    moving_in,
    moving_out,
    parked,
    practices,
    standing,
    vault,
)
from portal.services.drafts import Typed
from portal.services.practices import NewCoach, NewPractice
from tests.architecture.test_migrations import REVISIONS, seeded
from tests.audit import change, untie
from tests.cast import PASSPHRASE, address_of
from tests.conftest import START, Browser
from tests.services.test_backups import elsewhere, flip, inside, run
from tests.services.test_key_store import forget, somebody_reading
from tests.web.world import ANAS_SECRET, World

NORTH = "Practice North"
OTHER_SECRETS = {"secret_key": "the secret of another house of 32 and more", "vault_keys": {3: bytes(range(7, 39))}}
TOMORROW = START + timedelta(days=1)
KEY = re.compile(r"^[\w-]{43}=$", re.MULTILINE)
# why a table with a practice stays behind
LEFT_BEHIND = {
    "rendered_briefs": "are set anew, and found by a key of the other house alone",
    "day_packs": "briefs of a day, which are kept for a day alone",
    "day_pack_rows": "the same, brief by brief",
    "web_sessions": "browsers that are signed in to the old house",
    "known_devices": "browsers that were",
    "tokens": "links into the old house",
    "outbox": "mails with such links",
    "audit_heads": "sealed by the old house's key, and made anew",
}


@pytest.fixture
def world(databases: Callable[[str], str], tmp_path: Path) -> Iterator[World]:
    """A world with a row in every table; whoever looked around in it did so before the move."""
    with seeded(databases, tmp_path, "moving") as made, clock.reading(lambda: TOMORROW):
        yield made


@pytest.fixture
def house(world: World, tmp_path: Path) -> Flask:
    """Another house, with tables and nobody in it."""
    other = elsewhere(world.app, tmp_path / "other", **OTHER_SECRETS)
    with inside(other):
        migrations.bind(other)
        flask_migrate.upgrade()
    return other


def move_out(app: Flask, file: Path, name: str = NORTH) -> str:
    """Move a practice out; gives the key that is printed."""
    with app.app_context():
        said = run(app, "practice", "move-out", name, "--out", file, "--quiet", 0)
        forget()
    found = KEY.findall(said)
    assert len(found) == 1, said
    return str(found[0])


def move_in(app: Flask, file: Path, key: str, *, fails: bool = False) -> str:
    """Move a practice in; gives what is said."""
    with app.app_context():
        made = app.test_cli_runner().invoke(args=["practice", "move-in", str(file)], input=f"{key}\n")
        forget()
    assert (made.exit_code != 0) is fails, made.output
    assert "Traceback" not in made.output
    return made.output


def still(page: str) -> str:
    """A page without what is another one each time it is asked for."""
    return re.sub(r'nonce="[^"]+"|name="csrf_token" value="[^"]+"', "", page)


def signed_in(app: Flask, name: str) -> Browser:
    return Browser(app.test_client()).sign_in(address_of(name))


def rows_of(practice_id: UUID) -> dict[str, int]:
    """How many rows of a practice each table holds, of those that come along."""
    return {
        table.name: db.session.scalar(
            select(func.count()).select_from(table).where(table.c.get("practice_id", table.c.get("id")) == practice_id)
        )
        or 0
        for table in moving_out.tables()
    }


def test_every_table_of_a_practice_comes_along_or_is_left_behind_with_a_reason() -> None:
    with_practice = {table.name for table in Base.metadata.tables.values() if "practice_id" in table.columns}
    assert {table.name for table in moving_out.tables()} == with_practice - set(LEFT_BEHIND) | {"practices"}
    assert set(LEFT_BEHIND) == moving_out.LEFT_BEHIND


def test_in_the_other_house_everything_goes_on_as_it_was(world: World, house: Flask, tmp_path: Path) -> None:
    shared = still(signed_in(world.app, "ben").get("/my/shared").text)
    path = f"/coach/responses/{world.ids['response_id']}"
    assert ANAS_SECRET in signed_in(world.app, "ines").get(path).text
    key = move_out(world.app, tmp_path / "bundle")
    before = rows_of(world.cast.ines.practice_id)
    said = move_in(house, tmp_path / "bundle", key)
    assert f"{before['people']:8}  people" in said
    with inside(house):
        assert db.session.scalars(select(Practice.id)).all() == [world.cast.ines.practice_id]
        assert {row["practice_id"] for row in key_store.every_key()} == {world.cast.ines.practice_id}
        after = rows_of(world.cast.ines.practice_id)
        assert after == before | {"audit_events": before["audit_events"] + 1}
        assert "MEND" not in run(house, "doctor")
        assert f"{NORTH}: {after['audit_events']} events, and they hold." in run(house, "audit", "verify")
        forget()
        assert still(signed_in(house, "ben").get("/my/shared").text) == shared
        assert ANAS_SECRET in signed_in(house, "ines").get(path).text  # her app's code opened the door
        assert signed_in(house, "ana").get("/my/").status_code == 200
        assert "and they hold" in run(house, "audit", "verify")


def test_who_was_invited_in_the_old_house_is_invited_anew_in_the_other(
    world: World, house: Flask, tmp_path: Path
) -> None:
    move_in(house, tmp_path / "bundle", move_out(world.app, tmp_path / "bundle"))
    ines, gil = signed_in(house, "ines"), world.cast.gil.person_id
    partner = f"/coach/couples/{world.cast.couples['gil']}/partners/{gil}"
    assert ines.get(f"/coach/couples/{world.cast.couples['gil']}").status_code == 200
    assert ines.post(f"{partner}/invite").status_code == 303
    assert ines.get(f"{partner}/slip").status_code == 200


def test_in_the_old_house_everybody_is_out_and_nobody_comes_in(world: World, tmp_path: Path) -> None:
    inside_before = {name: signed_in(world.app, name) for name in ("ines", "ben", "sol")}
    move_out(world.app, tmp_path / "bundle")
    out = {name: browser.get("/").location for name, browser in inside_before.items()}
    assert (out["ines"], out["ben"], out["sol"]) == ("/sign-in", "/sign-in", "/coach/")
    for name in ("ines", "mira", "ana", "ben"):
        reply = Browser(world.app.test_client()).post(
            "/sign-in", {"email": address_of(name), "password": PASSPHRASE}, page="/sign-in"
        )
        assert reply.status_code == 422
    signed_in(world.app, "sol")


def test_a_session_that_was_opened_at_the_last_moment_opens_nothing_and_keeps_nothing(
    world: World, tmp_path: Path
) -> None:
    with inside(world.app):
        token = accounts.sign_in(address_of("ben"), PASSPHRASE, None) or ""
        assert standing.standing_or_none(token)
    move_out(world.app, tmp_path / "bundle")
    with inside(world.app):
        db.session.execute(update(WebSession).values(ended_at=None))
        db.session.commit()
        assert standing.standing_or_none(token) is None
        with clock.reading(lambda: TOMORROW + timedelta(minutes=11)):
            parked.park(token, world.ids["task_of_ben"], lambda task: Typed({"understood": "half a sen"}, {}), 0)
        kept = select(func.count()).where(ParkedText.person_id == world.cast.ben.person_id)
        assert db.session.scalar(kept) == 0


def test_no_link_lets_anybody_in_and_nothing_is_sent_or_issued_until_they_stay(world: World, tmp_path: Path) -> None:
    north = world.cast.ines.practice_id
    token = link_for_rut(world)
    move_out(world.app, tmp_path / "bundle")
    nobody = Browser(world.app.test_client())
    assert nobody.get(f"/invitations/{token}").status_code == 410
    assert nobody.post("/reset", {"email": address_of("ben")}, page="/reset").status_code == 200
    with inside(world.app), clock.reading(lambda: START + timedelta(days=15)):
        given = rows_of(north)["assignments"]
        run(world.app, "jobs", "sweep")
        assert rows_of(north)["assignments"] == given
        assert mails_of(north) == set()
        run(world.app, "practice", "stay", NORTH)
        assert "1 issued" in run(world.app, "jobs", "sweep")
        assert "invitation" in mails_of(north)
        assert "reset" not in mails_of(north)
    assert nobody.get(f"/invitations/{token}").status_code == 200
    signed_in(world.app, "ben")


def link_for_rut(world: World) -> str:
    """The token of an invitation that opens a door."""
    with inside(world.app):
        begin_write()
        person = db.session.scalars(select(Person).where(Person.display_name == "Rut")).one()
        token = accounts.issue_token(person, TokenPurpose.INVITATION, timedelta(days=14), "123456")
        db.session.commit()
    return token


def mails_of(practice_id: UUID) -> set[str]:
    """Which mails have gone to people of a practice."""
    gone = select(OutboxEntry.message).where(OutboxEntry.practice_id == practice_id, OutboxEntry.done_at.is_not(None))
    return set(db.session.scalars(gone))


def test_the_record_comes_along_in_its_order_and_says_that_it_moved(world: World, house: Flask, tmp_path: Path) -> None:
    key = move_out(world.app, tmp_path / "bundle")
    with inside(world.app):
        before = record(world)
    move_in(house, tmp_path / "bundle", key)
    with inside(house):
        after = record(world)
    assert before[-1].event == "practice:moved_out"
    assert after[:-1] == before
    assert after[-1].event == "practice:moved_in"


def record(world: World) -> list[Any]:
    own = AuditEvent.practice_id == world.cast.ines.practice_id
    columns = (AuditEvent.id, AuditEvent.event, AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.at)
    return list(db.session.execute(select(*columns).where(own).order_by(AuditEvent.number)))


def test_who_was_erased_stays_so_in_the_other_house(world: World, house: Flask, tmp_path: Path) -> None:
    ana, ben = world.cast.ana.person_id, world.cast.ben.person_id
    with inside(world.app):
        vault.destroy_key(ana)
        assert ana not in {key.owner_id for key in vault.open_keys(world.cast.ines.practice_id)}
    key = move_out(world.app, tmp_path / "bundle")
    move_in(house, tmp_path / "bundle", key)
    with inside(house):
        own = select(Response.id, Response.document).where(Response.person_id == ana)
        row = db.session.execute(own).first()
        assert row
        with pytest.raises(vault.Erased):
            vault.unseal(ana, "responses.document", *row)
        assert vault.numbers_of(ben) == [1]
        run(house, "jobs", "sweep")
        assert db.session.get_one(Person, ana).display_name == "A"


def test_the_file_holds_no_word_and_no_key_and_its_own_lies_nowhere(world: World, tmp_path: Path) -> None:
    key = move_out(world.app, tmp_path / "bundle")
    written = (tmp_path / "bundle").read_bytes()
    with inside(world.app):
        keys = [found.key for found in vault.open_keys(world.cast.ines.practice_id)]
        stored = [str(row) for row in key_store.every_key()]
    assert (tmp_path / "bundle").stat().st_mode & 0o777 == 0o600
    for word in (b"Practice North", b"Ana", b"data_keys", base64.urlsafe_b64decode(key), *keys):
        assert word not in written
    assert not any(key in row for row in stored)
    lies_there = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert key.encode() not in lies_there
    assert base64.urlsafe_b64decode(key) not in lies_there


def nothing_moved_in(house: Flask, world: World) -> bool:
    with inside(house):
        owners = {row["practice_id"] for row in key_store.every_key()}
        return not any(rows_of(world.cast.ines.practice_id).values()) and world.cast.ines.practice_id not in owners


@pytest.mark.parametrize("place", [5, 60, 200, 4_000, -1])
def test_one_flipped_byte_is_refused_and_nothing_is_written(
    world: World, house: Flask, tmp_path: Path, place: int
) -> None:
    key = move_out(world.app, tmp_path / "bundle")
    flip(tmp_path / "bundle", place)
    assert "Not moved in, and nothing was written: " in move_in(house, tmp_path / "bundle", key, fails=True)
    assert nothing_moved_in(house, world)


def test_a_wrong_key_or_another_file_is_refused(world: World, house: Flask, tmp_path: Path) -> None:
    key = move_out(world.app, tmp_path / "bundle")
    other = base64.urlsafe_b64encode(bytes(32)).decode()
    assert "another key made it" in move_in(house, tmp_path / "bundle", other, fails=True)
    assert "this is no key of such a file" in move_in(house, tmp_path / "bundle", "river lamp", fails=True)
    with inside(world.app):
        run(world.app, "backup", "--out", tmp_path / "b")
    assert "holds answers, and no practice" in move_in(house, tmp_path / "b", key, fails=True)
    assert nothing_moved_in(house, world)


def test_where_the_practice_is_already_or_the_version_is_another_it_is_refused(
    world: World, house: Flask, tmp_path: Path
) -> None:
    key = move_out(world.app, tmp_path / "bundle")
    assert "the practice is here already" in move_in(world.app, tmp_path / "bundle", key, fails=True)
    with inside(house):
        migrations.bind(house)
        flask_migrate.downgrade(revision="-1")
    said = move_in(house, tmp_path / "bundle", key, fails=True)
    assert f"and this database stands at {REVISIONS[-2]}." in said
    with inside(house):
        flask_migrate.upgrade()
    move_in(house, tmp_path / "bundle", key)
    assert "the practice is here already" in move_in(house, tmp_path / "bundle", key, fails=True)


def west(house: Flask, address: str = "wim@west.example") -> Viewer:
    """A practice that is in the other house already."""
    with inside(house):
        owner = NewCoach("Wim", address, PASSPHRASE, Role.OWNER)
        return practices.create_practice(NewPractice("Practice West", "UTC"), owner)


def test_where_an_id_is_taken_it_is_refused(world: World, house: Flask, tmp_path: Path) -> None:
    key, wim = move_out(world.app, tmp_path / "bundle"), west(house)
    with inside(house):
        contacts.add(wim, contacts.Listed("DE", "emergency", "Emergency", "112", "", "always"))
        db.session.execute(update(Contact).values(id=world.ids["contact_id"]))
        db.session.commit()
    assert "an id in it is taken here already" in move_in(house, tmp_path / "bundle", key, fails=True)
    assert nothing_moved_in(house, world)
    with inside(house):
        assert "Practice West: 2 events, and they hold." in run(house, "audit", "verify")


@pytest.mark.parametrize(("is_destroyed", "line"), [(False, "has other keys here"), (True, "were destroyed here")])
def test_where_somebody_has_other_keys_or_none_any_more_it_is_refused(
    world: World, house: Flask, tmp_path: Path, is_destroyed: bool, line: str
) -> None:
    key, ana = move_out(world.app, tmp_path / "bundle"), world.cast.ana.person_id
    with inside(house):
        vault.create_key(ana, UUID(int=1), "person")
        if is_destroyed:
            vault.destroy_key(ana)
    assert line in move_in(house, tmp_path / "bundle", key, fails=True)
    assert nothing_moved_in(house, world)


def test_a_move_that_broke_off_once_the_keys_were_there_can_be_done_again(
    world: World, house: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, take_in = move_out(world.app, tmp_path / "bundle"), vault.take_in

    def break_off(*given: Any) -> None:
        take_in(*given)
        raise vault.VaultError("the light went out")

    with monkeypatch.context() as patched:
        patched.setattr(moving_in.vault, "take_in", break_off)
        assert "the light went out" in move_in(house, tmp_path / "bundle", key, fails=True)
    with inside(house):
        assert not any(rows_of(world.cast.ines.practice_id).values())
    move_in(house, tmp_path / "bundle", key)
    signed_in(house, "ines")


def test_whose_address_opens_another_door_there_is_given_a_user_name(
    world: World, house: Flask, tmp_path: Path
) -> None:
    key = move_out(world.app, tmp_path / "bundle")
    west(house, address_of("ben"))
    said = move_in(house, tmp_path / "bundle", key)
    found = re.search(r"Ben signs in as ([\w-]+) here", said)
    assert found, said
    with inside(house):
        kinds = select(SignIn.kind).where(SignIn.person_id == world.cast.ben.person_id)
        assert db.session.scalars(kinds).all() == ["user_name"]
    ben = Browser(house.test_client()).give_passphrase(found[1])
    assert ben.get("/").location == "/my/"


def test_a_practice_whose_record_does_not_hold_stays_where_it_is(world: World, tmp_path: Path) -> None:
    with inside(world.app):
        untie()
        change("event", "zone:changed", lies_as(world.cast.ines.practice_id), 2)
        said = run(world.app, "practice", "move-out", NORTH, "--out", tmp_path / "bundle", "--quiet", 0, fails=True)
    assert "its audit trail does not hold" in said
    assert not (tmp_path / "bundle").exists()
    signed_in(world.app, "ben")


def lies_as(practice_id: UUID) -> object:
    return practice_id.hex if db.engine.dialect.name == "sqlite" else practice_id


def test_a_key_that_is_exchanged_meanwhile_spoils_the_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving_out, "went_meanwhile", lambda before: True)
    with inside(world.app):
        said = run(world.app, "practice", "move-out", NORTH, "--out", tmp_path / "bundle", "--quiet", 0, fails=True)
    assert "a key was exchanged meanwhile" in said
    assert "Nobody comes in meanwhile" in said
    assert not KEY.search(said)
    assert not list(tmp_path.glob("*bundle*"))


def test_what_cannot_be_moved_is_said_in_a_sentence(world: World, tmp_path: Path) -> None:
    with inside(world.app):
        there = ("--out", tmp_path / "bundle", "--quiet", 0)
        assert "There is no such practice." in run(world.app, "practice", "move-out", "Nowhere", *there, fails=True)
        assert "There is no such practice." in run(world.app, "practice", "stay", "Nowhere", fails=True)
        assert "it has not moved out" in run(world.app, "practice", "stay", NORTH, fails=True)
        no_folder = ("--out", tmp_path / "no" / "bundle", "--quiet", 0)
        assert "cannot be written" in run(world.app, "practice", "move-out", NORTH, *no_folder, fails=True)
        run(world.app, "practice", "stay", NORTH)
        forget()
        db.session.execute(update(Practice).values(name="Both"))
        db.session.commit()
        assert "there are 2 of that name" in run(world.app, "practice", "move-out", "Both", *there, fails=True)
        assert "Written to" in run(world.app, "practice", "move-out", world.cast.sol.practice_id, *there)
    signed_in(world.app, "ben")


def test_the_old_copy_is_erased_for_good_and_nobody_comes_back_to_it(
    world: World, house: Flask, tmp_path: Path
) -> None:
    ana, sol = world.cast.ana.person_id, world.cast.sol.person_id
    with inside(world.app):
        assert "it has not moved out" in run(world.app, "practice", "forget", NORTH, "--yes", fails=True)
    key = move_out(world.app, tmp_path / "bundle")
    move_in(house, tmp_path / "bundle", key)
    with inside(world.app):
        assert "Aborted" in run(world.app, "practice", "forget", NORTH, fails=True)
        assert "people erased here" in run(world.app, "practice", "forget", NORTH, "--yes")
        assert {row["practice_id"] for row in key_store.every_key()} == {world.cast.sol.practice_id}
        names = select(Person.display_name).where(Person.practice_id == world.cast.ines.practice_id)
        assert set(db.session.scalars(names)) <= {"A", "B"}
        with pytest.raises(vault.Erased):
            vault.unseal(ana, "people.address", ana, db.session.get_one(Person, ana).address)
        assert vault.unseal(sol, "people.address", sol, db.session.get_one(Person, sol).address) == address_of("sol")
        assert "0 people erased here" in run(world.app, "practice", "forget", NORTH, "--yes")
        assert "and they hold" in run(world.app, "audit", "verify", "--practice", NORTH)
        assert "Nothing was done: it was forgotten here" in run(world.app, "practice", "stay", NORTH, fails=True)
    reply = Browser(world.app.test_client()).post(
        "/sign-in", {"email": address_of("ben"), "password": PASSPHRASE}, page="/sign-in"
    )
    assert reply.status_code == 422
    signed_in(house, "ben")


def test_while_somebody_reads_the_keys_the_old_copy_is_not_called_erased(world: World, tmp_path: Path) -> None:
    move_out(world.app, tmp_path / "bundle")
    with inside(world.app):
        db.session.execute(delete(Erasure))  # with whomever it begins: nobody goes by themselves
        db.session.commit()
        with somebody_reading():
            said = run(world.app, "practice", "forget", NORTH, "--yes", fails=True)
        assert "Broken off: somebody is reading the key store" in said
        assert "it was forgotten here" in run(world.app, "practice", "stay", NORTH, fails=True)
        assert "people erased here" in run(world.app, "practice", "forget", NORTH, "--yes")
        assert {row["practice_id"] for row in key_store.every_key()} == {world.cast.sol.practice_id}


def test_a_practice_of_which_one_person_was_erased_can_stay_all_the_same(world: World, tmp_path: Path) -> None:
    with inside(world.app):
        erasures.begin(world.cast.ines, world.cast.ana.person_id, "http://127.0.0.1:8000/")
        of_ana = (Erasure.person_id == world.cast.ana.person_id, Erasure.withdrawn_at.is_(None))
        erasure_id = db.session.scalars(select(Erasure.id).where(*of_ana)).one()
        for member in (world.cast.ines, world.cast.omar):
            approvals.approve(member, erasure_id)
        later = clock.now() + timedelta(days=14)
        with clock.reading(lambda: later):
            assert erasing.carry_out_due() == 1
    move_out(world.app, tmp_path / "bundle")
    with inside(world.app):
        assert "They come in here again" in run(world.app, "practice", "stay", NORTH)
