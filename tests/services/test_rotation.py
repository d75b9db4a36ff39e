"""Keys are exchanged while people work: nobody meets an error, no text is lost, nothing is left under the old key."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from portal import clock, create_app, randomness
from portal.domain.audit_chain import BEFORE_SIGN_IN
from portal.domain.errors import NotFound
from portal.extensions import begin_write, db
from portal.jobs.rotation import exchange_key
from portal.models.assignments import Assignment
from portal.models.audit import AuditEvent
from portal.models.responses import Draft, Response
from portal.services import couples, key_store, responses, rotation, vault
from portal.services.couples import NewPartner
from portal.services.drafts import Typed
from tests.cast import LINK, Cast, find
from tests.conftest import START, Browser, settings_for
from tests.given import assign, floor, send, task_of
from tests.many_answers import send_often

NEW_KEY = bytes(range(32, 64))
PLACE = "responses.document"
ANSWERS = 2_000
PACE = 0.05  # seconds from one act of a person to the next: who writes without a pause leaves others no turn
PRACTICE = UUID(int=1)


@pytest.fixture
def count(pytestconfig: pytest.Config) -> int:
    found: int = pytestconfig.getoption("--rotations")
    return found


def on_both_keys(databases: Callable[[str], str], folder: Path, name: str = "rotated") -> Flask:
    """The same house once the operator has added a newer vault key, on a database that the older one sealed."""
    old = settings_for("", folder).vault_keys[1]
    return create_app(settings_for(databases(name), folder, vault_keys={1: old, 2: NEW_KEY}))


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@contextmanager
def meanwhile(app: Flask, *acts: Callable[[], None]) -> Iterator[list[Exception]]:
    """Let others work, each in a thread, again and again until the block ends; gives what went wrong for them."""
    over, wrong = Event(), list[Exception]()

    def work(act: Callable[[], None]) -> None:
        while not over.is_set():
            try:
                with app.app_context():
                    act()
                    db.session.remove()
            except Exception as error:
                wrong.append(error)

    threads = [Thread(target=work, args=(act,)) for act in acts]
    with clock.reading(lambda: START):  # of the whole process: set by each thread, the last to end would leave it so
        for thread in threads:
            thread.start()
        try:
            yield wrong
        finally:
            over.set()
            for thread in threads:
                thread.join(30)


def test_the_vault_key_is_rotated_over_everybodys_keys_while_they_are_used(
    databases: Callable[[str], str], tmp_path: Path, count: int
) -> None:
    app = on_both_keys(databases, tmp_path)
    with inside(app):
        texts = sealed_by_an_older_key(count)
        owners, turn = list(texts), iter(range(10**9))
        assert key_store.versions()[1] >= count

        def read() -> None:
            owner = owners[next(turn) % len(owners)]
            assert vault.unseal(owner, "notes.text", PRACTICE, texts[owner]) == str(owner)

        cast, sent, came = find(), list[str](), list[str]()
        task_id = task_of(cast.ana, assign(cast, "ten-clear-minutes"))

        def write() -> None:
            kept = responses.open_for(cast.ana, task_id)
            words = f"thought {len(sent)}"
            responses.save_draft(cast.ana, task_id, Typed({"understood": words}, {}), kept.version)
            sent.append(words)
            time.sleep(PACE)

        def invite() -> None:
            pair = [NewPartner(f"New {n}", f"new-{len(came)}-{n}@home.example") for n in "ab"]
            came.append(str(couples.invite_couple(cast.omar, *pair, LINK)))
            time.sleep(PACE)

        with meanwhile(app, read, read, write, invite) as wrong:
            done = rotation.rewrap_all()
            assert sent
            assert came
        assert (wrong, done.left, done.version) == ([], 0, 2)
        assert done.done >= count
        assert set(key_store.versions()) == {2}
        db.session.remove()
        assert all(vault.unseal(o, "notes.text", PRACTICE, text) == str(o) for o, text in texts.items())
        assert responses.open_for(cast.ana, task_id).typed.raw == {"understood": sent[-1]}


def sealed_by_an_older_key(count: int) -> dict[UUID, bytes]:
    """So many people's keys, wrapped by the older vault key, with a text of each."""
    texts, rows = {}, []
    for _ in range(count):
        owner, key = uuid4(), randomness.some_bytes(32)
        wrapped = vault._wrap(owner, key, 1)
        rows.append({"owner_id": owner, "number": 1, "practice_id": PRACTICE, "owner_kind": "person"})
        rows[-1] |= {"wrapped": wrapped, "vault_version": 1, "created_at": clock.now()}
        vault._opened()[owner] = {1: vault.AESGCM(key)}
        texts[owner] = vault.seal(owner, "notes.text", PRACTICE, str(owner))
    with key_store._writing() as connection:
        connection.execute(insert(key_store.DataKey), rows)
    db.session.remove()
    return texts


def test_a_rotation_that_broke_off_is_gone_on_with_and_a_second_one_changes_nothing(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    app = on_both_keys(databases, tmp_path)
    with inside(app):
        every = sum(key_store.versions().values())
        assert vault.rewrap_some(3) == (3, 3)
        assert key_store.versions() == {1: every - 3, 2: 3}
        runner = app.test_cli_runner()
        assert f"{every - 3} keys wrapped anew by vault key 2, 0 left" in runner.invoke(args=["keys", "rotate"]).output
        assert "0 keys wrapped anew by vault key 2, 0 left" in runner.invoke(args=["keys", "rotate"]).output


def test_after_the_rotation_the_older_vault_key_is_needed_no_more(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    app = on_both_keys(databases, tmp_path, "old_key")
    with inside(app):
        rotation.rewrap_all()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    later = create_app(settings_for(url, tmp_path, vault_keys={2: NEW_KEY}))
    with inside(later):
        assert later.test_cli_runner().invoke(args=["jobs", "drain"]).output == "8 sent\n"


def test_a_key_whose_vault_key_is_missing_breaks_the_rotation_off_with_a_line(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    app = create_app(settings_for(databases("missing"), tmp_path, vault_keys={2: NEW_KEY}))
    with inside(app):
        found = app.test_cli_runner().invoke(args=["keys", "rotate"])
        assert (found.exit_code, "vault key 1 is not among PORTAL_VAULT_KEYS" in found.output) == (1, True)


def test_a_key_that_does_not_open_is_gone_round_and_its_owner_named(
    databases: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_both_keys(databases, tmp_path, "damaged")
    with inside(app):
        every = key_store.every_wrapped()
        damaged = sorted(every)[0]
        with key_store._writing() as connection:
            connection.execute(
                update(key_store.DataKey)
                .where(key_store.DataKey.owner_id == damaged.owner_id)
                .values(wrapped=bytes(60))
            )
        monkeypatch.setattr(rotation, "BATCH", 3)
        found = app.test_cli_runner().invoke(args=["keys", "rotate"])
        assert found.exit_code == 1
        assert f"{len(every) - 1} keys wrapped anew by vault key 2, 1 left under older ones" in found.output
        assert f"do not open, and were left as they are: {damaged.owner_id}." in found.output
        assert vault.rewrap_some(1) == (0, 0)


@pytest.fixture
def written(app: Flask, cast: Cast) -> list[UUID]:
    """What Ana sent, again and again; gives the ids of her responses."""
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor())
    return send_often(cast.ana, task_id, ANSWERS)


def test_a_persons_key_is_exchanged_while_they_write_and_their_coach_reads(
    app: Flask, cast: Cast, written: list[UUID]
) -> None:
    ana = cast.ana.person_id
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    browsers = {name: Browser(app.test_client()).sign_in(f"{name}@{home}.example") for name, home in PLACES.items()}
    token, version = browsers["ana"].token("/help-now"), [0]
    shown = str(written[0])

    def write() -> None:
        data = {"csrf_token": token, "version": version[0], "t1": f"thought {version[0]}"}
        reply = browsers["ana"].client.post(f"/my/tasks/{task_id}/draft", data=data)
        assert reply.status_code == 200, reply.status_code
        version[0] = reply.json["version"]  # type: ignore[index]

    def read() -> None:
        row = db.session.execute(select(Response.document).where(Response.id == UUID(shown))).one()
        assert vault.unseal_document(ana, PLACE, UUID(shown), row.document) == {"n": 1}

    with meanwhile(app, write, read) as wrong:
        done = exchange_key(ana, quiet=4)  # longer than a request takes on a machine that does much else
    assert (wrong, done.left, done.keys_gone, done.number) == ([], 0, 1, 2)
    assert done.texts >= 2 * len(written)
    assert version[0] > 3
    db.session.remove()
    assert vault.numbers_of(ana) == [2]
    columns = select(Response.id, Response.document)
    found = db.session.execute(columns.where(Response.id.in_(written)))
    assert {vault.unseal_document(ana, PLACE, *row)["n"] for row in found} == set(range(1, len(written) + 1))
    kept = responses.open_for(cast.ana, task_id)
    assert (kept.version, kept.typed.raw["t1"]) == (version[0], f"thought {version[0] - 1}")


PLACES = {"ana": "home", "ines": "north"}


def test_what_a_slow_request_sealed_with_the_old_key_is_found_before_that_key_goes(app: Flask, cast: Cast) -> None:
    ana = cast.ana.person_id
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed({"understood": "early"}, {}), 0)
    vault.load_keys([ana])
    old, waits = dict(vault._opened()[ana]), list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            begin_write()
            vault._opened()[ana] = dict(old)
            sealed = vault.seal_document(ana, "drafts.document", task_id, {"raw": {"understood": "late"}})
            vault._opened().pop(ana)
            db.session.execute(update(Draft).where(Draft.task_id == task_id).values(document=sealed))
            db.session.commit()

    done = exchange_key(ana, quiet=7, wait=wait)
    assert (waits, done.left, done.keys_gone) == ([7, 7], 0, 1)
    db.session.remove()
    assert responses.open_for(cast.ana, task_id).typed.raw == {"understood": "late"}


def test_a_text_that_changes_under_the_rotation_is_left_as_it_was_written(app: Flask, cast: Cast) -> None:
    ana = cast.ana.person_id
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed({"understood": "first"}, {}), 0)
    before = db.session.scalars(select(Draft.document).where(Draft.task_id == task_id)).one()
    responses.save_draft(cast.ana, task_id, Typed({"understood": "second"}, {}), 1)
    rotation.begin(ana)
    column = next(one for one in rotation.SEALED if one.place == "drafts.document")
    rotation._reseal(column, ana, task_id, before)
    db.session.commit()
    db.session.remove()
    assert responses.open_for(cast.ana, task_id).typed.raw == {"understood": "second"}
    assert rotation.left(ana, 2) > 0


def test_an_exchange_that_broke_off_goes_on_with_the_key_that_it_had_made(app: Flask, cast: Cast) -> None:
    ana = cast.ana.person_id
    assert (rotation.begin(ana), rotation.begin(ana)) == (2, 2)
    assert exchange_key(ana, quiet=0).keys_gone == 1
    assert vault.numbers_of(ana) == [2]


def test_a_couples_key_is_exchanged_like_a_persons_by_command(app: Flask, cast: Cast) -> None:
    assign(cast, "one-holds-the-floor", why="For the evenings", obstacle="The phone")
    couple_id = cast.couples["ana"]
    made = app.test_cli_runner().invoke(args=["keys", "rotate", "--person", str(couple_id), "--quiet", "0"])
    assert "2 texts sealed anew, 0 left under older keys, 1 old keys gone" in made.output
    db.session.remove()
    [row] = db.session.scalars(select(Assignment).where(Assignment.couple_id == couple_id))
    assert vault.unseal(couple_id, "assignments.why", row.id, row.why or b"") == "For the evenings"


def test_who_has_no_key_or_was_erased_gets_none(app: Flask, cast: Cast) -> None:
    vault.destroy_key(cast.ana.person_id)
    for nobody in (uuid4(), cast.ana.person_id):
        with pytest.raises(NotFound):
            rotation.begin(nobody)
        made = app.test_cli_runner().invoke(args=["keys", "rotate", "--person", str(nobody), "--quiet", "0"])
        assert (made.exit_code, "There is no key" in made.output) == (1, True)


def on_record(practice_id: UUID | None, word: str) -> list[tuple[str, UUID | None]]:
    """Events of a chain that begin with this word, with whom they are about."""
    db.session.rollback()
    chain = (AuditEvent.chain_id == (practice_id or BEFORE_SIGN_IN), AuditEvent.event.startswith(word))
    rows = db.session.execute(select(AuditEvent.event, AuditEvent.subject_id).where(*chain).order_by(AuditEvent.number))
    return [tuple(row) for row in rows]


def test_a_rotation_of_the_vault_key_goes_on_record_in_every_chain_as_it_begins_and_ends(
    app: Flask, cast: Cast
) -> None:
    app.test_cli_runner().invoke(args=["keys", "rotate"])
    for chain in (None, cast.ines.practice_id, cast.sol.practice_id):
        assert on_record(chain, "keys:") == [("keys:change_begun", None), ("keys:changed", None)]


def test_a_new_key_for_one_person_goes_on_record_in_their_practice_alone(
    app: Flask, cast: Cast, browser: Callable[[str], Browser]
) -> None:
    ana = cast.ana.person_id
    rotation.begin(ana)
    assert on_record(cast.ines.practice_id, "key:") == [("key:exchange_begun", ana)]
    app.test_cli_runner().invoke(args=["keys", "rotate", "--person", str(ana), "--quiet", "0"])
    assert on_record(cast.ines.practice_id, "key:")[-1] == ("key:exchanged", ana)
    assert on_record(None, "key:") == on_record(cast.sol.practice_id, "key:") == []
    page = browser("ines").get(f"/coach/practice/audit?person={ana}").text
    assert "The operator sealed what Ana wrote under a new key" in page


def test_a_key_that_came_after_the_new_one_does_not_keep_an_exchange_going_for_ever(app: Flask, cast: Cast) -> None:
    """Two who begin at one moment both make a key: what the other seals with the newer one is left alone."""
    ana = cast.ana.person_id
    responses.save_draft(
        cast.ana, task_of(cast.ana, assign(cast, "one-holds-the-floor")), Typed({"understood": "a"}, {}), 0
    )
    number = rotation.begin(ana)
    vault.create_key(ana, cast.ana.practice_id, "person")
    turns = 0
    while rotation.reseal_some(ana, number):
        turns += 1
        assert turns < 5
    assert rotation.left(ana, number) == 0


def test_who_is_erased_as_an_exchange_begins_gets_no_new_key(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = cast.ana.person_id
    owner = key_store.owner_of_key(ana)
    monkeypatch.setattr(key_store, "owner_of_key", lambda _: vault.destroy_key(ana) or owner)
    with pytest.raises(NotFound):
        rotation.begin(ana)
    assert vault.numbers_of(ana) == []


def test_the_wait_for_slow_requests_is_longer_than_the_server_lets_one_live() -> None:
    assert timedelta(seconds=exchange_key.__defaults__[0]) >= timedelta(seconds=60)  # type: ignore[index]
