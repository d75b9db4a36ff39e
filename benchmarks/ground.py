"""The ground of the benchmarks: a scratch database with weeks behind it, full forms ahead, and browsers signed in."""

import base64
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import flask_migrate
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from portal import clock, create_app
from portal.cli import migrations
from portal.domain.assignments import For
from portal.domain.items import Item, ItemType
from portal.domain.people import Role, Viewer
from portal.domain.questionnaires import FULL_FORM_EVERY
from portal.domain.sessions import NoteKind, SessionKind
from portal.extensions import db
from portal.models.assignments import Task
from portal.services import (
    accounts,
    assignments,
    couples,
    notes,
    outbox,
    programme,
    responses,
    scope,
    sending,
    sessions,
)
from portal.services.assignments import NewAssignment
from portal.services.couples import NewPartner
from portal.services.drafts import Typed
from portal.services.sessions import NewSession
from portal.settings import Settings
from tests import cast as gathered
from tests.conftest import GATHERED_AT, Browser, settings_for

CHECK_IN, EXERCISE = "weekly-check-in", "one-holds-the-floor"
WORDS = "We took the long way home and talked about the summer, and nobody looked at the clock until it was late."


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in: where, with which cookie, and the body of a form, if it is one."""

    path: str
    cookie: str
    body: str = ""


@dataclass(frozen=True)
class Ground:
    """What the servers are asked for. `sends` are whole check-ins with a draft, each to be sent once."""

    environ: dict[str, str]
    home: Visit
    form: Visit
    sends: tuple[Visit, ...]


def environ_for(folder: Path) -> dict[str, str]:
    """The settings of a scratch installation in `folder`."""
    return {
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(48),
        "PORTAL_VAULT_KEYS": "1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.db'}",
        "BENCH_FOLDER": str(folder),
        "PATH": os.environ["PATH"],
    }


def lay(folder: Path, senders: int) -> Ground:
    """Fill a scratch database; `senders` couples each have two full check-ins that wait to be sent."""
    environ = environ_for(folder)
    app = create_app(Settings.from_env(environ, folder))
    migrations.bind(app)
    with app.app_context(), quick_hashes():
        flask_migrate.upgrade()
        gathered.gather()
        _empty_outbox()
        cast = gathered.find()
        _weeks(cast.ines, cast.couples["ana"], [cast.ana, cast.ben])
        _around_the_next_session(cast.ines, cast.couples["ana"])
        task_id = _full_check_in(cast.ines, cast.couples["ana"])[cast.ben.person_id]
        home = Visit("/my/", _browser(app, "ana")[0])
        form = Visit(f"/my/tasks/{task_id}", _browser(app, "ben")[0])
        sends = [visit for number in range(senders) for visit in _sends(app, cast.ines, number)]
        db.session.remove()
        db.engine.dispose()
    return Ground(environ, home, form, tuple(sends))


def gathered_house(folder: Path) -> Flask:
    """A house below `folder` in which the tests' cast has been since the day they came together."""
    app = create_app(settings_for(f"sqlite:///{folder / 'portal.db'}", folder))
    migrations.bind(app)
    with quick_hashes(), clock.reading(lambda: GATHERED_AT), app.app_context():
        flask_migrate.upgrade()
        gathered.gather()
        db.session.remove()
    return app


@contextmanager
def quick_hashes() -> Iterator[None]:
    """Argon2 as weak as it goes: signing in is no part of what is measured here."""
    before = accounts._hasher
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    accounts._hasher = before


def _empty_outbox() -> None:
    while mails := outbox.due():
        for mail in mails:
            outbox.mark_sent(mail)


def _couple(coach: Viewer, number: int) -> tuple[UUID, list[str]]:
    names = [f"c{number}", f"d{number}"]
    a, b = (NewPartner(given, f"{name}@home.example") for given, name in zip(("Cleo", "Dov"), names, strict=True))
    couple_id = couples.invite_couple(coach, a, b, gathered.LINK)
    for mail in outbox.due():
        if mail.message == "invitation":
            gathered.accept(mail.words["link"].rsplit("/", 1)[1])
    _empty_outbox()
    return couple_id, names


def _partners_of(coach: Viewer, couple_id: UUID) -> list[Viewer]:
    people = db.session.scalars(scope.partners_of(coach, couple_id))
    return [Viewer(person.id, person.practice_id, Role.PARTNER) for person in people]


def _weeks(coach: Viewer, couple_id: UUID, partners: list[Viewer]) -> None:
    """Three weekly check-ins behind a couple, sent by both."""
    today = clock.now()
    for week in range(FULL_FORM_EVERY - 1, 0, -1):
        past = today - timedelta(weeks=week)
        with clock.reading(lambda: past):  # noqa: B023 - read inside the turn that it belongs to
            tasks = _assigned(coach, couple_id, CHECK_IN)
            for viewer in partners:
                sending.submit(viewer, tasks[viewer.person_id], _draft(viewer, tasks[viewer.person_id]), "first")


def _assigned(coach: Viewer, couple_id: UUID, slug: str) -> dict[UUID, UUID]:
    """Give something to both; gives the tasks by person."""
    due_on = clock.now().date() + timedelta(days=7)
    entry = next(entry for entry in programme.library(coach) if entry.slug == slug)
    new = NewAssignment(entry.id, For.BOTH, due_on, why="The evenings are long enough for ten minutes.")
    given = assignments.assign(coach, couple_id, new)
    rows = db.session.execute(select(Task.person_id, Task.id).where(Task.assignment_id == given))
    return {person_id: task_id for person_id, task_id in rows}


def _full_check_in(coach: Viewer, couple_id: UUID) -> dict[UUID, UUID]:
    """The fourth check-in that is issued to both: the one that asks everything."""
    return _assigned(coach, couple_id, CHECK_IN)


def _draft(viewer: Viewer, task_id: UUID) -> int:
    """Fill in everything that the form asks; gives the version of the draft."""
    task = responses.open_for(viewer, task_id)
    raw = {item.id: _filled(item) for item in task.items}
    return responses.save_draft(viewer, task_id, Typed(raw), task.version).version


def _filled(item: Item) -> str:
    if item.type is ItemType.CHOICE:
        return item.options[0].value
    by_type = {ItemType.SCALE: "6", ItemType.NUMBER: str(item.bounds[1]), ItemType.DATE: "2026-11-23"}
    return by_type.get(item.type, "true" if item.type is ItemType.CHECKBOX else WORDS)


def _around_the_next_session(coach: Viewer, couple_id: UUID) -> None:
    """An exercise to do, and a session ahead with what was agreed: a home on which everything stands."""
    _assigned(coach, couple_id, EXERCISE)
    starts_at = clock.now() + timedelta(days=2)
    session_id = sessions.plan(coach, couple_id, NewSession(SessionKind.JOINT, starts_at, 50, "Room 2"))
    notes.write(coach, session_id, NoteKind.AGREED, "Ten minutes on Tuesday\nNo phones at dinner")


def _browser(app: Flask, name: str) -> tuple[str, str]:
    """The cookie of somebody's browser, and a form token for it."""
    browser = Browser(app.test_client()).sign_in(gathered.address_of(name))
    token = browser.token("/my/")
    cookie = browser.client.get_cookie("id")
    assert cookie
    return f"id={cookie.value}", token


def _sends(app: Flask, coach: Viewer, number: int) -> list[Visit]:
    couple_id, names = _couple(coach, number)
    viewers = _partners_of(coach, couple_id)
    _weeks(coach, couple_id, viewers)
    tasks = _full_check_in(coach, couple_id)
    made = []
    for viewer, name in zip(viewers, names, strict=True):
        task_id = tasks[viewer.person_id]
        version = _draft(viewer, task_id)
        cookie, token = _browser(app, name)
        body = urlencode({"csrf_token": token, "version": version, "key": secrets.token_urlsafe(24), "send": "1"})
        made.append(Visit(f"/my/tasks/{task_id}/review", cookie, body))
    return made
