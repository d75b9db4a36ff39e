"""A sentence that Ana wrote for the coach alone turns up nowhere of Ben's, in no mail to anybody, and in no log."""

import logging
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from portal import clock
from portal.extensions import Base, db
from portal.jobs.sweep import sweep
from portal.output.mail import Mailer
from tests.cast import PASSPHRASE
from tests.conftest import START
from tests.papers import everything
from tests.web import world as worlds
from tests.web.route_table import TABLE
from tests.web.test_routes import path_of
from tests.web.world import ANAS_SECRET, ROLES, World


def test_a_private_sentence_is_nowhere_but_with_the_coach_and_whom_she_named(
    databases: Callable[[str], str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with worlds.standing(databases, tmp_path, "canary") as world:
        tomorrow = START + timedelta(days=1)
        with clock.reading(lambda: tomorrow):
            assert readers_of(world) == {"ines", "noor"}  # whom Ines named to read along; not the assistant
            assert ANAS_SECRET not in written(world, tmp_path)
            joint, coachs = (paper_of(world, copy) for copy in ("joint", "coach"))
            assert ANAS_SECRET not in joint
            assert "That he asks" in coachs, "what stands in a paper is found"
            for role in ("ana", "ben", "eva"):
                reply = world.browser(role).post("/my/export", {"passphrase": PASSPHRASE})
                assert reply.status_code == 200
                assert (ANAS_SECRET in reply.text) is (role == "ana")
            lists = world.browser("ines").post("/coach/practice/export", {"passphrase": PASSPHRASE})
            with ZipFile(BytesIO(lists.data)) as files:
                assert not any(ANAS_SECRET in files.read(name).decode() for name in files.namelist())
    assert ANAS_SECRET not in caplog.text


def readers_of(world: World) -> set[str]:
    """Who finds the sentence on any page, in a header, or in a page that says that something is wrong."""
    found = set()
    for role in ROLES:
        for entry in TABLE:
            if entry.method != "GET" or entry.rule.endswith(".pdf"):
                continue
            reply = world.browser(role).get(path_of(entry, world.ids))
            if ANAS_SECRET in reply.text or ANAS_SECRET in str(reply.headers):
                found.add(role)
    return found


def paper_of(world: World, copy: str) -> str:
    """All that can be read out of a copy of the brief as a file, its name included."""
    reply = world.browser("ines").get(f"/coach/sessions/{world.ids['session_id']}/brief.pdf?copy={copy}")
    assert reply.status_code == 200
    return everything(reply.data) + str(reply.headers)


def written(world: World, folder: Path) -> str:
    """Everything that lies in the database as it is, and every mail that was sent."""
    with world.app.app_context():
        rows = [
            repr(db.session.execute(text(f"SELECT * FROM {name}")).all())  # noqa: S608 - names of our own tables
            for name in Base.metadata.tables
        ]
        sweep(Mailer("file:", folder / "mail", "Portal", "127.0.0.1"), "http://127.0.0.1:8000/my/")
        db.session.remove()
    mails = [path.read_text(errors="replace") for path in folder.rglob("*.eml")]
    assert mails
    return "".join(rows + mails)
