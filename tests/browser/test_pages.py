"""Every page of the demo, as a careful reader would check it: axe, own checks, and nothing that scrolls sideways."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from portal import clock
from portal.domain.assignments import For, TaskState
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Label, Role, Viewer
from portal.domain.programme import Kind
from portal.domain.resources import ResourceKind
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple
from portal.models.notes import Note
from portal.models.pathways import PathwayStep
from portal.models.practices import Contact
from portal.models.questionnaires import Questionnaire
from portal.models.resources import Resource
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.models.sessions import Session
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person as PersonRow
from portal.services import (
    day_packs,
    measure_licences,
    measure_scores,
    programme,
    questionnaire_drafts,
    steps,
    task_questions,
)
from portal.services.measure_scores import Entered
from tests import measures, weeks
from tests.browser import looks
from tests.browser.conftest import WIDTHS, Person, Served
from tests.browser.demo_world import served_demo
from tests.drafts import begun
from tests.given import asked_and_done
from tests.web.world import give_to_many

pytestmark = pytest.mark.browser

PEOPLE = list(looks.WHO)
WAYS = [(390, "light"), (1280, "dark"), (390, "dark"), (1280, "light")]  # in turn, over the pages
REFUSED = re.compile(r"status of 4(04|09|10|22)\b")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, Any]]]:
    """The demo world, served, with an id for each place in an address."""
    with served_demo(tmp_path_factory.mktemp("demo"), _ids) as found:
        yield found


def _ids() -> dict[str, Any]:
    """The demo's ids by the names that the route table uses."""

    def one(statement: Any) -> Any:
        return db.session.scalars(statement.limit(1)).one()

    def person(name: str) -> Any:
        return one(select(PersonRow.id).where(PersonRow.display_name == name))

    def viewer(name: str) -> Viewer:
        row = one(select(PersonRow).where(PersonRow.display_name == name))
        return Viewer(row.id, row.practice_id, Role(row.role))

    couple = one(select(Couple.id).where(Couple.names == "Ana & Ben"))
    mine = select(Task).where(Task.person_id == person("Ben"))
    started = one(mine.where(Task.state == TaskState.STARTED))
    session = one(select(Session.id).where(Session.couple_id == couple).order_by(Session.starts_at.desc()))
    ben = viewer("Ben")
    task_questions.ask(ben, started.id, "May we do it in the car?")
    sent = select(Response.id).where(Response.person_id == person("Ana")).order_by(Response.submitted_at.desc())
    its_rule = Assignment.repetition_id.is_not(None)
    return {
        "couple_id": couple,
        "person_id": person("Ana"),
        "couple_of_gil": one(select(Couple.id).where(Couple.names == "Gil & Hana")),
        "gil": person("Gil"),
        "session_id": session,
        "note_id": one(select(Note.id).where(Note.couple_id == couple)),
        "signal_id": one(select(Signal.id).where(Signal.couple_id == couple, Signal.closed_at.is_(None))),
        "contact_id": one(select(Contact.id)),
        "step_id": one(select(PathwayStep.id).where(PathwayStep.release == ReleaseKind.AFTER_OWN)),
        "resource_id": one(select(Resource.id).where(Resource.kind == ResourceKind.EPISODE)),
        "questionnaire_id": one(select(Questionnaire.id).where(Questionnaire.practice_id == started.practice_id)),
        "question_id": one(select(TaskQuestion.id)),
        "draft_id": begun(viewer("Ines")),
        "kept_step_id": steps.add(viewer("Ines"), "Play"),
        "draft_of_ana": _adapted(viewer("Ines"), couple),
        "bulk_id": give_to_many(viewer("Ines"), couple),
        "pack_id": day_packs.ask(viewer("Ines"), one(select(Session.starts_at).where(Session.id == session)).date()),
        "task_id": started.id,
        "task_of_ben": one(mine.where(Task.state == TaskState.ASSIGNED)).id,
        "sent_task_id": one(mine.where(Task.submitted_at.is_not(None)).order_by(Task.submitted_at)).id,
        "assignment_id": started.assignment_id,
        "assignment_to_withdraw": started.assignment_id,
        "assignment_that_repeats": one(select(Assignment.id).where(its_rule, Assignment.couple_id == couple)),
        "assignment_on_paper": weeks.assign(viewer("Ines"), couple, "small-reaches", For.A),
        "response_id": one(sent),
        "token": "unknown",
        **_measures(viewer("Ines"), couple),
        **asked_and_done(viewer("Ines"), viewer("Omar"), person("Gil"), person("Hana")),
    }


def _measures(ines: Viewer, couple_id: Any) -> dict[str, Any]:
    """One that is in use, with scores from paper; and a guarded one that waits for its owner's yes."""
    waiting = measures.bring(ines, "phq9", measures.wordless("phq9"))
    measure_licences.attest(ines, waiting, measures.LICENCE)
    in_use = measures.active(ines, "rdas")
    for days, total in ((60, 38), (30, 44), (2, 52)):
        taken_on = (clock.now() - timedelta(days=days)).date()
        typed = Entered(Label.A, in_use, taken_on, {"total": Decimal(total)})
        measure_scores.enter(ines, couple_id, typed)
    return {"measure_id": in_use, "measure_in_preparation": waiting}


def _adapted(ines: Viewer, couple_id: Any) -> Any:
    """A draft of an exercise for this couple alone."""
    entry = next(one for one in programme.library(ines) if one.kind is Kind.EXERCISE)
    return questionnaire_drafts.begin_next(ines, entry.id, couple_id)


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


def test_every_page_of_the_route_table_is_looked_at() -> None:
    assert looks.rules() - looks.rules_looked_at() == set()


@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_and_every_refusal_is_open_to_all(
    world: tuple[Served, dict[str, Any]], reader: Callable[..., Person], name: str
) -> None:
    """axe, grouped and described questions, borders, and at 320 px: nothing sideways, and nothing too small to hit."""
    person, axe, found = reader(name, 390), Axe(), []
    for place, look in enumerate(looks.looks(name)):
        width, scheme = WAYS[place % len(WAYS)]
        person.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        person.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page = look.come(person, world[1])
        page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")
        found += [(look.name, rule["id"], rule["nodes"][0]["target"]) for rule in axe.run(page).response["violations"]]
        found += [(look.name, *fault) for fault in _own_faults(page)]
    assert found == [], "\n".join(map(str, found))
    assert [fault for fault in person.faults if not REFUSED.search(fault)] == []


def _own_faults(page: Page) -> list[tuple[str, object]]:
    """What axe does not look for; the page is left at 320 px."""
    edges = page.evaluate(EDGES)
    found: dict[str, object] = {
        "radios without a legend": page.evaluate(UNGROUPED),
        "described by nothing": page.evaluate(DANGLING),
        "faint borders": [e for e in edges if max(_contrast(e[0], e[2]), _contrast(e[1], e[2])) < 3],
        "titles but one": abs(page.locator("h1").count() - 1),
    }
    page.set_viewport_size({"width": 320, "height": 800})
    found["wider than 320 px"] = max(0, page.evaluate("document.documentElement.scrollWidth") - 320)
    found["small targets"] = page.evaluate(SMALL_TARGETS)
    return [(name, what) for name, what in found.items() if what]


SMALL_TARGETS = """
[...document.querySelectorAll('button, select, textarea, input:not([type=hidden]), summary')]
  .filter(e => e.checkVisibility() && !e.closest('.hidden') && !e.matches('.hidden, .skip'))
  .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([e, box]) => `${e.tagName} ${e.name || e.textContent.trim()} ${box.width} x ${box.height}`)
"""


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
    page.locator(".errors:focus").wait_for()
    page.get_by_role("link", name="Give your e-mail address or user name.").click()
    page.locator("[name='email']:focus").wait_for()
    assert page.get_attribute("[name=email]", "aria-invalid") == "true"
    described = page.get_attribute("[name=email]", "aria-describedby") or ""
    assert "Give your e-mail address or user name." in page.locator(f"#{described.split()[-1]}").inner_text()


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
