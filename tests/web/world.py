"""A small world for pages: something of every kind that an address can name, in Ines's practice and of Ana and Ben."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from portal import clock, create_app
from portal.domain.sessions import NoteKind, SessionKind
from portal.extensions import db
from portal.models.practices import Contact
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.services import accounts, contacts, notes, programme, sessions, web_sessions
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests.conftest import START, Browser, Wall, settings_for
from tests.given import asked_and_done, assign, send, task_of

ROLES = ("nobody", "ines", "omar", "sol", "ana", "ben", "eva")
WHY = "For the evenings"
ANAS_SECRET = "I count the days until he is away"


class World:
    """The app, everybody's browser, and an id for every name that stands in an address."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browsers: dict[str, Browser] = {}
        with app.app_context():
            self.cast = gathered.find()
            self.ids = self._fill()
            db.session.remove()

    def browser(self, role: str) -> Browser:
        """The browser of a role; it is signed in again where its session has ended."""
        if role == "nobody":
            return Browser(self.app.test_client())
        if role not in self.browsers or self.browsers[role].get("/").headers["Location"] == "/sign-in":
            self.browsers[role] = Browser(self.app.test_client()).sign_in(gathered.address_of(role))
        return self.browsers[role]

    def _fill(self) -> dict[str, UUID]:
        ines, ana, ben, couple_id = self.cast.ines, self.cast.ana, self.cast.ben, self.cast.couples["ana"]
        floor = assign(self.cast, "one-holds-the-floor", why=WHY)
        check_in = assign(self.cast, "weekly-check-in", why=WHY, weekly=True)
        unsent = assign(self.cast, "ten-clear-minutes", why=WHY)
        sent = task_of(ana, floor)
        send(ana, sent, {"done": "done", "understood": "That he asks", "private_line": ANAS_SECRET})
        send(ana, task_of(ana, check_in), {"s1": "4", "b1": "6", "t1": "The tea", "x1": "yes"})
        send(ben, task_of(ben, check_in), {"s1": "5", "b1": "5", "t1": "The walk"})
        starts_at = clock.now() + timedelta(days=1)
        session_id = sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, starts_at, 50, "Room 2"))
        accounts.sign_in(gathered.address_of("ana"), gathered.PASSPHRASE, None)
        contacts.add(ines, contacts.Listed("DE", "emergency", "Emergency", "112", "", "always"))
        return {
            "couple_id": couple_id,
            "person_id": ana.person_id,
            "assignment_id": check_in,
            "assignment_to_withdraw": unsent,
            "response_id": db.session.scalars(select(Response.id).where(Response.task_id == sent)).one(),
            "session_id": session_id,
            "note_id": notes.write(ines, session_id, NoteKind.REMINDER, "Ask about the stairs"),
            "signal_id": db.session.scalars(select(Signal.id)).first() or UUID(int=0),
            "contact_id": db.session.scalars(select(Contact.id)).one(),
            "questionnaire_id": programme.library(ines)[0].id,
            "task_id": task_of(ana, unsent),
            "sent_task_id": sent,
            "task_of_ben": task_of(ben, unsent),
            "couple_of_gil": self.cast.couples["gil"],
            "gil": self.cast.gil.person_id,
            "device_id": web_sessions.own(ana, "")[0].device_id,
            "passkey_id": UUID(int=0),
            **asked_and_done(ines, self.cast.omar, self.cast.gil.person_id, self.cast.hana.person_id),
        }


@contextmanager
def standing(databases: Callable[[str], str], folder: Path, name: str) -> Iterator[World]:
    """A world on a database of its own, on a Monday evening in November."""
    wall = Wall(START)
    with clock.reading(lambda: wall.now):
        app = create_app(settings_for(databases(name), folder))
        yield World(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
