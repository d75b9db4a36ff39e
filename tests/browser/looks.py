"""What is looked at in the browser: every page of the route table, every refusal of a form, and further states."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Person
from tests.cast import PASSPHRASE
from tests.web.route_table import PACK, PLACE, TABLE, TASK, WORDS, Entry
from tests.web.world import ROLES

CERTIFICATE = "/coach/practice/erasures/<uuid:erasure_id>/certificate.pdf"
WORKSHEETS = {"/coach/programme/<uuid:questionnaire_id>/worksheet.pdf", "/my/tasks/<uuid:task_id>/worksheet.pdf"}
FILES = {"/coach/sessions/<uuid:session_id>/brief.pdf", CERTIFICATE, *WORKSHEETS}
# pages that stand behind the pass phrase once more, or before the second key: test_passkeys.py looks at them
OF_THE_KEY = {"/account/step-up", "/account/second-key", "/account/second-key/set-up", "/account/second-key/app"}
NOTICE = "/notice/<any('privacy', 'imprint', 'terms'):kind>"  # the demo's practices have written none
NO_PAGES = {"/", "/healthz", "/readyz", f"{TASK}/draft", f"{PACK}/progress", NOTICE, *FILES, *OF_THE_KEY}
PAGES, REFUSALS = (200, 410), (422, 409, 410)
WHO = {"nobody": "nobody", "ines": "ines", "ben": "ana"}  # who looks in the demo, and whose column of the table that is
TOO_LONG = "a word and " * 500  # more than a text may hold as it is sent
POST = """
([action, data]) => {
  const form = document.createElement('form');
  const token = document.querySelector('[name=csrf_token]').value;
  for (const [name, value] of Object.entries({csrf_token: token, ...data})) {
    const input = document.createElement('textarea');
    Object.assign(input, {name, value});
    form.append(input);
  }
  Object.assign(form, {method: 'post', action, hidden: true});
  document.body.append(form);
  form.submit();
}
"""


@dataclass(frozen=True)
class Look:
    """A page in one state: how it is come by, and with which status it answers."""

    name: str
    path: str  # with the names of the demo's ids in braces
    status: int
    posted: dict[str, object] | None = field(default=None)
    before: Callable[[Page], None] | None = field(default=None)

    def come(self, person: Person, ids: dict[str, Any]) -> Page:
        """Stand before it. Raises AssertionError where it answers otherwise."""
        path = self.path.format(**ids)
        if self.posted is None:
            reply = person.page.goto(person.address + path)
        else:
            person.go("/reset")
            with person.page.expect_navigation() as coming:
                person.page.evaluate(POST, [path, self.posted])
            reply = coming.value
        assert reply
        assert reply.status == self.status, f"{self.name}: {reply.status}"
        if self.before is not None:
            self.before(person.page)
        return person.page


def looks(name: str) -> list[Look]:
    """What this person looks at, in the order in which it can be done."""
    derived = [found for entry in TABLE if _whose(entry.rule) == name and (found := _look(entry, name))]
    return derived + FURTHER[name]


def rules_looked_at() -> set[str]:
    """The rules whose pages somebody looks at."""
    paths = [look.path.split("?")[0] for name in WHO for look in looks(name) if look.posted is None]
    return {rule for rule in rules() if any(_pattern(rule).fullmatch(path) for path in paths)}


def rules() -> set[str]:
    """The rules of the route table that answer with a page."""
    pages = {e.rule for e in TABLE if e.method == "GET" and set(e.statuses) & set(PAGES)}  # others lead on to one
    return pages - NO_PAGES


def _whose(rule: str) -> str:
    return "ines" if rule.startswith("/coach") else "ben" if rule.startswith("/my") else "nobody"


def _look(entry: Entry, name: str) -> Look | None:
    status = entry.statuses[ROLES.index(WHO[name])]
    wanted = PAGES if entry.method == "GET" else REFUSALS
    if entry.rule in NO_PAGES or status not in wanted:
        return None
    path = PLACE.sub(lambda place: _in_place(place[1], entry), entry.rule)
    posted = dict(entry.data) if entry.method == "POST" else None
    return Look(f"{entry.method} {path}", path, status, posted)


def _in_place(name: str, entry: Entry) -> str:
    """A word as it stands in the address; the name of an id in braces."""
    return entry.named.get(name, WORDS[name]) if name in WORDS else f"{{{entry.named.get(name, name)}}}"


def _pattern(rule: str) -> re.Pattern[str]:
    return re.compile(PLACE.sub(lambda place: r"[\w-]+" if place[1] in WORDS else r"\{\w+\}", rule))


def _unseal(page: Page) -> None:
    page.get_by_label("Pass phrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Show what I sent").click()
    page.locator("dl.answers").first.wait_for()


def _correct(page: Page) -> None:
    page.get_by_role("link", name="Correct").first.click()
    page.get_by_role("button", name="Send the correction").wait_for()


def _turn(page: Page) -> None:
    page.get_by_role("button", name="Turn the screen round").click()
    page.wait_for_url("**/coach/together")


def _turn_back_wrongly(page: Page) -> None:
    page.get_by_label("Your pass phrase").fill("not the right words")
    page.get_by_role("button", name="Go on").click()
    page.locator(".errors").wait_for()


def _turn_back(page: Page) -> None:
    page.get_by_label("Your pass phrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/own-line")


def _press_check(page: Page) -> None:
    page.locator("textarea:visible").first.fill(TOO_LONG)
    page.get_by_role("button", name="Check before sending").last.click()
    page.locator(".errors").wait_for()


def _open_new(kind: str) -> Look:
    return Look(f"a new question, {kind}", f"/coach/questionnaires/drafts/{{draft_id}}/question?type={kind}", 200)


COUPLE, SESSION, MINE = "/coach/couples/{couple_id}", "/coach/sessions/{session_id}", "/my/tasks/{task_id}"
FURTHER = {
    "nobody": [Look("nothing there", "/nothing-here", 404)],
    "ines": [
        Look("a couple that is invited", "/coach/couples/{couple_of_gil}", 200),
        *(_open_new(kind) for kind in ("scale", "choice", "number", "checkbox")),
        Look("the joint copy", f"{SESSION}/brief?copy=joint", 200),
        Look("the turned screen", SESSION, 200, before=_turn),
        Look("turning it back", "/coach/together/leave", 200),
        Look("turning it back refused", "/coach/together/leave", 200, before=_turn_back_wrongly),
        Look("turned back", "/coach/together/leave", 200, before=_turn_back),
    ],
    "ben": [
        Look("help, signed in", "/help-now", 200),
        Look("a task not begun", "/my/tasks/{task_of_ben}", 200),
        Look("before sending", f"{MINE}/review", 200),
        Look("just sent", "/my/tasks/{sent_task_id}/sent", 200),
        Look("two drafts", MINE, 409, {"version": "0", "done": "partly", "later": "1"}),
        Look("a text that is too long", "/my/tasks/{task_of_ben}", 200, before=_press_check),
        Look("opened again", "/my/tasks/{sent_task_id}", 200, before=_unseal),
        Look("an answer to correct", "/my/tasks/{sent_task_id}", 200, before=_correct),
        Look("private questions again", "/my/tasks/{sent_task_id}/correction", 200),
    ],
}
