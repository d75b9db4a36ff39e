"""What works across practices finds all of them: doors, jobs, commands and checks, with nobody known beforehand."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, select, text

from portal import clock, create_app
from portal.cli.ground import mailer_of
from portal.domain.assignments import For
from portal.domain.people import Viewer
from portal.domain.repeats import Again
from portal.domain.sessions import SessionKind
from portal.extensions import PRACTICE, db
from portal.jobs.drain import drain
from portal.jobs.rotation import exchange_key
from portal.models.outbox import OutboxEntry
from portal.models.users import WebSession
from portal.services import (
    accounts,
    assignments,
    backups,
    contacts,
    dumps,
    health,
    key_store,
    outbox,
    practices,
    programme,
    repeating,
    session_prep,
    sessions,
    standing,
)
from portal.services.assignments import NewAssignment
from portal.services.sessions import NewSession
from tests import tenants
from tests.cast import LINK, PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall, settings_for
from tests.given import floor, send, task_of
from tests.many import counted

BOTH = (("ines", "ana"), ("sol", "eva"))


def give(coach: Viewer, couple_id: UUID, slug: str = "one-holds-the-floor", *, weekly: bool = False) -> UUID:
    entry = next(entry for entry in programme.library(coach) if entry.slug == slug)
    due_on = clock.now().date() + timedelta(days=6)
    again = Again() if weekly else None
    return assignments.assign(coach, couple_id, NewAssignment(entry.id, For.BOTH, due_on, again=again), LINK)


@pytest.fixture
def both_wrote(cast: Cast) -> Cast:
    """Ana in practice North and Eva in South have each sent a form."""
    for coach, partner in BOTH:
        viewer = cast.viewers[partner]
        send(viewer, task_of(viewer, give(cast.viewers[coach], cast.couples[partner])), floor())
    return cast


@pytest.fixture
def _on_postgresql(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has neither roles nor locks on rows")


def test_a_key_that_is_missing_is_missed_in_every_practice(cast: Cast) -> None:
    assert health.without_keys() == 0
    for _, partner in BOTH:
        for number in range(1, 3):
            key_store.retire(cast.viewers[partner].person_id, number)
    assert health.without_keys() == 2


def test_answers_of_every_practice_are_tried_after_a_restore(both_wrote: Cast) -> None:
    assert backups.sample() == backups.Sample(opened=2, erased=0, closed=0)
    assert backups.sample(most=1).total == 1
    for _, partner in BOTH:
        key_store.destroy(both_wrote.viewers[partner].person_id)
    db.session.remove()  # and with it the keys that it has opened
    with tenants.at_work():
        assert backups.sample() == backups.Sample(opened=0, erased=2, closed=0)


@pytest.mark.parametrize("who", ["ana", "eva"])
def test_a_key_is_exchanged_over_all_texts_of_whichever_practice(both_wrote: Cast, who: str) -> None:
    with tenants.at_work():
        done = exchange_key(both_wrote.viewers[who].person_id, quiet=0, wait=lambda _seconds: None)
    assert (done.left, done.keys_gone) == (0, 1)
    assert done.texts >= 4  # an address, a document, its scores, a mail
    assert backups.sample() == backups.Sample(opened=2, erased=0, closed=0)


def test_mails_and_weekly_forms_of_every_practice_go_out(app: Flask, cast: Cast, wall: Wall, tmp_path: Path) -> None:
    for coach, partner in BOTH:
        give(cast.viewers[coach], cast.couples[partner], "weekly-check-in", weekly=True)
    wall.forward(days=7)
    with tenants.at_work():
        assert repeating.issue_due(LINK) == 2
        waiting = {mail.practice_id for mail in outbox.due()}
        assert waiting == {cast.ines.practice_id, cast.sol.practice_id}
        assert drain(mailer_of(settings_for("sqlite://", tmp_path))) > 6
        assert outbox.due() == []
    assert not db.session.scalars(select(OutboxEntry.id).where(OutboxEntry.done_at.is_(None))).all()


def test_an_operator_finds_owner_and_session_of_whichever_practice(cast: Cast) -> None:
    for coach, partner in BOTH:
        viewer = cast.viewers[coach]
        name = {"ines": "Practice North", "sol": "Practice South"}[coach]
        assert practices.owner_of(name) == viewer
        new = NewSession(SessionKind.JOINT, clock.now() + timedelta(days=1), 50, "")
        session_id = sessions.plan(viewer, cast.couples[partner], new)
        assert session_prep.for_operator(session_id, joint=False)


def test_who_signs_in_where_somebody_of_another_practice_was_ends_their_session(
    app: Flask, cast: Cast, browser: Callable[[str | None], Browser]
) -> None:
    shared = browser("ana")
    with app.app_context():
        before = standing_of(cast.ana.person_id)
        assert len(before) == 1
    shared.post("/sign-in", {"email": address_of("eva"), "password": PASSPHRASE}, page="/my/")
    assert not standing_of(cast.ana.person_id)
    assert len(standing_of(cast.eva.person_id)) == 1
    assert shared.get("/my/").status_code == 200
    shared.post("/sign-out", page="/my/")
    assert not standing_of(cast.eva.person_id)


def standing_of(person_id: UUID) -> list[bytes]:
    db.session.rollback()
    still = select(WebSession.token_hash).where(WebSession.person_id == person_id, WebSession.ended_at.is_(None))
    return list(db.session.scalars(still))


def test_whose_session_has_ended_is_told_no_more_than_anybody(cast: Cast, wall: Wall) -> None:
    contacts.add(cast.ines, contacts.Listed("DE", "emergency", "Emergency", "112", "", "always"))
    token = accounts.sign_in(address_of("ana"), PASSPHRASE, None)
    assert token
    with tenants.at_work():
        found = standing.standing_or_none(token)
        assert found
        assert contacts.known_to(found.viewer).contacts
        db.session.remove()
        wall.forward(hours=1)
        assert standing.standing_or_none(token) is None
        assert db.session().info.get(PRACTICE) is None
        assert contacts.known_to(None) == contacts.Known()


def test_a_known_and_an_unknown_name_cost_the_same_statements(cast: Cast) -> None:
    sent = {}
    for address in (address_of("ana"), address_of("eva"), "nobody@elsewhere.example"):
        accounts.sign_in(address, "a wrong pass phrase", None)  # the first of a chain begins it
        with counted() as statements:
            accounts.sign_in(address, "a wrong pass phrase", None)
        sent[address] = statements
    assert sent[address_of("ana")] == sent[address_of("eva")] == sent["nobody@elsewhere.example"]


@pytest.mark.usefixtures("_on_postgresql")
def test_a_backup_by_a_role_that_does_not_see_every_practice_is_refused(both_wrote: Cast, tmp_path: Path) -> None:
    with pytest.raises(dumps.DumpError, match="PORTAL_MIGRATION_URL"):
        dumps.counts(backups.main_url())
    with pytest.raises(dumps.DumpError, match="PORTAL_MIGRATION_URL"), dumps.taken(backups.main_url()):
        pass
    owner = tenants.url_of_owner(backups.main_url())
    assert owner
    assert dumps.counts(owner)["responses"] == 2


def a_house_of(app: Flask, user: str, folder: Path) -> Flask:
    """The same database, worked with by another role, and no role of its own for migrations."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(username=user).render_as_string(hide_password=False)
    keys_url = app.extensions["portal.settings"].keys_url
    return create_app(settings_for(url, folder, keys_url=keys_url, migration_url=None))


@pytest.mark.usefixtures("_on_postgresql")
def test_one_role_for_all_is_bound_too_and_works(app: Flask, both_wrote: Cast, tmp_path: Path) -> None:
    made = a_house_of(app, tenants.OWNER, tmp_path)
    page = Browser(made.test_client()).sign_in(address_of("sol")).get("/coach/couples/")
    assert "Eva" in page.text
    with made.app_context():
        backup = made.test_cli_runner().invoke(args=["backup", "--out", str(tmp_path / "backup")])
        assert backup.exit_code == 0, backup.output
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM people")) == 0
        db.engine.dispose()
    with made.app_context():
        said = made.test_cli_runner().invoke(args=["doctor"]).output
    assert "ok    row locks: bind owner, which owns the tables" in said


@pytest.mark.usefixtures("_on_postgresql")
def test_the_doctor_says_whom_the_locks_do_not_bind(app: Flask, tmp_path: Path) -> None:
    bound = app.test_cli_runner().invoke(args=["doctor"]).output
    assert "ok    row locks: bind application, which owns no table" in bound
    made = a_house_of(app, "tests", tmp_path)  # who began the cluster
    with made.app_context():
        said = made.test_cli_runner().invoke(args=["doctor"])
        db.engine.dispose()
    assert said.exit_code == 1
    assert "MEND  row locks: do not bind tests, which is a superuser or has BYPASSRLS" in said.output


@pytest.mark.usefixtures("_on_postgresql")
def test_the_doctor_names_a_table_that_has_lost_its_lock(app: Flask) -> None:
    owner = create_engine(tenants.engine().url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("ALTER TABLE notes NO FORCE ROW LEVEL SECURITY"))
    owner.dispose()
    said = app.test_cli_runner().invoke(args=["doctor"]).output
    assert "MEND  row locks: notes: no lock on rows" in said
