"""What is sealed: one list holds every such column, a moved text opens nowhere, no word can be read on the disk."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import LargeBinary, make_url, select, text

from portal import clock, create_app
from portal.domain.brief_choices import Copy
from portal.domain.people import Viewer
from portal.domain.safety import ProtocolStep
from portal.domain.session_notes import NoteOf
from portal.extensions import Base, db
from portal.jobs.press import Press
from portal.models.assignments import Assignment, Repetition
from portal.models.responses import ParkedText, Response
from portal.models.users import Person
from portal.output.render import Rendered
from portal.services import (
    authorisations,
    brief_choices,
    dumps,
    pathways,
    protocol,
    repetitions,
    reviews,
    safety,
    session_notes,
    task_questions,
    vault,
)
from portal.services.drafts import PARKED_PLACE, Typed, seal_typed
from portal.services.responses import save_draft
from portal.services.sealed_columns import SEALED, SealedColumn
from tests import picked
from tests.cast import PASSPHRASE
from tests.given import correct, task_of
from tests.keys import a_passkey
from tests.postgres import USER
from tests.web import world as worlds
from tests.web.route_table import TABLE
from tests.web.test_routes import path_of
from tests.web.world import ANAS_NUMBER, ANAS_SECRET, ROLES, WHY, World

# bytes that are no text of anybody: hashes of a fixed length are left out by their length
NOT_SEALED = {
    "passkeys.public_key": "the public half of a key",
    "audit_events.hash": "what the next event of the chain follows",
    "audit_events.previous": "what an event follows",
    "audit_heads.last": "where a chain ends",
    "audit_heads.seal": "an HMAC over where it ends",
}
FEEDBACK, REASON, OBSTACLE, DRAFT = "Well held, both of you", "We spoke on Tuesday", "The phone rings", "half a thou"
ANSWER = "If both of you can stop, yes"
SKIPPED, LEFT_OUT = "Too much while he travels", "A quiet week, as they asked"
NOTED = "Called at noon, nobody else in the room"
IN_THE_WAY = "The phone: it lies outside"
CHOSEN = "Begin with the evening"
WRITTEN, ADDED = "She sat nearer to the door", "It was the window"
USER_NAME, PARKED, CORRECTION, PURPOSE = "amber-otter", "half a sen", "That he waits", "Their new coach"
# what stands in the clear by decision, each with the table that says so
CLEAR = {"Practice North": "practices", "Ana": "people", "Ben": "people", "Ana & Ben": "couples", "started": "tasks"}


@pytest.fixture
def full(databases: Callable[[str], str], tmp_path: Path) -> Iterator[World]:
    """A world with a text in every sealed column."""
    with worlds.standing(databases, tmp_path, "sealed") as world, world.app.app_context():
        cast, ids = world.cast, world.ids
        save_draft(cast.ben, ids["task_of_ben"], Typed({"line": DRAFT}, {}), 0)
        correct(cast.ana, task_of(cast.ana, ids["assignment_id"]), "t1", {"t1": CORRECTION})
        reviews.review(cast.ines, ids["response_id"], FEEDBACK)
        task_questions.answer(cast.ines, ids["question_id"], ANSWER, "http://127.0.0.1:8000/my/")
        protocol.note(cast.ines, ids["signal_id"], ProtocolStep.CONTACT, NOTED)
        safety.close(cast.ines, ids["signal_id"], REASON)
        picked.add(cast.ines, ids["session_id"], IN_THE_WAY)
        brief_choices.keep(cast.ines, ids["session_id"], Copy.COACH, CHOSEN, [], [])
        session_notes.save(cast.ines, ids["session_id"], NoteOf.A, WRITTEN, 0)
        session_notes.lock(cast.ines, ids["session_id"], NoteOf.A, WRITTEN, 1)
        session_notes.add(cast.ines, ids["session_id"], NoteOf.A, ADDED)
        authorisations.ask(cast.ines, cast.couples["ana"], PURPOSE, "http://127.0.0.1:8000/my/account/authorisation")
        pathways.skip(cast.ines, ids["step_id"], SKIPPED)
        comes_again = select(Repetition.id).where(Repetition.ended_at.is_(None), Repetition.held_at.is_(None))
        repetitions.skip_next(cast.ines, db.session.scalars(comes_again.order_by(Repetition.id)).first(), LEFT_OUT)
        Press("Portal", lambda html: Rendered(html.encode(), fallback=False)).turn()
        for row in db.session.scalars(select(Assignment)):
            row.obstacle = vault.seal(row.couple_id, "assignments.obstacle", row.id, OBSTACLE)
        db.session.add(a_passkey(cast.ana))
        _of_the_doors(cast.ana, ids["task_id"])
        db.session.commit()
        yield world
        db.session.remove()


def _of_the_doors(ana: Viewer, task_id: UUID) -> None:
    person = db.session.get_one(Person, ana.person_id)
    person.user_name = vault.seal(person.id, "people.user_name", person.id, USER_NAME)
    sealed = seal_typed(ana.person_id, PARKED_PLACE, task_id, Typed({"line": PARKED}, {}))
    own = {"practice_id": ana.practice_id, "person_id": ana.person_id, "task_id": task_id}
    db.session.add(ParkedText(version=0, document=sealed, parked_at=clock.now(), **own))


def test_the_list_holds_every_column_that_can_hold_sealed_text() -> None:
    bytes_of_any_length = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.type.length is None
    }
    assert {column.place for column in SEALED} == bytes_of_any_length - set(NOT_SEALED)


def first_of(column: SealedColumn) -> tuple[UUID, UUID, bytes]:
    """A row's id, its owner, and the sealed text that stands there."""
    found = select(column.row_id, column.owner_id, column.text).where(column.text.is_not(None))
    row = db.session.execute(found).first()
    assert row, f"no text in {column.place}"
    return row[0], row[1], row[2]


def opens(owner_id: UUID, place: str, row_id: UUID, sealed: bytes) -> bool:
    try:
        vault.unseal(owner_id, place, row_id, sealed)
    except vault.VaultError:
        return False
    return True


def test_a_text_opens_in_its_own_place_and_in_no_other(full: World) -> None:
    people = everybody(full)
    for column in SEALED:
        row_id, owner_id, sealed = first_of(column)
        assert opens(owner_id, column.place, row_id, sealed), column.place
        others = [one.place for one in SEALED if one.place != column.place]
        moved = [(owner_id, column.place, uuid4()), *((owner_id, place, row_id) for place in others)]
        moved += [(other, column.place, row_id) for other in people if other != owner_id]
        assert [place for place in moved if opens(*place, sealed)] == [], column.place


def test_a_text_with_one_changed_byte_does_not_open(full: World) -> None:
    for column in SEALED:
        row_id, owner_id, sealed = first_of(column)
        changed = [sealed[:at] + bytes([byte ^ 1]) + sealed[at + 1 :] for at, byte in enumerate(sealed)]
        assert len(changed) > vault.NUMBER_BYTES, column.place
        assert not any(opens(owner_id, column.place, row_id, one) for one in (*changed, b"")), column.place


def everybody(world: World) -> list[UUID]:
    return [viewer.person_id for viewer in world.cast.viewers.values()] + list(world.cast.couples.values())


def on_the_disk(world: World, folder: Path) -> bytes:
    """The main database as it lies there: SQLite's own files, or a plain dump of PostgreSQL."""
    url = make_url(world.app.config["SQLALCHEMY_DATABASE_URI"])
    db.session.remove()
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        return b"".join(found.read_bytes() for found in path.parent.glob(f"{path.name}*"))
    everything = url.set(drivername="postgresql", username=USER)  # whom no lock on rows binds
    target = everything.render_as_string(hide_password=False)
    dump = [dumps.program("pg_dump"), "--inserts", f"--dbname={target}"]
    return subprocess.run(dump, check=True, capture_output=True).stdout


def test_what_must_be_sealed_cannot_be_read_on_the_disk(full: World, tmp_path: Path) -> None:
    found = on_the_disk(full, tmp_path)
    sealed = [
        ANAS_SECRET,
        ANAS_NUMBER,
        "May we bring this",
        WHY,
        FEEDBACK,
        REASON,
        OBSTACLE,
        DRAFT,
        "That he asks",
        "The tea",
        "The walk",
    ]
    sealed += ["Ask about the stairs", "@home.example", "@north.example", '"answers"', "/invitations/"]
    for words in [*sealed, *every_text()]:
        for written in (words.encode(), words.encode().hex().encode()):
            assert written not in found, words


def every_text() -> Iterator[str]:
    """Every text of every sealed column, opened; six digits of a code may stand anywhere by chance."""
    places = set()
    for column in SEALED:
        columns = select(column.row_id, column.owner_id, column.text).where(column.text.is_not(None))
        for row_id, owner_id, sealed in db.session.execute(columns).all():
            found = vault.unseal(owner_id, column.place, row_id, sealed)
            if len(found) > 6:
                places.add(column.place)
                yield found
    assert places == {column.place for column in SEALED} - {"tokens.code_sealed"}


def test_what_stands_in_the_clear_by_decision_does(full: World, tmp_path: Path) -> None:
    found = on_the_disk(full, tmp_path)
    assert [words for words in CLEAR if words.encode() not in found] == []
    lines = db.session.execute(
        text("SELECT open_until, silent_since, dropped_a_at, dropped_b_at, unread FROM caseload")
    ).all()
    assert any(row.open_until for row in lines)


def test_no_key_lies_in_the_main_database_nor_an_opened_one_anywhere(full: World, tmp_path: Path) -> None:
    found = on_the_disk(full, tmp_path)
    store = Path(full.app.extensions["portal.settings"].key_store_url.removeprefix("sqlite:///"))
    kept = b"".join(path.read_bytes() for path in store.parent.glob(f"{store.name}*"))
    wrapped = vault.key_store.keys_of(everybody(full))
    assert len(wrapped) == len(everybody(full))
    for key in wrapped:
        assert key.wrapped in kept
        for secret in (key.wrapped, vault._unwrap(key)):
            assert secret not in found
            assert secret.hex().encode() not in found
        assert vault._unwrap(key) not in kept


def test_pages_show_an_erased_persons_text_as_gone_and_everybody_elses_as_ever(full: World) -> None:
    ana, couple_id = full.cast.ana, full.cast.couples["ana"]
    assert ANAS_SECRET in full.browser("ines").get(f"/coach/responses/{full.ids['response_id']}").text
    vault.destroy_key(ana.person_id)
    db.session.remove()
    assert broken_pages(full) == []
    assert ANAS_SECRET not in full.browser("ines").get(f"/coach/responses/{full.ids['response_id']}").text
    assert "The walk" in full.browser("ines").get(f"/coach/couples/{couple_id}").text + texts_of_ben(full)
    vault.destroy_key(couple_id)
    db.session.remove()
    assert broken_pages(full) == []


def broken_pages(world: World) -> list[tuple[str, str, int]]:
    """Pages that break, of anybody; Ana may be signed in still."""
    found = []
    for role in ROLES:
        for entry in TABLE:
            if entry.method == "GET":
                path = path_of(entry, world.ids)
                status = world.browser(role).get(path).status_code
                found += [(role, path, status)] if status >= 500 else []
    return found


def texts_of_ben(world: World) -> str:
    ben = world.cast.ben.person_id
    rows = db.session.execute(select(Response.id, Response.document).where(Response.person_id == ben))
    return "".join(vault.unseal(ben, "responses.document", *row) for row in rows)


def test_what_an_erased_person_posts_is_refused_and_breaks_nothing(full: World) -> None:
    browser = full.browser("ana")
    vault.destroy_key(full.cast.ana.person_id)
    db.session.remove()
    task_id = full.ids["task_id"]
    for path, data in (
        (f"/my/tasks/{task_id}/draft", {"version": "0", "line": "still here"}),
        (f"/my/tasks/{task_id}", {"version": "0", "line": "still here"}),
        ("/my/export", {"passphrase": PASSPHRASE}),
    ):
        assert browser.post(path, data, page="/help-now").status_code < 500, path
    assert task_of(full.cast.ana, full.ids["assignment_to_withdraw"]) == task_id


def test_a_second_house_on_the_same_answers_without_the_keys_reads_nothing(full: World, tmp_path: Path) -> None:
    row_id, owner_id, sealed = first_of(SEALED[4])
    url = full.app.config["SQLALCHEMY_DATABASE_URI"]
    settings = worlds.settings_for(url, tmp_path, keys_url=f"sqlite:///{tmp_path / 'empty.db'}")
    other = create_app(settings)
    with other.app_context():
        with pytest.raises(vault.VaultError, match="there is no key"):
            vault.unseal(owner_id, SEALED[4].place, row_id, sealed)
        db.session.remove()
        db.engine.dispose()
