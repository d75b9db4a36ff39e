"""A database that cannot write, for another holds it or its disk is full: what is read is read, and leaving leaves."""

import os
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from portal import clock
from portal.extensions import begin_write, db
from portal.models.users import WebSession
from portal.services import standing
from tests.cast import Cast
from tests.conftest import Browser, Wall

Open = Callable[[str | None], Browser]
NEUTRAL = "https://www.wikipedia.org/"
AT_ONCE = 6.0  # seconds, on a machine that is busy: below the eight that a single write waits for the lock
LESS_THAN_A_PAGE = 4096  # the log has a head beside the page
PAGES = ("/my/", "/my/account", "/help-now", "/my/shared")
on_sqlite = pytest.mark.skipif(os.environ.get("PORTAL_TEST_DATABASE") == "postgresql", reason="one file")


@contextmanager
def held(app: Flask, cast: Cast) -> Iterator[None]:
    """Somebody else holds the database, or on PostgreSQL the rows of the browser sessions."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with db.engine.connect() as other_one:
        other_one.execute(text("SELECT set_config('app.practice', :id, true)"), {"id": str(cast.ana.practice_id)})
        other_one.execute(select(WebSession.token_hash).with_for_update())
        yield


@contextmanager
def full(app: Flask, cast: Cast) -> Iterator[None]:
    """No file of this process may grow: the log of the database, to which every write is appended, takes nothing."""
    db.session.remove()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    db.session.remove()
    resource.setrlimit(resource.RLIMIT_FSIZE, (LESS_THAN_A_PAGE, before[1]))
    try:
        begin_write()
        with pytest.raises(OperationalError):  # noqa: PT012 - it is the commit that fails
            db.session.execute(update(WebSession).values(challenge_at=clock.now()))
            db.session.commit()
        db.session.rollback()
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


troubles = pytest.mark.parametrize("trouble", [held, pytest.param(full, marks=on_sqlite)])
Trouble = Callable[[Flask, Cast], AbstractContextManager[None]]


def took(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


@pytest.fixture
def ana(browser: Open, wall: Wall) -> Browser:
    """Ana's browser, signed in so long ago that when it was last seen is to be written."""
    signed_in = browser("ana")
    wall.forward(minutes=2)
    return signed_in


@troubles
def test_own_pages_of_the_signed_in_can_be_read_longer_than_a_minute(
    app: Flask, cast: Cast, ana: Browser, trouble: Trouble
) -> None:
    told = {}
    with trouble(app, cast):
        seconds = took(lambda: told.update({path: ana.get(path).status_code for path in PAGES}))
    assert told == dict.fromkeys(PAGES, 200)
    assert seconds < AT_ONCE


def test_when_a_browser_was_last_seen_is_written_again_once_there_is_room(
    app: Flask, cast: Cast, ana: Browser, wall: Wall
) -> None:
    with held(app, cast):
        ana.get("/my/")
    ana.get("/my/")
    assert wall.now in set(db.session.scalars(select(WebSession.seen_at)))


@troubles
def test_leaving_leaves_at_once_and_the_browser_keeps_nothing(
    app: Flask, cast: Cast, ana: Browser, trouble: Trouble
) -> None:
    replies = []
    ana.get("/healthz")
    with trouble(app, cast), capture_logs() as lines:
        seconds = took(lambda: replies.append(ana.client.post("/exit")))
    assert (replies[0].status_code, replies[0].location) == (303, NEUTRAL)
    assert seconds < AT_ONCE
    assert ana.client.get_cookie("id") is None
    assert ana.get("/my/").location.startswith("/sign-in")
    assert [line["event"] for line in lines] == ["session not ended"]
    assert "ana" not in str(lines).casefold()


@pytest.mark.parametrize("path", ["/my/", "/exit", "/nothing/at/all", "/sign-in"])
def test_an_error_page_asks_the_database_nothing(
    app: Flask, browser: Open, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Where not even the look at who is asking is answered; an unknown address may be one of a turned screen's."""
    ana = browser("ana")
    asked = []

    def break_down(token: str) -> None:
        asked.append(token)
        cause = sqlite3.OperationalError("disk I/O error")
        cause.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise OperationalError("SELECT", {}, cause)

    monkeypatch.setattr(standing, "standing_or_none", break_down)
    ana.get("/healthz")
    reply = ana.client.post(path) if path == "/exit" else ana.client.get(path)
    assert reply.status_code == (303 if path == "/exit" else 503)
    assert len(asked) == (1 if reply.status_code == 503 else 0)
