"""The demo world: the table of its accounts comes true, the same each time, and never beside real people."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import LargeBinary, func, select

from portal import clock, create_app
from portal.cli import migrations
from portal.cli.ground import mailer_of
from portal.domain.assignments import TaskState
from portal.domain.disclosure import Disclosure
from portal.domain.pathway_proposals import ProposalKind
from portal.domain.people import Label, PersonState, Role, Viewer
from portal.domain.programme import Kind
from portal.domain.resources import ResourceKind
from portal.domain.safety import SignalKind
from portal.extensions import Base, db
from portal.jobs.drain import drain
from portal.jobs.worker import nobody_working
from portal.models.assignments import Assignment, Task
from portal.models.practices import Practice
from portal.models.safety import Signal
from portal.models.users import Person
from portal.services import (
    accounts,
    couples,
    demo,
    invitations,
    outbox,
    pathway_shown,
    resources,
    safety,
    sent_forms,
    sessions,
    shared,
)
from portal.services.demo import DemoRefused, Links
from tests import cast as gathered
from tests.conftest import START, Wall, settings_for

LINKS = Links("http://127.0.0.1:8000/invitations/{token}", "http://127.0.0.1:8000/my/")
TABLE = [
    ("Ines", "ines@north.example"),
    ("Omar", "omar@north.example"),
    ("Sol", "sol@south.example"),
    ("Ana", "ana@home.example"),
    ("Ben", "ben@home.example"),
    ("Cleo", "cleo@home.example"),
    ("Dov", "dov@home.example"),
    ("Eva", "eva@home.example"),
    ("Finn", "finn@home.example"),
]
# salted, or made of a token; what is sealed, and the hashes of tokens, are bytes and left out as such
DRAWN_ANEW = {"password_hash", "dedupe_key"}


@contextmanager
def seeded(folder: Path, now: datetime = START) -> Iterator[Flask]:
    """A demo world on a database of its own."""
    folder.mkdir(exist_ok=True)
    app = create_app(settings_for(f"sqlite:///{folder / 'demo.db'}", folder))
    migrations.bind(app)
    with clock.reading(lambda: now), app.app_context():
        flask_migrate.upgrade()
        demo.seed(gathered.PASSPHRASE, LINKS)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gathered.Cast]:
    with seeded(tmp_path_factory.mktemp("demo")):
        yield gathered.find()


def plain_values() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without what is sealed, salted or hashed."""
    db.session.rollback()
    found = {}
    for name, table in Base.metadata.tables.items():
        columns = [c for c in table.columns if not isinstance(c.type, LargeBinary) and c.name not in DRAWN_ANEW]
        rows = db.session.execute(select(*columns)).all() if columns else []
        found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def forms_of(world: gathered.Cast, viewer: Viewer, couple: str) -> tuple[sent_forms.SentForm, ...]:
    return sent_forms.of_couple(viewer, world.couples[couple])


def test_everybody_of_the_table_signs_in_with_the_one_pass_phrase(world: gathered.Cast) -> None:
    assert sorted(demo.accounts_of_cast()) == sorted(TABLE)
    for _, address in TABLE:
        assert accounts.sign_in(address, gathered.PASSPHRASE, None), address
    assert all(address.endswith(".example") for _, address in TABLE)


def test_the_practices_are_marked_as_a_demo(world: gathered.Cast) -> None:
    practices = db.session.scalars(select(Practice).order_by(Practice.name)).all()
    assert [(practice.name, practice.is_demo) for practice in practices] == [
        ("Practice North", True),
        ("Practice South", True),
    ]
    assert world.ines.role is Role.OWNER
    assert world.omar.role is Role.COACH
    assert world.omar.practice_id == world.ines.practice_id != world.sol.practice_id


def test_couples_belong_to_the_coaches_of_the_table(world: gathered.Cast) -> None:
    for coach, couple in (("ines", "ana"), ("omar", "cleo"), ("ines", "gil"), ("sol", "eva")):
        assert couples.couple(world.viewers[coach], world.couples[couple]).couple_id
    with pytest.raises(couples.NotFound):
        couples.couple(world.omar, world.couples["ana"])


def test_ana_and_ben_have_twelve_weeks_behind_them(world: gathered.Cast) -> None:
    forms = forms_of(world, world.ines, "ana")
    check_ins = [form for form in forms if form.kind is Kind.CHECK_IN]
    homework = [form for form in forms if form.kind is not Kind.CHECK_IN]
    assert START - forms[0].submitted_at > timedelta(weeks=11)
    assert len(check_ins) >= 18
    assert len({form.title for form in homework}) >= 5
    assert {form.label for form in check_ins} == {Label.A, Label.B}
    assert max(form.ordinal for form in check_ins) >= 11
    assert all(form.submitted_at < START for form in forms)


def test_a_session_of_theirs_is_tomorrow(world: gathered.Cast) -> None:
    [line] = sessions.ahead(world.ines, START + timedelta(days=2))
    assert "Ana" in line.names
    assert line.starts_at.date() == date(2026, 11, 24)


def test_there_are_private_shared_and_locked_answers(world: gathered.Cast) -> None:
    chosen = {answer.disclosure for form in forms_of(world, world.ines, "ana") for answer in form.answers}
    assert chosen >= {Disclosure.COACH, Disclosure.SHARED, Disclosure.LOCKED}
    assert of_both(world.ana)
    assert of_both(world.ana) == of_both(world.ben)


def of_both(reader: Viewer) -> list[shared.SharedForm]:
    """The forms of which both read something of both; what hangs on the other alone is not shown to its author."""
    forms = shared.for_both(reader)
    return [form for form in forms if {a.label for question in form.questions for a in question.answers} == set(Label)]


def test_exactly_one_flag_and_it_is_anas(world: gathered.Cast) -> None:
    signals = db.session.scalars(select(Signal)).all()
    assert [signal.kind for signal in signals].count(SignalKind.FLAG) == 1
    assert {signal.person_id for signal in signals} == {world.ana.person_id}
    assert safety.waiting(world.ines)
    assert not safety.waiting(world.omar)
    assert not safety.waiting(world.sol)


def test_bens_copies_of_anas_open_tasks_are_unsent(world: gathered.Cast) -> None:
    newest = db.session.scalars(
        select(Assignment.id)
        .join(Task, Task.assignment_id == Assignment.id)
        .where(Task.person_id == world.ana.person_id, Assignment.repetition_id.is_(None))
        .order_by(Assignment.created_at.desc())
        .limit(1)
    ).one()
    anas, bens = (task_states(viewer) for viewer in (world.ana, world.ben))
    assert not bens[newest].is_sent
    assert [given for given, state in anas.items() if state.is_open and bens[given].is_sent] == []
    assert any(state is TaskState.STARTED for state in bens.values())


def task_states(viewer: Viewer) -> dict[UUID, TaskState]:
    rows = db.session.execute(select(Task.assignment_id, Task.state).where(Task.person_id == viewer.person_id))
    return {assignment_id: TaskState(state) for assignment_id, state in rows}


def test_ana_and_ben_are_on_a_pathway_and_what_both_have_come_to_waits_for_their_coach(world: gathered.Cast) -> None:
    shown = pathway_shown.pathway(world.ines, world.couples["ana"])
    assert [step.title for step in shown.steps] == ["Rewrite the opening", "Our pause plan", "Before I speak"]
    done, plan, _ = shown.steps
    assert all(side.sent_at for side in done.sides)
    assert all(side.is_here for side in plan.sides)
    assert shown.waiting == (plan,)
    assert [told.kind for told in shown.proposals] == [ProposalKind.BOTH_HAVE_DONE]


def test_both_find_the_same_two_things_on_the_shelf_and_each_leads_to_nobody(world: gathered.Cast) -> None:
    links = resources.for_partner(world.ana)
    assert links == resources.for_partner(world.ben)
    assert [link.kind for link in links] == [ResourceKind.EPISODE, ResourceKind.ARTICLE]
    every = [kept.link for step in resources.shelf(world.ines) for kept in step.kept]
    assert len(every) == 3
    assert all(link.media.host.endswith(".example") for link in every)


def test_gil_and_hana_were_invited_this_week_and_answered_nothing(world: gathered.Cast) -> None:
    shown = couples.couple(world.ines, world.couples["gil"])
    assert [partner.state for partner in shown.partners] == [PersonState.INVITED, PersonState.INVITED]
    assert all(partner.code for partner in shown.partners)
    assert START - shown.created_at < timedelta(days=7)
    assert forms_of(world, world.ines, "gil") == ()


def test_dov_is_nearly_silent(world: gathered.Cast) -> None:
    forms = forms_of(world, world.omar, "cleo")
    by = {label: [form for form in forms if form.label is label] for label in Label}
    assert len(by[Label.B]) == 1
    assert len(by[Label.A]) >= 3


def test_eva_and_finn_are_strangers_to_practice_north(world: gathered.Cast) -> None:
    assert forms_of(world, world.sol, "eva")
    with pytest.raises(sent_forms.scope.NotFound):
        sent_forms.of_couple(world.ines, world.couples["eva"])


def test_no_mail_of_the_story_waits(world: gathered.Cast) -> None:
    assert outbox.due() == []


def test_two_seeds_are_the_same_in_ids_and_plain_values_and_in_nothing_sealed(
    world: gathered.Cast, tmp_path: Path
) -> None:
    one, sealed = plain_values(), sealed_values()
    with seeded(tmp_path):
        two, sealed_anew = plain_values(), sealed_values()
    of_signing_in = (  # tests of this world sign in
        "web_sessions",
        "door_delays",
        "known_devices",
        "audit_events",
        "audit_heads",
    )
    assert one.keys() == two.keys()
    differ = [name for name in one if one[name] != two[name] and name not in of_signing_in]
    assert differ == []
    assert len(one["responses"]) > 30
    assert sealed & sealed_anew <= {None}


def sealed_values() -> set[object]:
    return set(db.session.scalars(select(Person.address))) | set(db.session.scalars(select(Person.password_hash)))


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 0, 5, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    ],
)
def test_it_can_be_seeded_at_any_hour_of_any_day(tmp_path: Path, now: datetime) -> None:
    with seeded(tmp_path, now):
        world = gathered.find()
        assert db.session.scalars(select(Signal.kind)).all().count(SignalKind.FLAG) == 1
        assert sessions.ahead(world.ines, now + timedelta(days=2))
        assert db.session.scalar(select(func.max(Task.submitted_at))) <= now


@pytest.fixture
def command(tmp_path: Path, wall: Wall) -> Iterator[Callable[..., str]]:
    """The command on an empty database; gives what it prints."""
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'demo.db'}", tmp_path))
    migrations.bind(app)
    with app.app_context():
        flask_migrate.upgrade()

        def run(*args: str, code: int = 0) -> str:
            done = app.test_cli_runner().invoke(args=["demo", "seed", *args])
            assert done.exit_code == code, done.output
            return done.output

        yield run
        db.session.remove()
        db.engine.dispose()


def test_the_command_prints_every_account_and_the_pass_phrase(command: Callable[..., str]) -> None:
    printed = command()
    for name, address in TABLE:
        assert re.search(rf"{name} +{re.escape(address)}", printed)
    assert gathered.PASSPHRASE in printed


def test_seeding_again_changes_nothing_and_reset_starts_afresh(command: Callable[..., str], wall: Wall) -> None:
    command()
    before = plain_values()
    assert "The demo stands already." in command()
    assert plain_values() == before
    sol = gathered.find().sol
    couples.set_step(sol, gathered.find().couples["eva"], "gratitude")
    for _ in range(2):
        command("--reset")
        after = plain_values()
        assert {name for name in before if after[name] != before[name]} == {"audit_events", "audit_heads"}
        assert [row[3] for row in after["audit_events"] if row not in before["audit_events"]] == ["demo:cleared"]


def test_a_second_start_names_the_command_that_makes_it_anew(command: Callable[..., str]) -> None:
    command()
    assert "./portal.sh flask demo seed --reset" in command()


def test_nothing_is_reset_while_it_is_served(command: Callable[..., str], tmp_path: Path) -> None:
    command()
    before = plain_values()
    with nobody_working(tmp_path / "worker.lock") as is_alone:  # as the worker of a served demo would
        assert is_alone
        assert "The demo is being served. End it (Ctrl-C)" in command("--reset", code=1)
        assert "The demo stands already." in command()
    assert plain_values() == before


def test_a_reset_removes_the_mails_that_were_written_and_nothing_else(
    command: Callable[..., str], tmp_path: Path
) -> None:
    command()
    world = gathered.find()
    gil = couples.couple(world.ines, world.couples["gil"]).partners[0]
    invitations.invite_again(world.ines, world.couples["gil"], gil.person_id, LINKS.invitation)
    drain(mailer_of(settings_for("sqlite://", tmp_path)))
    (tmp_path / "mail" / "kept by hand.eml").write_text("mine", encoding="utf-8")
    assert len(list((tmp_path / "mail").iterdir())) == 2
    command("--reset")
    assert [file.name for file in (tmp_path / "mail").iterdir()] == ["kept by hand.eml"]


def test_it_is_refused_where_others_could_reach_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    app = create_app(settings_for(url, tmp_path, base_url="https://portal.example"))
    migrations.bind(app)
    with app.app_context():
        flask_migrate.upgrade()
        refused = app.test_cli_runner().invoke(args=["demo", "seed"])
        assert refused.exit_code == 1
        assert "PORTAL_BASE_URL must be a loopback address" in refused.output
        assert db.session.scalars(select(Practice)).all() == []
        db.engine.dispose()


@pytest.mark.parametrize("args", [[], ["--reset"]])
def test_it_is_never_put_beside_real_people(app: Flask, args: list[str]) -> None:
    before = plain_values()
    refused = app.test_cli_runner().invoke(args=["demo", "seed", *args])
    assert refused.exit_code == 1
    assert "There are real people in this database" in refused.output
    assert plain_values() == before
    with pytest.raises(DemoRefused):
        demo.clear()


def test_a_brief_of_tomorrow_is_written_as_a_pdf(command: Callable[..., str], tmp_path: Path, wall: Wall) -> None:
    command()
    line = sessions.ahead(gathered.find().ines, START + timedelta(days=2))[0]
    runner = create_app(settings_for(f"sqlite:///{tmp_path / 'demo.db'}", tmp_path)).test_cli_runner()
    for copy in ("coach", "joint"):
        out = tmp_path / f"{copy}.pdf"
        done = runner.invoke(args=["brief", str(line.session_id), "--copy", copy, "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert out.stat().st_mode & 0o777 == 0o600  # nobody else's to read
        assert out.read_bytes().startswith(b"%PDF")
    unknown = runner.invoke(args=["brief", str(UUID(int=4)), "--out", str(tmp_path / "x.pdf")])
    assert unknown.exit_code == 1
    assert "There is no such session" in unknown.output
