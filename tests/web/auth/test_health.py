"""What an operator asks: the process, and whether it can work; it tells nobody else a thing."""

from collections.abc import Callable
from pathlib import Path

import flask_migrate
from flask import Flask

from portal import create_app
from portal.cli import migrations
from portal.extensions import db
from tests.conftest import Browser, settings_for

Open = Callable[[str | None], Browser]


def test_a_living_process_says_so(browser: Open) -> None:
    reply = browser(None).get("/healthz")
    assert (reply.status_code, reply.text, reply.mimetype) == (200, "ok\n", "text/plain")
    assert not reply.headers.getlist("Set-Cookie")


def test_a_house_that_stands_is_ready(browser: Open) -> None:
    reply = browser(None).get("/readyz")
    assert (reply.status_code, reply.text) == (200, "ready\n")


def test_a_house_without_its_tables_lives_and_is_not_ready(tmp_path: Path) -> None:
    client = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)).test_client()
    assert client.get("/healthz").status_code == 200
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (503, "not ready\n")


def test_a_house_that_missed_a_migration_is_not_ready(app: Flask, browser: Open) -> None:
    migrations.bind(app)
    flask_migrate.downgrade()
    assert browser(None).get("/readyz").status_code == 503
    db.session.remove()  # the test's own context outlives the request, and its look at the database with it
    flask_migrate.upgrade()
    assert browser(None).get("/readyz").status_code == 200


def test_a_house_whose_database_is_gone_is_not_ready_and_says_no_more(tmp_path: Path) -> None:
    client = create_app(settings_for(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}", tmp_path)).test_client()
    reply = client.get("/readyz")
    assert (reply.status_code, reply.text) == (503, "not ready\n")
    assert client.get("/healthz").status_code == 200
