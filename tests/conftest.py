"""The ground of every test: a clock that stands still, a fresh copy of a gathered database, browsers of the cast."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import flask_migrate
import pytest
from argon2 import PasswordHasher
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from portal import clock, create_app
from portal.cli import migrations
from portal.extensions import db, key_store
from portal.services import accounts, health
from portal.settings import Settings
from tests import cast as gathered
from tests import memory, tenants
from tests.keys import code_at_the_door
from tests.postgres import private_cluster
from tests.standing import standing_app

START = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
GATHERED_AT = START - timedelta(days=90)
SECOND_KEY = "/account/second-key"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

# an ordinary run, and what a check holds in its time: more by option, and two thousand before a change that touches it
HISTORIES = 60 if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql" else 300


if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql":
    tenants.stand_in()
    health.DURABLE_ON_POSTGRESQL.clear()  # the cluster of the tests need not survive a power cut


class Wall:
    """The clock on the wall of a test; it stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now

    def to(self, instant: datetime) -> datetime:
        self.now = instant.astimezone(UTC)
        return self.now


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--histories", type=int, default=HISTORIES, help="twin runs that the test of the promise lives")
    parser.addoption("--draw", type=int, default=0, help="other histories: a long run can be lived in parts")
    parser.addoption("--kills", type=int, default=20, help="times that the server is killed while answers come in")
    parser.addoption("--rotations", type=int, default=10_000, help="data keys that the vault key is rotated over")
    parser.addoption("--renew-golden", action="store_true", help="keep the briefs as they are now: trees and pages")
    parser.addoption("--pictures", action="store_true", help="write the pictures of the README into docs/screens")


# where the key store of each copied database lies: never twice the same file, for an app may hold the last one open
KEY_STORES: dict[str, str] = {}


def settings_for(url: str, instance: Path, **changes: object) -> Settings:
    values: dict[str, object] = {
        "secret_key": "a secret of the tests of 32 characters",
        "vault_keys": {1: bytes(range(32))},
        "instance": instance,
        "database_url": url,
        "migration_url": tenants.url_of_owner(url) if url else None,
        "keys_url": KEY_STORES.get(url),
        "demo_password": gathered.PASSPHRASE,
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2 as weak as it goes: what is tested is that it is asked, not how long it takes."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    before, accounts._hasher = accounts._hasher, quick
    accounts._nobody = quick.hash("somebody who is not here")
    yield
    accounts._hasher = before


@pytest.fixture(scope="session")
def databases() -> Iterator[Callable[[str], str]]:
    """Gives, for a name, the address of a new database that holds the gathered cast."""
    with ExitStack() as stack:
        folder = stack.enter_context(memory.folder("portal-databases-"))
        if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql":
            server = stack.enter_context(private_cluster())
            make = _copies_on_postgresql(server, folder)
        else:
            make = _copies_on_sqlite(folder)
        yield make


def _gather(url: str, instance: Path) -> None:
    wall = Wall(GATHERED_AT)
    app = create_app(settings_for(url, instance))
    migrations.bind(app)
    with clock.reading(lambda: wall.now), app.app_context():
        flask_migrate.upgrade()
        gathered.gather()
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()
        key_store.ask("PRAGMA wal_checkpoint(TRUNCATE)", ())


def _copy_of_keys(url: str, folder: Path) -> None:
    """Lay a copy of the gathered key store beside a copied database."""
    _forget_keys(url)
    path = folder / f"keys-{next(_numbers)}.db"
    shutil.copyfile(folder / "keys.db", path)
    KEY_STORES[url] = f"sqlite:///{path}"


def _forget_keys(url: str) -> None:
    if url in KEY_STORES:
        Path(KEY_STORES.pop(url).removeprefix("sqlite:///")).unlink(missing_ok=True)


_numbers = count()


def _copies_on_sqlite(folder: Path) -> Callable[[str], str]:
    template = folder / "template.db"
    _gather(f"sqlite:///{template}", folder)

    def copy(name: str) -> str:
        """A file of its own each time: a late request of the test before, as it ends, takes its own log away."""
        for left in folder.glob(f"{name}.[0-9]*.db*"):
            left.unlink()
            _forget_keys(f"sqlite:///{left}")
        path = folder / f"{name}.{next(_numbers)}.db"
        shutil.copyfile(template, path)
        _copy_of_keys(f"sqlite:///{path}", folder)
        return f"sqlite:///{path}"

    return copy


def _copies_on_postgresql(server: str, folder: Path) -> Callable[[str], str]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    tenants.make_roles(server)
    base = make_url(server).set(username=tenants.APPLICATION).render_as_string(hide_password=False).rsplit("/", 1)[0]
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE template_cast OWNER {tenants.OWNER}"))
    _gather(f"{base}/template_cast", folder)

    def copy(name: str) -> str:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            made = f'CREATE DATABASE "{name}" TEMPLATE template_cast OWNER {tenants.OWNER} STRATEGY FILE_COPY'
            connection.execute(text(made))
        _copy_of_keys(f"{base}/{name}", folder)
        return f"{base}/{name}"

    return copy


@pytest.fixture
def wall() -> Iterator[Wall]:
    """A Monday evening in November."""
    standing = Wall(START)
    with clock.reading(lambda: standing.now):
        yield standing


@pytest.fixture
def app(databases: Callable[[str], str], wall: Wall, tmp_path: Path) -> Iterator[Flask]:
    """The portal on a fresh copy of the gathered cast."""
    made = standing_app("test", settings_for(databases("test"), tmp_path))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def cast(app: Flask) -> gathered.Cast:
    return gathered.find()


def _forget() -> None:
    """Let go of what the last request kept: the test's own app context outlives it, and who asked with it."""
    for name in list(g) if has_app_context() else ():
        g.pop(name)


class Browser:
    """A test client that carries the form token along, as a page's form would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **how: object):  # type: ignore[no-untyped-def]
        _forget()
        return self.client.get(path, **how)  # type: ignore[arg-type]

    def post(self, path: str, data: dict[str, object] | None = None, page: str | None = None, **how: object):  # type: ignore[no-untyped-def]
        """Post a form; its token is read from `page`, by default the sign-in page or the own home."""
        token = self.token(page or "/")
        _forget()
        return self.client.post(path, data={"csrf_token": token, **(data or {})}, **how)  # type: ignore[arg-type]

    def token(self, page: str) -> str:
        found = TOKEN.search(self.get(page, follow_redirects=True).text)
        assert found, f"no form token on {page}"
        return found[1]

    def sign_in(self, address: str, passphrase: str = gathered.PASSPHRASE) -> "Browser":
        """Go all the way in, with the code of one's app where the door asks for it."""
        self.give_passphrase(address, passphrase)
        if self.get("/").location == SECOND_KEY:
            code = code_at_the_door(self.client.application, address)
            reply = self.post(SECOND_KEY, {"code": code}, page=SECOND_KEY)
            assert reply.status_code == 303, reply.text
        return self

    def give_passphrase(self, address: str, passphrase: str = gathered.PASSPHRASE) -> "Browser":
        """Sign in with the pass phrase alone."""
        reply = self.post("/sign-in", {"email": address, "password": passphrase}, page="/sign-in")
        assert reply.status_code == 303, reply.text
        return self

    def step_up(self, passphrase: str = gathered.PASSPHRASE) -> "Browser":
        """Give the pass phrase once more, as security settings ask for it."""
        reply = self.post("/account/step-up", {"passphrase": passphrase}, page="/account/step-up")
        assert reply.status_code == 303, reply.text
        return self


@pytest.fixture
def browser(app: Flask) -> Callable[[str | None], Browser]:
    """A browser of somebody of the cast by first name, or of nobody."""

    def open_one(name: str | None = None) -> Browser:
        fresh = Browser(app.test_client())
        return fresh.sign_in(gathered.address_of(name)) if name else fresh

    return open_one
