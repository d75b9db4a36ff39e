"""The main job, end to end: assign a step, answer on a phone, open the brief; on a phone and at a desk."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from pypdf import PdfReader

from portal.domain.sessions import SessionKind
from portal.services import sessions
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall

BERLIN = ZoneInfo("Europe/Berlin")
HANGS_ON_ANOTHER = "What got in the way?"
PRIVATE = "What do you fear when I raise my voice"
SHARED = "Ask once, then wait for ten breaths"
BENS = "Walk round the block before we answer"
# all that both shared: Ana kept her question between Ines and herself, and the rest is not for each other
BOTH_READ = [("What we will try", ["Ana", SHARED, "Ben", BENS])]

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
    shown = [_what_both_read(person(width).sign_in(name)) for name in ("ana", "ben")]
    assert shown == [BOTH_READ, BOTH_READ]
    _read_the_brief(person(width).sign_in("ines"), str(session), tmp_path)
    _ben_finds_nothing_private(person(width).sign_in("ben"))
    assert [fault for somebody in (ines, ana, ben) for fault in somebody.faults] == []


def _what_both_read(somebody: Person) -> list[tuple[str, list[str]]]:
    """Every question on the shared page with every answer under it, and nothing of the answers beside them."""
    page = somebody.go("/my/shared")
    assert PRIVATE not in page.content()
    assert page.locator("main section").count() == 1
    questions = page.locator("main dl > div").all()
    assert page.locator("main dd").count() == sum(question.locator("dd").count() for question in questions)
    return [(question.locator("dt").inner_text(), _answers(question)) for question in questions]


def _answers(question: Locator) -> list[str]:
    return [line for text in question.locator("dd").all_inner_texts() for line in text.split("\n") if line.strip()]


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
    page = ines.go("/coach/")
    page.get_by_role("link", name="Open the brief").click()
    page.wait_for_url(f"**/coach/sessions/{session}/brief")
    expect(page.get_by_text(PRIVATE, exact=True)).to_be_visible()
    assert PRIVATE in _downloaded(page, folder / "coach.pdf")
    page.get_by_role("link", name="Joint copy").click()
    expect(page.get_by_text(SHARED, exact=True)).to_be_visible()
    assert PRIVATE not in page.content()
    joint = _downloaded(page, folder / "joint.pdf")
    assert PRIVATE not in joint
    assert SHARED in joint
    assert BENS in joint


def _downloaded(page: Page, path: Path) -> str:
    """Press the link of this page, as a coach does, and read what came."""
    page.route("**/brief.pdf*", _as_a_file)
    with page.expect_download() as coming:
        page.get_by_role("link", name="As PDF").click()
    coming.value.save_as(path)
    text = " ".join(page.extract_text() for page in PdfReader(path).pages)
    return " ".join(text.split())


def _as_a_file(route: Route) -> None:
    """What the link leads to is kept as a file: the browser's own viewer would show it, and hand it to nobody."""
    reply = route.fetch()
    assert (reply.status, reply.headers["content-type"]) == (200, "application/pdf")
    name = reply.headers["content-disposition"].removeprefix("inline")
    route.fulfill(response=reply, headers=reply.headers | {"content-disposition": f"attachment{name}"})


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


def test_a_partner_does_the_whole_of_it_without_scripts(
    served: Served, person: Callable[..., Person], wall: Wall
) -> None:
    """No script runs: what hangs on another answer stands there for all, and no press is in vain."""
    couple, _ = _a_session_tomorrow(served, wall)
    _assign(person(1280).sign_in("ines"), str(couple))
    with_scripts = person(390).sign_in("ana")
    assert not _open_task(with_scripts).get_by_text(HANGS_ON_ANOTHER).is_visible()
    ana = person(390, java_script_enabled=False).sign_in("ana")
    page = _open_task(ana)
    page.get_by_label("Partly", exact=True).check()
    expect(page.get_by_text(HANGS_ON_ANOTHER)).to_be_visible()
    page.get_by_label("No time", exact=True).check()
    page.get_by_role("textbox", name="The question I asked").fill(PRIVATE)
    page.locator("input[type=checkbox][name=my_question-disclosure]").check()
    page.locator("label.cell", has_text="7").first.click()
    page.get_by_role("button", name="Check before sending").last.click()
    expect(page.get_by_role("heading", name="Check before sending")).to_be_visible()
    page.get_by_role("link", name="Change The question I asked").click()
    expect(page.get_by_role("textbox", name="The question I asked")).to_have_value(PRIVATE)
    _unfold(ana)
    page.get_by_role("textbox", name="What we will try").fill(SHARED)
    page.get_by_role("button", name="Check before sending").last.click()
    assert SHARED in page.locator(".sheet-shared").inner_text()
    assert PRIVATE not in page.locator(".sheet-shared").inner_text()
    assert "No time" in page.locator("main").inner_text()
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sent.")).to_be_visible()
    ines = person(390, java_script_enabled=False).sign_in("ines").go("/coach/")
    ines.locator(".came a[href^='/coach/responses/']").click()
    expect(ines.get_by_role("heading", name="Trade blame for a question")).to_be_visible()
    main = ines.locator("main").inner_text()
    assert {text in main for text in (PRIVATE, SHARED, "No time")} == {True}


def _open_task(somebody: Person) -> Page:
    page = somebody.go("/my/")
    page.get_by_role("link", name="Open", exact=True).click()
    page.wait_for_url("**/my/tasks/*")
    return page
