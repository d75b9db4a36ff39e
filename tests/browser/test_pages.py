"""Every page of the demo, as a careful reader would check it: axe, own checks, and nothing that scrolls sideways."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import flask_migrate
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from portal import create_app
from portal.domain.assignments import TaskState
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.couples import Couple
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.models.users import Person as PersonRow
from portal.services import demo
from portal.services.demo import Links
from portal.web import fonts
from tests import cast as gathered
from tests.browser.conftest import WIDTHS, Person, Served
from tests.conftest import settings_for

pytestmark = pytest.mark.browser

NOBODY = ("/sign-in", "/reset", "/help-now", "/reset/unknown", "/invitations/unknown", "/nothing-here")
PARTNER = (
    "/my/",
    "/my/shared",
    "/my/account",
    "/my/export",
    "/help-now",
    "/my/tasks/{open}",
    "/my/tasks/{started}",
    "/my/tasks/{started}/review",
    "/my/tasks/{sent}",
    "/my/tasks/{sent}/sent",
)
COACH = (
    "/coach/",
    "/coach/account",
    "/coach/alone",
    "/coach/couples/",
    "/coach/couples/new",
    "/coach/couples/{couple}",
    "/coach/couples/{invited}",
    "/coach/couples/{couple}/trends",
    "/coach/couples/{couple}/assign",
    "/coach/assignments/{assignment}",
    "/coach/responses/{response}",
    "/coach/sessions/",
    "/coach/sessions/{session}",
    "/coach/sessions/{session}/close",
    "/coach/sessions/{session}/brief",
    "/coach/sessions/{session}/brief?copy=joint",
    "/coach/programme/",
    "/coach/questionnaires/",
    "/coach/practice/",
)
PEOPLE = {"nobody": NOBODY, "ben": PARTNER, "ines": COACH}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, Any]]]:
    """The demo world, served, with an id for each place in an address."""
    folder = tmp_path_factory.mktemp("demo")
    app = create_app(settings_for(f"sqlite:///{folder / 'demo.db'}", folder))
    with app.app_context():
        flask_migrate.upgrade()
        demo.seed(gathered.PASSPHRASE, Links(gathered.LINK, "http://127.0.0.1/my/"))
        ids = _ids()
        db.session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(app, f"http://127.0.0.1:{server.server_port}"), ids
    server.shutdown()
    thread.join(10)
    server.server_close()


def _ids() -> dict[str, Any]:
    def one(statement: Any) -> Any:
        return db.session.scalars(statement.limit(1)).one()

    couple = one(select(Couple).where(Couple.names == "Ana & Ben"))
    ben = one(select(PersonRow.id).where(PersonRow.display_name == "Ben"))
    ana = one(select(PersonRow.id).where(PersonRow.display_name == "Ana"))
    mine = select(Task).where(Task.person_id == ben)
    started = one(mine.where(Task.state == TaskState.STARTED))
    return {
        "couple": couple.id,
        "invited": one(select(Couple.id).where(Couple.names == "Gil & Hana")),
        "session": one(select(Session.id).where(Session.couple_id == couple.id).order_by(Session.starts_at.desc())),
        "started": started.id,
        "open": started.id,
        "sent": one(mine.where(Task.submitted_at.is_not(None)).order_by(Task.submitted_at)).id,
        "assignment": started.assignment_id,
        "response": one(select(Response.id).where(Response.person_id == ana).order_by(Response.submitted_at.desc())),
    }


@pytest.fixture
def reader(chromium: Browser, world: tuple[Served, dict[str, Any]]) -> Iterator[Callable[..., Person]]:
    contexts = []

    def arrive(name: str, width: int, scheme: str = "light") -> Person:
        context = chromium.new_context(
            viewport={"width": width, "height": WIDTHS.get(width, 800)},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        person = Person(context, world[0])
        return person if name == "nobody" else person.sign_in(name)

    yield arrive
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize("name", list(PEOPLE))
def test_axe_finds_nothing(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person], name: str, width: int, scheme: str
) -> None:
    person, axe, found = reader(name, width, scheme), Axe(), []
    for address in PEOPLE[name]:
        page = person.go(address.format(**world[1]))
        _open_folds(page)
        results = axe.run(page)
        found += [(address, rule["id"], rule["nodes"][0]["target"]) for rule in results.response["violations"]]
    assert found == []
    assert [fault for fault in person.faults if "410" not in fault] == []


def _open_folds(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")


@pytest.mark.parametrize("name", list(PEOPLE))
def test_nothing_scrolls_sideways_at_320_px_and_every_target_is_large_enough(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person], name: str
) -> None:
    person = reader(name, 320)
    for address in PEOPLE[name]:
        page = person.go(address.format(**world[1]))
        _open_folds(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{address} is {wide} px wide"
        small = page.evaluate(SMALL_TARGETS)
        assert small == [], f"{address}: {small}"


SMALL_TARGETS = """
[...document.querySelectorAll('button, select, textarea, input:not([type=hidden]), summary')]
  .filter(e => e.checkVisibility() && !e.closest('.hidden') && !e.matches('.hidden, .skip'))
  .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([e, box]) => `${e.tagName} ${e.name || e.textContent.trim()} ${box.width} x ${box.height}`)
"""


@pytest.mark.parametrize("name", list(PEOPLE))
def test_questions_are_grouped_described_and_edged(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person], name: str
) -> None:
    person = reader(name, 1280)
    for address in PEOPLE[name]:
        page = person.go(address.format(**world[1]))
        _open_folds(page)
        assert page.evaluate(UNGROUPED) == [], address
        assert page.evaluate(DANGLING) == [], address
        assert page.evaluate("document.querySelectorAll('h1').length") == 1, address
        edges = page.evaluate(EDGES)
        faint = [e for e in edges if max(_contrast(e[0], e[2]), _contrast(e[1], e[2])) < 3]
        assert faint == [], f"{address}: {faint}"


UNGROUPED = """
Object.entries(Object.groupBy([...document.querySelectorAll('input[type=radio]')], e => e.name))
  .filter(([, radios]) => !radios.every(r => r.closest('fieldset')?.querySelector('legend')?.textContent.trim()))
  .map(([name]) => name)
"""
DANGLING = """
[...document.querySelectorAll('[aria-describedby], [aria-labelledby], label[for]')]
  .flatMap(e => [e.getAttribute('aria-describedby'), e.getAttribute('aria-labelledby'), e.htmlFor].join(' ')
    .split(' ').filter(id => id && !document.getElementById(id)))
"""
EDGES = """
[...document.querySelectorAll('input, textarea, select')]
  .filter(e => e.checkVisibility() && e.type !== 'hidden' && (!/radio|checkbox/.test(e.type) || e.closest('.choice')))
  .map(e => {
    const ground = node => {
      for (; node; node = node.parentElement) {
        const colour = getComputedStyle(node).backgroundColor;
        if (!/, 0\\)$|transparent/.test(colour)) return colour;
      }
      return 'rgb(255, 255, 255)';
    };
    const style = getComputedStyle(e);
    return [style.borderTopColor, style.backgroundColor, ground(e.parentElement)];
  })
"""


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_focus_goes_to_the_summary_of_errors_and_from_there_to_the_field(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person]
) -> None:
    page = reader("nobody", 390).go("/sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_function("document.activeElement.className === 'errors'")
    page.get_by_role("link", name="Give your e-mail address.").click()
    page.wait_for_function("document.activeElement.name === 'email'")
    assert page.get_attribute("[name=email]", "aria-invalid") == "true"
    described = page.get_attribute("[name=email]", "aria-describedby") or ""
    assert "Give your e-mail address." in page.locator(f"#{described.split()[-1]}").inner_text()


def test_leave_covers_the_page_ends_the_session_and_goes_to_the_neutral_site(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person]
) -> None:
    person = reader("ben", 390)
    page = person.page
    page.route("https://**", lambda route: route.fulfill(body="neutral", content_type="text/html"))
    person.go("/my/")
    page.get_by_role("button", name="Leave").click()
    page.wait_for_url("https://**")
    person.go("/my/")
    assert "/sign-in" in page.url


def test_pictures_for_the_readme(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person], pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """Made anew by `./portal.sh test --pictures`; without it they only have to be drawable."""
    folder = (
        Path(__file__).parent.parent.parent / "docs" / "screens" if pytestconfig.getoption("pictures") else tmp_path
    )
    folder.mkdir(parents=True, exist_ok=True)
    cache = world[0].app.extensions["portal.settings"].instance / "cache" / "fonts"
    for name in fonts.CUTS if pytestconfig.getoption("pictures") else ():
        fonts.made(name, cache)  # else the first pictures stand in the system's type
    shots = (("ines", 1280, "/coach/", "today"), ("ines", 1280, "/coach/sessions/{session}/brief", "brief"),
             ("ben", 390, "/my/", "home"), ("ben", 390, "/my/tasks/{started}", "task"))  # fmt: skip
    for name, width, address, picture in shots:
        page = reader(name, width).go(address.format(**world[1]))
        page.evaluate("document.fonts.ready")
        page.screenshot(path=folder / f"{picture}.png", full_page=picture == "brief")
        assert (folder / f"{picture}.png").stat().st_size > 10_000
