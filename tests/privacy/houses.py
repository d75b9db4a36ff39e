"""Where a history is lived: an app on a database of its own, who lives there with their browsers, and randomness."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import flask_wtf.csrf
from flask import Flask
from sqlalchemy import select, text

from portal import create_app, randomness
from portal.domain.assignments import OPEN
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.couples import Partnership
from portal.services import pathway_issuing
from portal.services.pathway_issuing import Due
from tests import cast as gathered
from tests.conftest import Browser, settings_for
from tests.privacy.post import Post
from tests.standing import standing_app

HOME_ADDRESS = "198.51.100.7"  # one home, one address
SIGNED_IN_FOR = timedelta(minutes=9)
TABLES = (
    "assignments",
    "responses",
    "sessions",
    "notes",
    "signals",
    "repetitions",
    "pathways",
    "pathway_steps",
    "task_questions",
)
MOST_IDS = 2  # of each table but the tasks, whose ids are all tried
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Ids:
    """The ids that Ben tries: of his own tasks, of Ana's, and of other rows of both and of the coach."""

    own: tuple[UUID, ...]
    hers: tuple[UUID, ...]
    others: tuple[UUID, ...]


def stream(*names: object) -> Callable[[int], bytes]:
    """Bytes that depend on the names alone, and on how many were drawn before."""
    drawn = 0

    def draw(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        seed = repr((names, drawn)).encode()
        return hashlib.shake_256(seed).digest(count)

    return draw


@contextmanager
def drawing(*names: object) -> Iterator[None]:
    with randomness.drawn_from(stream(*names)):
        yield


@contextmanager
def form_tokens_from_the_stream() -> Iterator[None]:
    """Flask-WTF draws its tokens from the system: let them come from the actor's stream too."""
    before = flask_wtf.csrf.os
    flask_wtf.csrf.os = SimpleNamespace(urandom=lambda count: randomness.some_bytes(count))
    try:
        yield
    finally:
        flask_wtf.csrf.os = before


@contextmanager
def copies_from_their_own_streams() -> Iterator[None]:
    """Whose copy of a step goes out first shifts the other's ids no more than one actor's act does another's."""
    issue = pathway_issuing.issue_one

    def issue_one(due: Due, link: str) -> bool:
        with drawing("copy", due.step_id, due.labels):
            return issue(due, link)

    pathway_issuing.issue_one = issue_one
    try:
        yield
    finally:
        pathway_issuing.issue_one = issue


Heard = tuple[str, str, Any]  # method, path, and the reply


class AtHome(Browser):
    """A browser that keeps its form token, as an open page does, until it has to sign in again."""

    kept: str | None = None
    heard: list[Heard] | None = None  # what it was answered, where somebody keeps it

    def get(self, path: str, **how: object):  # type: ignore[no-untyped-def]
        return self._hear("GET", path, super().get(path, **how))

    def post(self, path: str, data: dict[str, object] | None = None, page: str | None = None, **how: object):  # type: ignore[no-untyped-def]
        return self._hear("POST", path, super().post(path, data, page, **how))

    def _hear(self, method: str, path: str, reply: Any) -> Any:
        if self.heard is not None:
            self.heard.append((method, path, reply))
        return reply

    def token(self, page: str) -> str:
        self.kept = self.kept or super().token(page)
        return self.kept

    def give_passphrase(self, address: str, passphrase: str = gathered.PASSPHRASE) -> "Browser":
        super().give_passphrase(address, passphrase)
        self.kept = None  # signing in begins another session, with another token
        return self


def standing_house(name: str, url: str, instance: Path) -> "House":
    """A house whose app stays from one history to the next; only what a history can change is put back."""
    app = standing_app(f"house {name}", settings_for(url, instance))
    app.ensure_sync = lambda view: view  # type: ignore[method-assign]  # none is asynchronous
    gc.set_threshold(50_000, 20, 20)
    return House(url, instance, app)


class House:
    """One run: an app on a database of its own, the browsers of Ana and Ben, and what the coach has given."""

    def __init__(self, url: str, instance: Path, app: Flask | None = None) -> None:
        self.app: Flask = app or create_app(settings_for(url, instance))
        self.browsers: dict[str, Browser] = {}
        self.signed_in: dict[str, datetime] = {}
        self.for_both: list[UUID] = []
        self.for_ana: list[UUID] = []
        self.sent_closed: list[UUID] = []
        self.first_steps: list[UUID] = []  # of pathways, and what follows them
        self.later_steps: list[UUID] = []
        self.never_sent: set[UUID] = set()
        self.heard: list[Heard] = []  # what Ben was answered, whatever he asked
        self.calendar = ""  # where Ben's fetches his appointments
        self.post = Post()
        with self.inside():
            self.cast = gathered.find()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context():
            yield
            db.session.remove()

    def stranger(self) -> AtHome:
        """A browser of nobody, in the home of the two."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = HOME_ADDRESS
        return AtHome(client)

    def browser(self, name: str) -> Browser:
        """Somebody's browser, signed in; it signs in again before the ten idle minutes are over."""
        now = datetime.now(UTC)
        last = self.signed_in.get(name)
        if last is None or now - last > SIGNED_IN_FOR:
            browser = self.stranger()
            browser.heard = self.heard if name == "ben" else None
            self.browsers[name] = browser.sign_in(gathered.address_of(name))
        self.signed_in[name] = now
        return self.browsers[name]

    def leave(self, name: str) -> None:
        self.signed_in.pop(name, None)

    def ids(self) -> Ids:
        with self.inside():
            others = [found for table in TABLES for found in _ids_of(table)[:MOST_IDS]]
            mine = select(Task.id).where(Task.person_id == self.cast.ben.person_id).order_by(Task.id)
            own = tuple(db.session.scalars(mine))
            hers = tuple(found for found in _ids_of("tasks") if found not in own)
            return Ids(own, (*hers, UNKNOWN), (*others, self.cast.ana.person_id, self.cast.couples["ana"]))

    def takes_part(self, name: str) -> bool:
        """Whether somebody takes part at present, and has not left."""
        with self.inside():
            left = select(Partnership.withdrawn_at).where(Partnership.person_id == self.cast.viewers[name].person_id)
            return db.session.scalars(left).one() is None

    def not_open_to(self, name: str) -> set[UUID]:
        """The tasks that somebody cannot send: they have, or it was withdrawn."""
        with self.inside():
            mine = Task.person_id == self.cast.viewers[name].person_id
            return set(db.session.scalars(select(Task.id).where(mine, Task.state.not_in(OPEN))))

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def _ids_of(table: str) -> list[UUID]:
    rows = db.session.execute(text(f"SELECT id FROM {table} ORDER BY id"))  # noqa: S608 - our own tables
    return [row[0] if isinstance(row[0], UUID) else UUID(str(row[0])) for row in rows]
