"""What stands in a copy of the brief is chosen on its page, and kept with the session."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.sessions import NoteKind, SessionKind
from portal.output.render import Rendered
from portal.services import notes, sessions, supervision
from portal.services.sessions import NewSession
from portal.web.coach import briefs
from tests import given
from tests.cast import Cast
from tests.conftest import START, Browser

Open = Callable[[str | None], Browser]
LETTER = "I have not told Ben about the letter from my sister."


@pytest.fixture
def page(cast: Cast) -> str:
    new = NewSession(SessionKind.JOINT, START + timedelta(days=1), 60)
    session_id: UUID = sessions.plan(cast.ines, cast.couples["ana"], new)
    return f"/coach/sessions/{session_id}/brief"


@pytest.mark.parametrize(("copy", "other"), [("", "?copy=joint"), ("?copy=joint", "")])
def test_a_line_is_added_to_one_copy(browser: Open, page: str, copy: str, other: str) -> None:
    ines = browser("ines")
    reply = ines.post(page + copy, {"line": "Begin with the walk", "openers": "o20"})
    assert reply.status_code == 303
    assert ("copy=joint" in reply.location) is bool(copy)
    shown = ines.get(reply.location).text
    assert shown.count("Begin with the walk") == 2  # on the sheet, and in the form
    assert "(changed by you)" in shown
    assert "checked" in re.findall(r"<input[^>]*o20[^>]*>", shown)[0]
    assert "Begin with the walk" not in ines.get(page + other).text


def test_what_cannot_be_kept_stays_in_the_form(browser: Open, page: str) -> None:
    line = "walk " * 60
    reply = browser("ines").post(page, {"line": line})
    assert reply.status_code == 422
    assert 'href="#line"' in reply.text
    assert line.strip() in reply.text


def test_who_reads_along_changes_nothing(browser: Open, cast: Cast, page: str) -> None:
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, "http://127.0.0.1/")
    noor = browser("noor")
    assert "Change what stands in this copy" not in noor.get(page).text
    assert noor.post(page, {"line": "Mine"}, page="/coach/account").status_code == 404


def test_each_line_of_the_coach_copy_leads_to_where_it_came_from_and_no_paper_does(
    browser: Open, cast: Cast, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_id = given.assign(cast, "one-holds-the-floor")
    given.send(cast.ana, given.task_of(cast.ana, given_id), given.floor())
    ines = browser("ines")
    shown = ines.get(page).text
    assert f'<a class="from" href="/coach/assignments/{given_id}">' in shown
    assert len(re.findall(r'<a class="from" href="/coach/responses/[0-9a-f-]{36}">', shown)) == 1
    assert f'<a class="from" href="/coach/couples/{cast.couples["ana"]}/trends">' not in shown  # there is none yet
    assert 'class="from"' not in ines.get(f"{page}?copy=joint").text
    printed: list[str] = []
    monkeypatch.setattr(briefs, "render_pdf", lambda html: printed.append(html) or Rendered(b"%PDF-", fallback=False))
    assert ines.get(f"{page}.pdf").status_code == 200
    assert 'class="from"' not in printed[0]


def test_a_line_that_repeats_something_private_is_refused_beside_its_field(
    browser: Open, cast: Cast, page: str
) -> None:
    notes.write(cast.ines, UUID(page.split("/")[3]), NoteKind.REMINDER, LETTER)
    reply = browser("ines").post(f"{page}?copy=joint", {"line": f"First: {LETTER.upper()}"})
    assert reply.status_code == 422
    assert "The same words stand in something that is not open to both." in reply.text
    assert 'href="#line"' in reply.text


def test_the_coach_alone_is_told_that_something_was_left_out_of_the_joint_copy(
    browser: Open, cast: Cast, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "Something was left out of this copy"
    ines, seen = browser("ines"), []
    monkeypatch.setattr(briefs, "render_pdf", lambda html: seen.append(html) or Rendered(b"%PDF-", False))
    ines.get(f"{page}.pdf?copy=joint")
    ines.post(f"{page}?copy=joint", {"line": LETTER})
    assert told not in ines.get(f"{page}?copy=joint").text
    notes.write(cast.ines, UUID(page.split("/")[3]), NoteKind.REMINDER, LETTER)
    shown = ines.get(f"{page}?copy=joint").text
    sheet = shown[shown.index('class="sheet-of-paper"') : shown.index("</article>")]
    assert told in shown
    assert told not in sheet
    assert LETTER not in sheet
    ines.get(f"{page}.pdf?copy=joint")
    assert seen[0] == seen[1]  # on paper there is no trace of it
    ines.post(page.replace("/brief", "/turn"))
    turned = ines.get("/coach/together").text
    assert told not in turned
    assert LETTER not in turned
