"""The main job, end to end: assign a step, answer on a phone, open the brief; on a phone and at a desk."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from portal.domain.sessions import SessionKind
from portal.services import sessions
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall

BERLIN = ZoneInfo("Europe/Berlin")
PRIVATE = "What do you fear when I raise my voice"
SHARED = "Ask once, then wait for ten breaths"
BENS = "Walk round the block before we answer"

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1280])
def test_the_whole_job(served: Served, person: Callable[..., Person], wall: Wall, width: int, tmp_path: Path) -> None:
    couple, session = _a_session_tomorrow(served, wall)
    ines = person(width).sign_in("ines")
    _assign(ines, str(couple))
    ana = person(width).sign_in("ana")
    _answer_as_ana(ana)
    wall.forward(minutes=3)
    ben = person(width).sign_in("ben")
    _answer_as_ben(ben)
    for somebody in (ana, ben):
        page = somebody.go("/my/shared")
        expect(page.get_by_text("Nothing is open to both of you yet.")).to_be_visible()
    wall.to(datetime(2026, 11, 24, 8, 0, tzinfo=BERLIN))
    texts = [person(width).sign_in(name).go("/my/shared").inner_text("main") for name in ("ana", "ben")]
    for text in texts:
        assert SHARED in text
        assert BENS in text
        assert PRIVATE not in text
    assert texts[0] == texts[1]
    _read_the_brief(person(width).sign_in("ines"), str(session), tmp_path)
    _ben_finds_nothing_private(person(width).sign_in("ben"))
    assert [fault for somebody in (ines, ana, ben) for fault in somebody.faults] == []


def _a_session_tomorrow(served: Served, wall: Wall) -> tuple[object, object]:
    with served.app.app_context():
        cast = gathered.find()
        starts_at = (wall.now.astimezone(BERLIN) + timedelta(days=1)).replace(hour=18, minute=0)
        new = NewSession(SessionKind.JOINT, starts_at, 60, "At the practice")
        return cast.couples["ana"], sessions.plan(cast.ines, cast.couples["ana"], new)


def _assign(ines: Person, couple: str) -> None:
    page = ines.go(f"/coach/couples/{couple}")
    page.get_by_role("link", name="Assign", exact=True).click()
    page.get_by_label("Step", exact=True).select_option(label="Criticism and defensiveness")
    page.locator("label", has_text="Trade blame for a question").click()
    page.locator("input[name=due_on]").fill("2026-11-29")
    page.locator("textarea[name=why]").fill("Curiosity takes less strength than defence.")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_role("link", name="Trade blame for a question").first).to_be_visible()


def _answer_as_ana(ana: Person) -> None:
    page = ana.go("/my/")
    expect(page.get_by_text("Curiosity takes less strength than defence.")).to_be_visible()
    page.get_by_role("link", name="Open", exact=True).click()
    page.get_by_label("Done", exact=True).check()
    page.get_by_role("textbox", name="The question I asked").fill(PRIVATE)
    page.locator("input[type=checkbox][name=my_question-disclosure]").check()
    page.locator("label.cell", has_text="7").first.click()
    expect(page.locator("[data-draft-status]")).to_have_attribute("data-state", "saved")
    expect(page.locator("[data-draft-status]")).to_contain_text("Draft saved at")
    page.reload()
    expect(page.get_by_role("textbox", name="The question I asked")).to_have_value(PRIVATE)
    expect(page.locator("input[type=checkbox][name=my_question-disclosure]")).to_be_checked()
    _unfold(ana)
    page.get_by_role("textbox", name="What we will try").fill(SHARED)
    page.get_by_role("button", name="Check before sending").last.click()
    sheets = page.locator(".sheet")
    assert SHARED in sheets.nth(0).inner_text()
    assert PRIVATE not in sheets.nth(0).inner_text()
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sent.")).to_be_visible()


def _unfold(somebody: Person) -> None:
    shut = somebody.page.locator("details.fold-more:not([open]) > summary")
    while shut.count():
        shut.first.click()


def _answer_as_ben(ben: Person) -> None:
    page = ben.go("/my/")
    page.get_by_role("link", name="Open", exact=True).click()
    page.get_by_label("Partly", exact=True).check()
    _unfold(ben)
    page.get_by_role("textbox", name="What we will try").fill(BENS)
    page.get_by_role("button", name="Check before sending").last.click()
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sent.")).to_be_visible()


def _read_the_brief(ines: Person, session: str, folder: Path) -> None:
    page = ines.go(f"/coach/sessions/{session}/brief")
    expect(page.get_by_text(PRIVATE)).to_be_visible()
    assert PRIVATE in _text_of(ines, session, "coach")
    joint = _text_of(ines, session, "joint")
    assert PRIVATE not in joint
    assert SHARED in joint
    assert BENS in joint


def _text_of(ines: Person, session: str, copy: str) -> str:
    reply = ines.context.request.get(f"{ines.address}/coach/sessions/{session}/brief.pdf?copy={copy}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(reply.body())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def _ben_finds_nothing_private(ben: Person) -> None:
    seen = {"/my/"}
    waiting = ["/my/"]
    while waiting:
        page = ben.go(waiting.pop())
        assert PRIVATE not in page.content()
        for link in page.locator("a[href^='/']").all():
            path = (link.get_attribute("href") or "").partition("#")[0]
            if path and path not in seen and not path.startswith("/static"):
                seen.add(path)
                waiting.append(path)
    assert len(seen) >= 5


def test_a_page_that_is_sent_while_it_saves_itself_is_no_old_page(
    served: Served, person: Callable[..., Person], wall: Wall
) -> None:
    couple, _ = _a_session_tomorrow(served, wall)
    _assign(person(1280).sign_in("ines"), str(couple))
    ana = person(390).sign_in("ana")
    page = ana.go("/my/")
    page.get_by_role("link", name="Open", exact=True).click()
    page.route("**/draft", lambda route: (page.wait_for_timeout(800), route.continue_()))
    page.get_by_role("textbox", name="The question I asked").fill(PRIVATE)
    page.get_by_role("textbox", name="The question I asked").blur()
    page.get_by_role("button", name="Check before sending").last.click()
    expect(page.get_by_role("heading", name="Check before sending")).to_be_visible()
    assert PRIVATE in page.locator(".sheet").first.inner_text()
