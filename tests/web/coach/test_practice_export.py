"""The practice's lists as one file: what its owner may know, and nothing that anybody wrote or whether they did."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.domain.erasure import RunsFrom
from portal.domain.pathways import ReleaseKind
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.users import Person
from portal.services import contacts, holds, pathway_issuing, pathways, practice_exports, retention, sessions
from portal.services.assignments import Rewording
from portal.services.sessions import NewSession
from portal.web.coach.practice_export import COLUMNS
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import SECRET, assign, floor, send, task_of
from tests.ways import ALONE, add, send_own

Open = Callable[[str | None], Browser]
PATH = "/coach/practice/export"


def saved(browser: Browser) -> dict[str, str]:
    """The files of the file, by name."""
    reply = browser.post(PATH, {"passphrase": PASSPHRASE}, page=PATH)
    assert reply.status_code == 200, reply.text
    with ZipFile(io.BytesIO(reply.data)) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


def table(files: dict[str, str], name: str) -> list[list[str]]:
    """The rows of a list, without its head."""
    return list(csv.reader(io.StringIO(files[f"{name}.csv"], newline="")))[1:]


@pytest.fixture
def lived(cast: Cast) -> UUID:
    """A practice with one of each; gives the couple's assignment."""
    contacts.add(cast.ines, contacts.Listed("DE", "emergency", "Emergency", "112", "", "always"))
    when = NewSession(SessionKind.INDIVIDUAL_A, clock.now() + timedelta(days=1), 50, "By the back door")
    sessions.plan(cast.ines, cast.couples["ana"], when)
    retention.set_rule(cast.ines, RunsFrom.LAST_CONTACT, 84, "As we were told")
    holds.place(cast.ines, cast.gil.person_id)
    return assign(cast, "one-holds-the-floor", why="For the evenings", obstacle="The phone rings")


def test_the_owner_saves_one_file_and_it_goes_on_record(browser: Open, lived: UUID, cast: Cast) -> None:
    reply = browser("ines").post(PATH, {"passphrase": PASSPHRASE}, page=PATH)
    assert (reply.status_code, reply.mimetype) == (200, "application/zip")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="lists.zip"'
    assert reply.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.number.desc())).first()
    assert last
    assert (last.event, last.actor_id) == ("export:practice", cast.ines.person_id)


def test_a_wrong_pass_phrase_gets_no_file(browser: Open) -> None:
    ines = browser("ines")
    for typed in ("not the right words", ""):
        reply = ines.post(PATH, {"passphrase": typed}, page=PATH)
        assert (reply.status_code, reply.mimetype) == (422, "text/html")
    db.session.rollback()
    events = set(db.session.scalars(select(AuditEvent.event)))
    assert "passphrase:refused" in events
    assert "export:practice" not in events


def test_what_is_in_it(browser: Open, lived: UUID, cast: Cast) -> None:
    files = saved(browser("ines"))
    couple, ana, ben = cast.couples["ana"], cast.ana.person_id, cast.ben.person_id
    assert sorted(row[1:4] for row in table(files, "members")) == [
        ["Ines", "owner", "active"], ["Mira", "assistant", "active"],
        ["Noor", "supervisor", "active"], ["Omar", "coach", "active"],
    ]  # fmt: skip
    whose = {row[0]: [row[1], *row[3:]] for row in table(files, "couples")}
    assert whose[str(couple)] == ["active", "Ines", str(ana), str(ben)]
    assert {row[1] for row in whose.values()} == {"Ines", "Omar"}
    (session,) = table(files, "sessions")
    assert session[1:] == [str(couple), "Ines", "individual_a", "planned", "2026-11-24T19:00:00Z", "50"]
    (given,) = table(files, "assigned")
    assert given == [
        str(lived), str(couple), "One holds the floor", "joint", "2026-11-23", "2026-11-30", "", "Ines",
    ]  # fmt: skip
    assert [row[2:] for row in table(files, "consents") if row[0] == str(ana)] == [["1", "discretion", "1", "en", ""]]
    assert ["DE", "emergency", "Emergency", "112"] in [row[:4] for row in table(files, "contacts")]
    assert [row[0] for row in table(files, "holds")] == [str(cast.gil.person_id)]
    settings = json.loads(files["settings.json"])
    assert (settings["name"], settings["retention"]["months"]) == ("Practice North", 84)
    assert len(json.loads(files["library.json"])) == 26
    assert len(json.loads(files["steps.json"])) == 5
    assert [(text["kind"], text["version"]) for text in json.loads(files["texts.json"])] == [("consent", 1)]


def test_nothing_that_anybody_wrote_is_in_it(browser: Open, lived: UUID, cast: Cast) -> None:
    other_words = Rewording(title="For the two by the river", purpose="So that he listens")
    assign(cast, "ten-clear-minutes", rewording=other_words)
    whole = "".join(saved(browser("ines")).values())
    written = ("For the evenings", "The phone rings", "By the back door", *(other_words.title, other_words.purpose))
    assert [words for words in written if words in whole] == []
    assert "Ana" not in whole
    assert "@home.example" not in whole
    assert "Ten clear minutes" in whole


def test_it_is_the_same_whether_anybody_wrote_or_not(browser: Open, lived: UUID, cast: Cast, wall: Wall) -> None:
    ines = browser("ines")
    before = saved(ines)
    send(cast.ana, task_of(cast.ana, lived), floor(stopped_afraid="true"))
    assert SECRET not in "".join(saved(ines).values())
    assert saved(ines) == before


def test_it_does_not_tell_to_which_step_of_a_pathway_anybody_has_come(
    browser: Open, lived: UUID, cast: Cast, wall: Wall
) -> None:
    first = add(cast, ALONE[0], why="For the evenings")
    add(cast, ALONE[1], kind=ReleaseKind.AFTER_OWN, after=first)
    pathways.begin(cast.ines, cast.couples["ana"])
    pathway_issuing.issue_due()
    ines = browser("ines")
    before = saved(ines)
    assert [row[2:5] for row in table(before, "pathways")] == [
        ["My listening habits", "both", "1"], ["Small reaches", "both", "2"],
    ]  # fmt: skip
    assert "For the evenings" not in "".join(before.values())
    send_own(cast.ana, first)
    assert pathway_issuing.issue_due() == 1
    assert saved(ines) == before


def test_of_another_practice_it_holds_nothing(browser: Open, lived: UUID, cast: Cast) -> None:
    whole = "".join(saved(browser("sol")).values())
    north = [viewer for viewer in cast.viewers.values() if viewer.practice_id == cast.ines.practice_id]
    assert [one for one in north if str(one.person_id) in whole] == []
    assert [str(couple) for name, couple in cast.couples.items() if name != "eva" and str(couple) in whole] == []
    assert str(cast.couples["eva"]) in whole


def test_a_cell_that_a_spreadsheet_would_work_out_is_text(browser: Open, cast: Cast) -> None:
    db.session.execute(update(Person).where(Person.id == cast.omar.person_id).values(display_name="=1+1"))
    db.session.commit()
    assert ["'=1+1", "coach"] in [row[1:3] for row in table(saved(browser("ines")), "members")]


def test_the_page_says_what_is_in_the_file_and_what_is_not(browser: Open) -> None:
    page = browser("ines").get(PATH).text
    assert "no answers, no notes" in page
    assert "by a command of whoever runs this portal" in page
    assert PATH in browser("ines").get("/coach/practice/").text
    assert PATH not in browser("omar").get("/coach/practice/").text


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_has_a_head(name: str) -> None:
    statement = practice_exports.LISTS[name](UUID(int=0))
    assert set(COLUMNS) == set(practice_exports.LISTS)
    assert len(statement.selected_columns) == len(COLUMNS[name])
