"""Notes of a session in a browser: written, looked at, locked, added to; two windows lose nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.session_notes import NoteOf
from portal.domain.sessions import SessionKind
from portal.services import session_notes, sessions, supervision
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import START, Browser

Open = Callable[[str | None], Browser]


@pytest.fixture
def session(cast: Cast) -> UUID:
    new = NewSession(SessionKind.JOINT, START + timedelta(days=1), 60)
    return sessions.plan(cast.ines, cast.couples["ana"], new)


@pytest.fixture
def page(session: UUID) -> str:
    return f"/coach/sessions/{session}/notes/joint"


def test_a_session_leads_to_its_notes_by_name(browser: Open, session: UUID) -> None:
    found = browser("ines").get(f"/coach/sessions/{session}").text
    for title in ("Note of both", "Note of Ana", "Note of Ben", "Note for yourself"):
        assert title in found
    assert found.count("nothing written") == 4


def test_a_note_is_written_looked_at_locked_and_added_to(browser: Open, page: str) -> None:
    ines = browser("ines")
    reply = ines.post(page, {"text": "## Plan\n\n**A walk**", "version": "0", "look": "1"})
    assert reply.status_code == 303
    shown = ines.get(reply.location).text
    assert "<h4>Plan</h4>" in shown
    assert "<strong>A walk</strong>" in shown
    assert ines.post(f"{page}/lock", {"text": "## Plan\n\n**A walk**", "version": "1"}, page=page).status_code == 303
    assert "Locked on" in ines.get(page).text
    assert "<textarea" in ines.get(page).text  # what is added, and nothing else
    late = ines.post(page, {"text": "Typed in another window", "version": "1"})
    assert (late.status_code, "Typed in another window" in late.text) == (409, True)
    assert ines.post(f"{page}/addenda", {"text": " "}, page=page).status_code == 422
    assert ines.post(f"{page}/addenda", {"text": "They *wrote*"}, page=page).status_code == 303
    assert "<em>wrote</em>" in ines.get(page).text


def test_an_outline_is_begun_with_where_nothing_stands(browser: Open, page: str) -> None:
    ines = browser("ines")
    assert ines.post(page, {"text": "", "version": "0", "outline": "else"}).status_code == 303
    assert "## " not in ines.get(page).text.partition("<textarea")[2].partition("</textarea>")[0]
    assert ines.post(page, {"text": "", "version": "0", "outline": "soap"}).status_code == 303
    assert "## Subjective" in ines.get(page).text
    ines.post(page, {"text": "Mine", "version": "1", "outline": "dap"})
    assert "## " not in ines.get(page).text.partition("<textarea")[2].partition("</textarea>")[0]


def test_what_was_typed_is_saved_as_it_is_locked(browser: Open, page: str) -> None:
    ines = browser("ines")
    ines.post(f"{page}/draft", {"text": "Half a thou", "version": "0"}, page=page)
    assert ines.post(f"{page}/lock", {"text": "A whole thought", "version": "1"}, page=page).status_code == 303
    assert "A whole thought" in ines.get(page).text


def test_two_windows_lose_nothing(browser: Open, page: str) -> None:
    ines = browser("ines")
    ines.post(page, {"text": "From the one", "version": "0"})
    reply = ines.post(page, {"text": "From the other", "version": "0"})
    assert reply.status_code == 409
    assert "From the one" in reply.text
    assert "From the other" in reply.text
    assert 'name="version" value="1"' in reply.text
    assert ines.post(page, {"text": "Both", "version": "1"}).status_code == 303


def test_a_draft_saves_itself_and_says_its_version(browser: Open, page: str) -> None:
    ines = browser("ines")
    reply = ines.post(f"{page}/draft", {"text": "Half a thou", "version": "0"}, page=page)
    assert reply.json["version"] == 1
    stale = ines.post(f"{page}/draft", {"text": "Another", "version": "0"}, page=page)
    assert (stale.status_code, "newer text" in stale.json["message"]) == (409, True)


def test_what_is_too_long_stays_in_the_form(browser: Open, page: str) -> None:
    text = "long " * 4_001
    reply = browser("ines").post(page, {"text": text, "version": "0"})
    assert reply.status_code == 422
    assert text.rstrip() in reply.text
    assert 'href="#text"' in reply.text


def test_whoever_reads_along_writes_nothing(browser: Open, cast: Cast, session: UUID) -> None:
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, "http://127.0.0.1/")
    for note_of in (NoteOf.A, NoteOf.PRIVATE):
        session_notes.save(cast.ines, session, note_of, f"Of {note_of}", 0)
    noor, notes = browser("noor"), f"/coach/sessions/{session}/notes"
    assert "Of a" in noor.get(f"{notes}/a").text
    assert "<textarea" not in noor.get(f"{notes}/a").text
    for absent in ("private", "joint"):
        assert noor.get(f"{notes}/{absent}").status_code == 404
    assert "Note for yourself" not in noor.get(f"/coach/sessions/{session}").text


def test_what_was_typed_as_markup_stands_as_it_was_typed(browser: Open, page: str) -> None:
    ines = browser("ines")
    reply = ines.post(page, {"text": "<script>alert(1)</script> {{7*7}}", "version": "0", "look": "1"})
    shown = ines.get(reply.location).text
    assert "<script>alert(1)" not in shown
    assert "{{7*7}}" in shown
