"""What stands in a copy of the brief is chosen on its page, and kept with the session."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.sessions import SessionKind
from portal.output.render import Rendered
from portal.services import sessions, supervision
from portal.services.sessions import NewSession
from portal.web.coach import briefs
from tests import given
from tests.cast import Cast
from tests.conftest import START, Browser

Open = Callable[[str | None], Browser]


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
