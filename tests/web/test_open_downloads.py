"""A file that is still being made as its reader's session ends is given to nobody, whichever file it is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from portal import clock, web
from portal.domain.people import PersonState
from portal.extensions import db
from portal.jobs.press import Press
from portal.models.users import Person
from portal.output import fhir
from portal.output.render import Rendered
from portal.services import accounts
from portal.services import day_packs as asked
from portal.web import worksheets
from portal.web.coach import audit, briefs, caseload, day_packs, erasures, parting, practice_export, trends
from portal.web.partner import before_session, booklet, copies, export, files
from tests import factories
from tests.cast import PASSPHRASE
from tests.web import world as worlds
from tests.web.world import World

BRIEF, PRACTICE = "/coach/sessions/{session_id}/brief.pdf", "/coach/practice"
# whose file, its address, with which fields it is asked for (None: by GET), and what makes it
DOWNLOADS: dict[str, tuple[str, str, dict[str, object] | None, ModuleType, str]] = {
    "brief": ("ines", BRIEF, None, briefs, "render_pdf"),
    "joint copy": ("ines", f"{BRIEF}?copy=joint", None, briefs, "render_pdf"),
    "briefs of a day": (
        "ines",
        "/coach/sessions/briefs/{pack_that_is_made}/take",
        {"as": "files"},
        day_packs,
        "folder",
    ),
    "one file for the printer": (
        "ines",
        "/coach/sessions/briefs/{pack_that_is_made}/take",
        {"as": "printer"},
        day_packs,
        "one_file",
    ),
    "certificate": (
        "ines",
        f"{PRACTICE}/erasures/{{erasure_that_is_done}}/certificate.pdf",
        None,
        erasures,
        "render_pdf",
    ),
    "somebody's record": (
        "ines",
        "/coach/couples/{couple_id}/record",
        {"whose": "A", "passphrase": PASSPHRASE},
        parting,
        "render_pdf",
    ),
    "audit.csv": ("ines", f"{PRACTICE}/audit.csv", {"passphrase": PASSPHRASE}, audit, "sheet"),
    "lists.zip": ("ines", f"{PRACTICE}/export", {"passphrase": PASSPHRASE}, practice_export, "folder"),
    "questionnaire.json": (
        "ines",
        "/coach/questionnaires/measures/{measure_id}/questionnaire.json",
        {},
        fhir,
        "questionnaire",
    ),
    "answers.json": ("ines", "/coach/responses/{response_to_measure}/answers.json", {}, fhir, "response"),
    "own answers to measures": ("ana", "/my/export", {"passphrase": PASSPHRASE, "kind": "fhir"}, files, "as_fhir"),
    "list.csv": ("ines", "/coach/couples/list.csv", {}, caseload, "sheet"),
    "weeks.csv": ("ines", "/coach/couples/{couple_id}/weeks.csv", {}, trends, "sheet"),
    "weeks.svg": ("ines", "/coach/couples/{couple_id}/weeks.svg", {}, trends, "drawing"),
    "worksheet of the library": (
        "ines",
        "/coach/programme/{questionnaire_id}/worksheet.pdf",
        None,
        worksheets,
        "render_pdf",
    ),
    "worksheet": ("ana", "/my/tasks/{task_id}/worksheet.pdf", None, worksheets, "render_pdf"),
    "own copy": ("ana", "/my/tasks/{sent_task_id}/copy", {"passphrase": PASSPHRASE}, copies, "render_pdf"),
    "booklet": ("ana", "/my/booklet", {}, booklet, "render_pdf"),
    "own side of the brief": (
        "ana",
        "/my/before-session",
        {"passphrase": PASSPHRASE, "act": "file"},
        before_session,
        "render_pdf",
    ),
    "own pages": ("ana", "/my/export", {"passphrase": PASSPHRASE, "kind": "pdf"}, export, "render_pdf"),
    "own table": ("ana", "/my/export", {"passphrase": PASSPHRASE, "kind": "csv"}, files, "as_table"),
    "own data": ("ana", "/my/export", {"passphrase": PASSPHRASE, "kind": "json"}, files, "as_json"),
}


@pytest.fixture(scope="module")
def world(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.standing(databases, tmp_path_factory.mktemp("downloads"), "downloads") as made:
        with made.app.app_context():
            made.ids["pack_that_is_made"] = _made(made)
            db.session.remove()
        yield made


def _made(world: World) -> UUID:
    """The briefs of a day that has one, and all of it is made."""
    starts_at = clock.now() + timedelta(days=9)
    factories.session(world.cast.couples["gil"], starts_at)
    pack_id = asked.ask(world.cast.ines, starts_at.date())
    Press("Portal", lambda _html: Rendered(b"a brief", fallback=False)).turn(looks_ahead=False)
    return pack_id


def let_go(world: World, name: str) -> None:
    """What happens as somebody is let go: they are in no more, and what they had open is closed."""
    person_id = getattr(world.cast, name).person_id
    db.session.rollback()
    person = db.session.scalars(select(Person).where(Person.id == person_id)).one()
    person.state = PersonState.DEACTIVATED
    accounts.end_sessions_of(person_id)
    db.session.commit()


def let_in_again(world: World, name: str) -> None:
    with world.app.app_context():
        person_id = getattr(world.cast, name).person_id
        db.session.scalars(select(Person).where(Person.id == person_id)).one().state = PersonState.ACTIVE
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize("name", DOWNLOADS)
@pytest.mark.parametrize("is_let_go", [False, True], ids=["stays", "let go meanwhile"])
def test_a_file_is_given_to_nobody_whose_session_ends_while_it_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, *, is_let_go: bool
) -> None:
    who, path, data, module, maker = DOWNLOADS[name]
    is_rendered = maker == "render_pdf"

    def make(*_what: object, **_how: object) -> object:
        if is_let_go:
            let_go(world, who)
        return SimpleNamespace(content=b"the file") if is_rendered else b"the file"

    browser, address = world.browser(who), path.format(**world.ids)
    token = None if data is None else {"csrf_token": browser.token("/reset")}
    monkeypatch.setattr(module, maker, make)
    reply = browser.get(address) if token is None else browser.client.post(address, data={**(data or {}), **token})
    if is_let_go:
        let_in_again(world, who)
    assert reply.status_code == (404 if is_let_go else 200)
    assert (reply.data == b"the file") is not is_let_go
    assert ("Content-Disposition" in reply.headers) is not is_let_go


def test_there_is_no_other_file_and_each_looks_again_once_it_is_made() -> None:
    given = {}
    for path in Path(web.__file__).parent.rglob("*.py"):
        source = path.read_text()
        if "Content-Disposition" in source:
            given[path.stem] = (source.count("Content-Disposition"), source.count("guards.check_again()"))
    assert given.pop("calendar") == (1, 0)  # a calendar brings no session: the address is asked for its owner each time
    theirs = {
        "briefs",
        "day_packs",
        "erasures",
        "audit",
        "practice_export",
        "parting",
        "caseload",
        "measure_files",
        "trends",
    }
    assert {*theirs, "before_session", "booklet", "copies", "export", "worksheets"} == set(given)
    assert set(given.values()) == {(1, 1)}
