"""Migrations: every revision down and up again on rows of every table; what they make is what the models say."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, inspect, select, text, update

from portal import clock, create_app
from portal.cli import migrations
from portal.domain.assignments import TaskState
from portal.domain.brief_choices import Copy
from portal.domain.disclosure import NEVER
from portal.domain.pathways import ReleaseKind
from portal.domain.people import CoupleState, Label, Viewer
from portal.domain.repeats import Again, Repeats
from portal.domain.safety import ProtocolStep
from portal.domain.session_check_ins import Ahead
from portal.domain.session_notes import NoteOf
from portal.extensions import Base, db, key_store
from portal.jobs.press import Press
from portal.models.assignments import Repetition, Task
from portal.models.columns import Instant
from portal.models.couples import Couple
from portal.models.pathways import PathwayStep
from portal.models.responses import Response
from portal.models.second_factors import SecondFactor
from portal.models.users import Person, SignIn
from portal.output.render import Rendered
from portal.services import (
    accounts,
    authorisations,
    beginnings,
    brief_choices,
    calendars,
    devices,
    open_invitations,
    parked,
    parting,
    pathway_issuing,
    pathways,
    programme,
    protocol,
    repeating,
    resets,
    responses,
    reviews,
    second_factors,
    session_check_ins,
    session_notes,
    vault,
)
from portal.services import key_store as key_store_service
from portal.services.drafts import Typed
from portal.services.pathway_issuing import Due
from portal.services.sealed_columns import SEALED, SealedColumn
from tests import given, picked, tenants, ways
from tests.architecture.house import ROOT
from tests.cast import PASSPHRASE
from tests.conftest import Browser, settings_for
from tests.keys import a_passkey, code_of
from tests.web import world as worlds
from tests.web.world import World

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
REVISIONS = [path.stem for path in VERSIONS]
LEFT = {"data_keys"}  # tables that left the main database on the way
BEFORE_KEY_STORE = REVISIONS[REVISIONS.index("0009_key_store") - 1]


@contextmanager
def seeded(databases: Callable[[str], str], folder: Path, name: str) -> Iterator[World]:
    """A world with a row in every table."""
    with worlds.standing(databases, folder, name) as world, world.app.app_context():
        migrations.bind(world.app)
        cast, ids = world.cast, world.ids
        responses.save_draft(cast.ben, ids["task_of_ben"], Typed({"understood": "half a thou"}, {}), 0)
        given.correct(cast.ana, ids["sent_task_id"], "understood", {"understood": "That he asks kindly"})
        reviews.review(cast.ines, ids["response_id"], "Well held.")
        entry = next(one for one in programme.library(cast.ines) if one.slug == programme.CHECK_IN_SLUG)
        beginnings.give(cast.ines, cast.couples["gil"])
        beginnings.note_talk(cast.ines, cast.couples["ana"], cast.ana.person_id, clock.now().date())
        session_check_ins.ask(cast.ines, cast.couples["ana"], entry.id, Ahead())
        picked.add(cast.ines, ids["session_id"], "The phone: it lies outside")
        brief_choices.keep(cast.ines, ids["session_id"], Copy.COACH, "Begin with the walk", ["a"], ["o20"])
        Press("Portal", lambda html: Rendered(html.encode(), fallback=False)).turn()
        session_notes.save(cast.ines, ids["session_id"], NoteOf.PRIVATE, "They looked at each other", 0)
        session_notes.lock(cast.ines, ids["session_id"], NoteOf.PRIVATE, "They looked at each other", 1)
        session_notes.add(cast.ines, ids["session_id"], NoteOf.PRIVATE, "And laughed")
        first = ways.add(cast, ways.ALONE[0])
        ways.add(cast, ways.ALONE[1], kind=ReleaseKind.AFTER_OWN, after=first)
        authorisations.ask(cast.ines, cast.couples["ana"], "Their new coach", "http://127.0.0.1:8000/")
        authorisations.own(cast.ben, PASSPHRASE, agrees=True)
        protocol.note(cast.ines, ids["signal_id"], ProtocolStep.CONTACT, "Called at noon")
        token = accounts.sign_in("ana@home.example", PASSPHRASE, None)
        second_factors.begin_app(cast.ana)
        app = db.session.scalars(select(SecondFactor).where(SecondFactor.person_id == cast.ana.person_id)).one()
        changed = second_factors.confirm_app(cast.ana, code_of(app), token or "", "http://127.0.0.1:8000/")
        db.session.add(a_passkey(cast.ana))
        db.session.commit()
        use_the_doors(cast.ana, changed.token, ids["task_id"])
        db.session.remove()
        yield world
        db.session.remove()


def use_the_doors(viewer: Viewer, token: str, task_id: UUID) -> None:
    """Leave behind what the doors keep: a known browser, a failure, a request, a user name, a feed, a parked text."""
    devices.remember(viewer, "b" * 32)
    calendars.make(viewer, shows_alone=True)
    accounts.sign_in("ana@home.example", "not the right words", None)
    resets.ask_for_reset("ana@home.example", "/reset/{token}")
    sealed = vault.seal(viewer.person_id, "people.user_name", viewer.person_id, "amber-otter")
    db.session.execute(update(Person).where(Person.id == viewer.person_id).values(user_name=sealed))
    db.session.commit()
    later = clock.now() + timedelta(minutes=11)
    with clock.reading(lambda: later):
        parked.park(token, task_id, lambda task: Typed({"understood": "half a sen"}, {}), 0)


Rows = dict[str, list[dict[str, object]]]


def rows(engine: Engine | None = None) -> Rows:
    """Every row of every table that there is, in the main database or in the one that is named."""
    engine = engine or tenants.engine()
    tables = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    with engine.connect() as connection:
        every = {name: connection.execute(text(f"SELECT * FROM {name}")) for name in tables}  # noqa: S608 - our tables
        return {name: [dict(row._mapping) for row in found] for name, found in every.items()}


def known_to_both(one: Rows, other: Rows) -> list[dict[str, list[str]]]:
    """What two states of a database both have a place for: tables, and columns in them; rows in a fixed order."""
    columns = {name: set(one[name][0]) & set(other[name][0]) for name in one.keys() & other.keys()}
    return [
        {name: sorted(repr([(k, row[k]) for k in sorted(columns[name])]) for row in state[name]) for name in columns}
        for state in (one, other)
    ]


def without_numbers_in(state: Rows) -> Rows:
    """The same rows, each sealed text as it was before there was a key store."""
    sealed = {(column.text.class_.__tablename__, column.text.key) for column in SEALED}
    return {
        name: [
            {
                key: value and bytes(value)[vault.NUMBER_BYTES :] if (name, key) in sealed else value
                for key, value in row.items()
            }  # type: ignore[call-overload]
            for row in found
        ]
        for name, found in state.items()
    }


def as_an_older_house_tells(state: Rows) -> Rows:
    """The same rows, each measure as the form of an exercise that is retired: it knows of no measures."""
    return as_exercises(state, {row["questionnaire_id"]: row["brought_at"] for row in state["measures"]})


def without_passages(state: Rows) -> Rows:
    """The same rows, each form that work begins or ends with as that of an exercise that is retired."""
    passages = {row["id"] for row in state["questionnaires"] if row["kind"] == "passage"}
    versions = [row for row in state["questionnaire_versions"] if row["questionnaire_id"] in passages]
    return as_exercises(state, {row["questionnaire_id"]: row["created_at"] for row in versions})


def as_exercises(state: Rows, brought: dict[object, object]) -> Rows:
    """The same rows, these entries as exercises that were retired at these instants."""
    first = {row["practice_id"]: row["slug"] for row in state["steps"] if row["position"] == 1}
    steps = {row["id"]: first[row["practice_id"]] for row in state["questionnaires"] if row["id"] in brought}
    as_exercise = {id_: {"kind": "exercise", "step": step, "retired_at": brought[id_]} for id_, step in steps.items()}
    told = {
        "questionnaires": [row | as_exercise.get(row["id"], {}) for row in state["questionnaires"]],
        "questionnaire_versions": [
            row | {"document": _as_exercise(row["document"], steps[row["questionnaire_id"]])}
            if row["questionnaire_id"] in steps
            else row
            for row in state["questionnaire_versions"]
        ],
    }
    return state | told


def _as_exercise(document: object, step: object) -> object:
    """A document as the database holds it: a text, or what PostgreSQL makes of one."""
    read = json.loads(document) if isinstance(document, str) else document
    assert isinstance(read, dict)
    told = {name: part for name, part in read.items() if name != "measure"} | {"kind": "exercise", "step": step}
    return json.dumps(told) if isinstance(document, str) else told


def opened() -> list[str]:
    """What Ana wrote, opened with the keys as they lie now."""
    columns = (Response.person_id, Response.id, Response.document)
    found = [(*row[:2], row[2]) for row in db.session.execute(select(*columns))]
    db.session.remove()
    return sorted(vault.unseal(owner, "responses.document", row_id, text) for owner, row_id, text in found)


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": _same_type, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def _same_type(*compared: object) -> bool | None:
    """Our instants are written as what the database sees."""
    declared = compared[-1]
    return False if isinstance(declared, Instant) else None


def broken_keys(app: Flask) -> list[object]:
    """Rows that point at nothing; PostgreSQL lets none of them be."""
    if db.engine.dialect.name != "sqlite":
        return []
    with db.engine.connect() as connection:
        return list(connection.execute(text("PRAGMA foreign_key_check")))


def test_a_revision_is_called_like_its_file_and_follows_the_one_before() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    found = list(scripts.walk_revisions())[::-1]
    assert [script.revision for script in found] == REVISIONS
    assert [script.down_revision for script in found] == [None, *REVISIONS[:-1]]


def test_models_and_migrations_make_the_same_tables(app: Flask) -> None:
    assert differences() == []


def test_keys_stay_where_they_are_while_the_key_store_cannot_be_reached(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    with seeded(databases, tmp_path, "unreached") as world:
        give_up_user_names()
        flask_migrate.downgrade(revision=BEFORE_KEY_STORE)
        kept, url = rows(), world.app.config["SQLALCHEMY_DATABASE_URI"]
    lost = create_app(settings_for(url, tmp_path, keys_url=f"sqlite:///{tmp_path / 'no' / 'keys.db'}"))
    migrations.bind(lost)
    with lost.app_context():
        with pytest.raises(SystemExit, match="Check PORTAL_KEYS_URL"):
            flask_migrate.upgrade()
        assert kept["data_keys"]
        assert rows() == kept
        db.engine.dispose()


@pytest.mark.parametrize("is_broken_off", [False, True])
def test_texts_that_were_sealed_before_there_was_a_key_store_open_after_it(
    databases: Callable[[str], str], tmp_path: Path, is_broken_off: bool
) -> None:
    with seeded(databases, tmp_path, "older") as world:
        give_up_user_names()
        texts = opened()
        before = sealed_everywhere()
        flask_migrate.downgrade(revision=BEFORE_KEY_STORE)
        there = [column for column in SEALED if is_there(column)]
        numberless = sealed_everywhere(there)
        assert numberless == {column.place: without_numbers(before[column.place]) for column in there}
        if not is_broken_off:  # then the keys lie in both places
            key_store_service.clear()
        flask_migrate.upgrade()
        again = sealed_everywhere()
        assert opened() == texts
        assert [again[column.place] for column in there] == [before[column.place] for column in there]
        assert Browser(world.app.test_client()).sign_in("ana@home.example").get("/my/").status_code == 200


def is_there(column: SealedColumn) -> bool:
    """Whether the database has this column as it stands now."""
    table, there = column.text.class_.__tablename__, inspect(db.engine)
    return there.has_table(table) and column.text.key in {found["name"] for found in there.get_columns(table)}


def sealed_everywhere(columns: Iterable[SealedColumn] = SEALED) -> dict[str, list[bytes | None]]:
    found = {column.place: list(db.session.scalars(select(column.text).order_by(column.row_id))) for column in columns}
    db.session.remove()
    return found


def without_numbers(texts: Iterable[bytes | None]) -> list[bytes | None]:
    """Sealed texts as they were before there was a key store."""
    return [text and text[vault.NUMBER_BYTES :] for text in texts]


def give_up_user_names() -> None:
    """Let everybody go by an address: there is no way back from user names."""
    db.session.execute(update(Person).values(user_name=None))
    db.session.commit()
    db.session.remove()


@pytest.mark.parametrize("named", ["people", "sign_ins"])
def test_there_is_no_way_back_while_somebody_goes_by_a_user_name(
    databases: Callable[[str], str], tmp_path: Path, named: str
) -> None:
    before = REVISIONS[REVISIONS.index("0010_doors") - 1]
    with seeded(databases, tmp_path, "named") as world:
        if named == "sign_ins":
            give_up_user_names()
            own = SignIn.person_id == world.cast.ana.person_id
            db.session.execute(update(SignIn).where(own).values(kind="user_name"))
            db.session.commit()
            db.session.remove()
        flask_migrate.downgrade(revision="0010_doors")
        kept = rows()
        with pytest.raises(SystemExit, match="no way back to a house where everybody goes by an address"):
            flask_migrate.downgrade(revision=before)
        assert rows() == kept


def test_there_is_no_way_back_once_somebodys_key_was_exchanged(databases: Callable[[str], str], tmp_path: Path) -> None:
    with seeded(databases, tmp_path, "exchanged") as world:
        vault.create_key(world.cast.ana.person_id, world.cast.ana.practice_id, "person")
        give_up_user_names()
        with pytest.raises(SystemExit, match="no way back to a table with one key"):
            flask_migrate.downgrade(revision=BEFORE_KEY_STORE)


def test_when_the_work_of_older_couples_ended_is_found_in_the_trail(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    with seeded(databases, tmp_path, "ended") as world:
        cast, ended_at = world.cast, clock.now() + timedelta(days=3)
        with clock.reading(lambda: ended_at):
            for partner in (cast.gil, cast.hana):
                open_invitations.withdraw(cast.ines, cast.couples["gil"], partner.person_id)
        untold = {"state": CoupleState.SEPARATED, "ended_at": ended_at}
        db.session.execute(update(Couple).where(Couple.id == cast.couples["cleo"]).values(untold))
        db.session.commit()
        flask_migrate.downgrade(revision=REVISIONS[REVISIONS.index("0017_end_of_work") - 1])
        flask_migrate.upgrade()
        ends = {row.id: row.ended_at for row in db.session.execute(select(Couple.id, Couple.ended_at))}
        assert (ends[cast.couples["gil"]], ends[cast.couples["ana"]]) == (ended_at, None)
        assert ends[cast.couples["cleo"]] is not None  # nothing tells, so it counts from the migration on


@pytest.mark.parametrize("hides", [False, True])
def test_what_somebody_let_go_of_stays_closed_in_an_older_house(
    databases: Callable[[str], str], tmp_path: Path, hides: bool
) -> None:
    with seeded(databases, tmp_path, "let_go") as world:
        parting.end_sharing(world.cast.ana, PASSPHRASE, hides=hides)
        flask_migrate.downgrade(revision=REVISIONS[REVISIONS.index("0021_parting") - 1])
        flask_migrate.upgrade()
        sent = db.session.scalars(select(Response).where(Response.person_id == world.cast.ana.person_id)).all()
        assert [(one.opens_at, one.session_opened_at, one.sharing_ended_at) for one in sent] == [
            (NEVER, NEVER, None) for _ in sent
        ]
        assert sent
        assert any(one.may_open for one in sent) is not hides


def test_what_she_shares_of_a_step_waits_for_him_in_an_older_house_too(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    """It counts copies: his, which has not gone out, is there and withdrawn."""
    with seeded(databases, tmp_path, "one_copy") as world:
        step_id = ways.add(world.cast, ways.ALONE[2])
        pathways.begin(world.cast.ines, world.cast.couples["ana"])
        pathway_id = db.session.scalars(select(PathwayStep.pathway_id).where(PathwayStep.id == step_id)).one()
        pathway_issuing.issue_one(Due(pathway_id, step_id, (Label.A,)), "")
        flask_migrate.downgrade(revision=REVISIONS[REVISIONS.index("0029_pathways") - 1])
        copies = select(Task.person_id, Task.state).where(Task.assignment_id == step_id)
        assert dict(db.session.execute(copies).all()) == {
            world.cast.ana.person_id: TaskState.ASSIGNED,
            world.cast.ben.person_id: TaskState.WITHDRAWN,
        }
        db.session.remove()  # who reads a table holds up who changes it
        flask_migrate.upgrade()


def test_a_weekly_form_goes_on_as_its_day_begins_and_what_an_older_house_cannot_tell_ends_in_it(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    with seeded(databases, tmp_path, "repeats") as world:
        given.assign(world.cast, "my-listening-habits", again=Again((1, 4), time(18), times=5))
        flask_migrate.downgrade(revision=REVISIONS[REVISIONS.index("0032_repeat_rules") - 1])
        [weekly_one, daily_one] = sorted(rows()["repetitions"], key=lambda row: row["ended_at"] is not None)
        assert (weekly_one["weekday"], weekly_one["ended_at"]) == (0, None)
        assert daily_one["ended_at"] is not None
        flask_migrate.upgrade()
        running = db.session.scalars(select(Repetition).where(Repetition.ended_at.is_(None))).one()
        assert repeating.rule_of(running) == Repeats((1,), time(), "Europe/Berlin", running.starts_on)


@contextmanager
def without_user_names(databases: Callable[[str], str], folder: Path) -> Iterator[World]:
    """A world with a row in every table from which every way down is open."""
    with seeded(databases, folder, "migrated") as world:
        give_up_user_names()
        assert [name for name, found in rows().items() if not found] == []
        yield world


def as_known_at(place: int, before: Rows) -> Rows:
    """The rows of now as the house tells them that stands on the first `place` revisions."""
    told = before if place > REVISIONS.index("0052_beginnings") else without_passages(before)
    older = told if place > REVISIONS.index("0033_measures") else as_an_older_house_tells(told)
    return older if place > REVISIONS.index("0009_key_store") else without_numbers_in(older)


def test_each_revision_down_up_and_down_again_keeps_what_it_knew(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    """From the newest to none, one at a time; on the way each is gone up once more and down again."""
    with without_user_names(databases, tmp_path) as world:
        before = rows()
        for place in range(len(REVISIONS) - 1, -1, -1):
            down, up = ["base", *REVISIONS][place], REVISIONS[place]
            tables = set(rows())
            flask_migrate.downgrade(revision=down)
            kept = rows()
            assert set(kept) - LEFT <= set(before)
            was, left = known_to_both(as_known_at(place, before), kept)
            assert left == was, f"down from {up}"
            assert not broken_keys(world.app), f"down from {up}"
            flask_migrate.upgrade(revision=up)
            raised = rows()
            assert set(raised) == tables
            if up != "0009_key_store":  # texts get the number of their key: see the test of those below
                was, left = known_to_both(kept, raised)
                assert left == was, f"up to {up}"
            assert not broken_keys(world.app), f"up to {up}"
            flask_migrate.downgrade(revision=down)
            was, left = known_to_both(kept, rows())
            assert left == was, f"down from {up}, a second time"


# with its rows from here all the way up; the walk above goes to each
FAR = ["base", *REVISIONS[2:-2:6], BEFORE_KEY_STORE, REVISIONS[-2]]


@pytest.mark.parametrize("revision", sorted(set(FAR)))
def test_down_to_a_revision_and_all_the_way_up_again_keeps_what_it_knew(
    databases: Callable[[str], str], tmp_path: Path, revision: str
) -> None:
    with without_user_names(databases, tmp_path) as world:
        before, keys = rows(), rows(key_store.engine)
        texts = opened()
        place = REVISIONS.index(revision) + 1 if revision in REVISIONS else 0
        is_numbered = place > REVISIONS.index("0009_key_store")
        flask_migrate.downgrade(revision=revision)
        kept = rows()
        was, left = known_to_both(as_known_at(place, before), kept)
        assert left == was
        assert len(kept.get("data_keys", ())) == (len(keys["data_keys"]) if "data_keys" in kept else 0)
        flask_migrate.upgrade()
        left, again = known_to_both(kept, rows() if is_numbered else without_numbers_in(rows()))
        assert again == left
        assert sorted(map(str, rows(key_store.engine)["data_keys"])) == sorted(map(str, keys["data_keys"]))
        assert opened() == (texts if revision in REVISIONS[REVISIONS.index("0003_assignments_and_responses") :] else [])
        assert set(rows()) == set(before)
        assert differences() == []
        assert not broken_keys(world.app)
