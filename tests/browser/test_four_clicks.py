"""From the door to the open brief: a coach with five minutes clicks four times, her second key included."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.sessions import SessionKind
from portal.services import sessions
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall

COUNT = "addEventListener('click', event => { if (event.isTrusted) clicked(); }, true)"

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1280])
def test_the_brief_as_pdf_is_open_after_four_clicks_at_most(
    served: Served, person: Callable[..., Person], wall: Wall, width: int
) -> None:
    with served.app.app_context():
        cast = gathered.find()
        new = NewSession(SessionKind.JOINT, wall.now + timedelta(hours=20), 60, "Room 2")
        session_id = sessions.plan(cast.ines, cast.couples["ana"], new)
    clicks: list[int] = []
    ines = person(width)
    ines.context.expose_binding("clicked", lambda _source: clicks.append(1))
    ines.context.add_init_script(COUNT)
    page = ines.sign_in("ines").page
    page.get_by_role("link", name="Open the brief").first.click()
    link = page.get_by_role("link", name="As PDF")
    with page.expect_response(lambda reply: "brief.pdf" in reply.url) as opened:
        link.click()
    assert opened.value.url.endswith(f"/coach/sessions/{session_id}/brief.pdf")
    assert (opened.value.status, opened.value.headers["content-type"]) == (200, "application/pdf")
    assert len(clicks) == 4
