"""What a partner does with their forms in a history, over HTTP."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotFound
from portal.domain.items import Item
from portal.domain.questionnaires import chosen_together
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.choices import OfferedChoice
from portal.models.responses import Response
from portal.services import responses
from tests.cast import PASSPHRASE
from tests.conftest import Browser
from tests.privacy.typed_forms import said, typed, value_of

if TYPE_CHECKING:
    from tests.privacy.twin import House

FLAGGED: dict[str, object] = {"stopped_afraid": "yes"}
VERSION = re.compile(r'name="version" value="(\d+)"')
YES = re.compile(r'name="yes" value="([a-z0-9_]+)"')
STEPS = re.compile(r'action="(/my/choices/[0-9a-f-]+)">(.*?)</form>', re.DOTALL)
TAKEN = re.compile(r'name="step" value="([0-9a-f-]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')
Found = tuple[UUID, tuple[Item, ...], bool]


def task_of(house: "House", who: str, assignment_ids: list[UUID], seed: int) -> Found | None:
    if not assignment_ids:
        return None
    viewer = house.cast.viewers[who]
    if who == "ben" and assignment_ids is house.for_both:
        assignment_ids = [*assignment_ids, *house.later_steps]
    with house.inside():
        wanted = (Task.assignment_id == assignment_ids[seed % len(assignment_ids)], Task.person_id == viewer.person_id)
        task_id = db.session.scalars(select(Task.id).where(*wanted)).one_or_none()
        if task_id is None:
            return None
        try:
            task = responses.open_for(viewer, task_id)
        except NotFound:  # it went from her pages when she left
            return None
        return task_id, task.items, task.state.is_open and task_id not in house.never_sent


def _save(browser: Browser, task_id: UUID, data: dict[str, object], to: str = "") -> Iterator[int]:
    page = browser.get(f"/my/tasks/{task_id}").text
    version = VERSION.search(page)
    sent = {**data, "version": version[1] if version else "0"}
    if 'name="parked"' in page:  # the page stands filled with what was typed when the session ran out
        sent["parked"] = "1"
    yield browser.post(f"/my/tasks/{task_id}{to}", sent).status_code


def _draft(house: "House", who: str, seed: int, private: int, given: list[UUID] | None = None) -> Iterator[int]:
    found = task_of(house, who, house.for_both if given is None else given, seed)
    if found and found[2]:
        yield from _save(house.browser(who), found[0], typed(found[1], private, private), "/draft" if seed % 2 else "")


def _draft_locked(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    found = task_of(house, who, house.for_both, seed)
    if found and found[2]:
        locked = [item for item in found[1] if item.disclosure is Disclosure.LOCKED]
        data = {item.id: value_of(item, private) for item in locked}
        yield from _save(house.browser(who), found[0], {"private-shown": "1", **data})


def _send(house: "House", who: str, seed: int, private: int, given: list[UUID] | None = None) -> Iterator[int]:
    found = task_of(house, who, house.for_both if given is None else given, seed)
    if found and found[2]:
        data = typed(found[1], seed, private, closed=given is not None)
        yield from send_off(house.browser(who), found[0], data)


def _send_closed(house: "House", who: str, seed: int, private: int, given: list[UUID] | None = None) -> Iterator[int]:
    """Sends a form of both with nothing for the other in it; in the twin that erases this it stays unsent for good."""
    found = task_of(house, who, house.for_both if given is None else given, seed)
    if found and found[2]:
        yield from send_off(house.browser(who), found[0], typed(found[1], private, private, closed=True))
        house.sent_closed.append(found[0])


def _afraid(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Sends something that was given to this one alone, and says of it what raises a flag."""
    found = task_of(house, who, house.for_ana, seed)
    if found and found[2]:
        yield from send_off(house.browser(who), found[0], typed(found[1], private, private, closed=True) | FLAGGED)


def send_off(browser: Browser, task_id: UUID, data: dict[str, object]) -> Iterator[int]:
    yield from _save(browser, task_id, data)
    page = browser.get(f"/my/tasks/{task_id}/review").text
    version, key = VERSION.search(page), KEY.search(page)
    assert version, page
    assert key
    reply = browser.post(f"/my/tasks/{task_id}/review", {"version": version[1], "key": key[1], "send": "1"})
    assert reply.status_code == 303, reply.text
    yield reply.status_code
    yield browser.get(reply.headers["Location"]).status_code


def _send_and_keep_back(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Sends, and keeps some of it back the same evening; others only until a second thought.

    Some of what is kept back was answered again before. The twin says something else there, and at times it shares
    nothing of it from the start, which must look the same.
    """
    found = task_of(house, who, house.for_both, seed)
    if not found or not found[2]:
        return
    task_id, browser, drawn = found[0], house.browser(who), Random(seed)  # noqa: S311 - a test's choice
    with house.inside():
        screens = responses.open_for(house.cast.viewers[who], task_id).screens
    shared = [item for item in found[1] if item.disclosure is Disclosure.SHARED]
    first = shared[: max(1, drawn.randrange(len(shared) + 1))] if shared else []
    kept = {one for item in first for one in chosen_together(screens, item.id)}
    data = typed(found[1], seed, private, kept=kept)
    if private != seed and seed % 3 == 0:
        yield from send_off(browser, task_id, data | {f"{one}-disclosure": Disclosure.COACH.value for one in kept})
        return
    yield from send_off(browser, task_id, data)
    yield from _reveal(house, who, seed, private)
    for item in first if seed % 2 else ():
        again = f"/my/tasks/{task_id}/correction?question={item.id}"
        yield browser.post(again, {item.id: value_of(item, private + 7)}, page="/help-now").status_code
    for item in shared:
        for act in ("narrow",) if item.id in kept else ("narrow", "widen"):
            yield browser.post(f"/my/tasks/{task_id}/disclosures", {act: item.id}).status_code


def _sent(house: "House", who: str, seed: int) -> UUID | None:
    found = task_of(house, who, house.for_both, seed)
    return found[0] if found and not found[2] else None


def _reveal(house: "House", who: str, seed: int, _private: int, passphrase: str = PASSPHRASE) -> Iterator[int]:
    task_id = _sent(house, who, seed)
    if task_id:
        yield house.browser(who).post(f"/my/tasks/{task_id}/reveal", {"passphrase": passphrase}).status_code
        yield house.browser(who).get(f"/my/tasks/{task_id}").status_code


def _look_again(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Opens a sent form, and at times takes a copy of it along."""
    yield from _reveal(house, who, seed, private)
    task_id = _sent(house, who, seed) if seed % 3 == 0 else None
    if task_id:
        asked, page = {"passphrase": PASSPHRASE}, f"/my/tasks/{task_id}/copy"
        yield house.browser(who).post(page, asked, page=page).status_code


def _correct(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Answers a question for the coach alone again, and the private ones."""
    yield from _answer_again(house, who, seed, Disclosure.COACH, private)
    yield from _answer_again(house, who, seed, Disclosure.LOCKED, private)


def _correct_shared(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """A sharing act: in both runs, and as private as a sending until the morning."""
    yield from _answer_again(house, who, seed, Disclosure.SHARED, seed + 7)


def _answer_again(house: "House", who: str, seed: int, wanted: Disclosure, value: int) -> Iterator[int]:
    found = task_of(house, who, house.for_both, seed)
    if not found or found[2]:
        return
    items = [item for item in found[1] if item.disclosure is wanted and item.id != "done"]
    question = "" if wanted is Disclosure.LOCKED or not items else items[seed % len(items)].id
    typed_again = {item.id: value_of(item, value) for item in items}
    browser, address = house.browser(who), f"/my/tasks/{found[0]}/correction?question={question}"
    yield from _reveal(house, who, seed, value)
    yield browser.get(address).status_code
    yield browser.post(address, {"private-shown": "1", **typed_again}, page="/help-now").status_code


def _open_now(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """A sharing act: in both runs, on what was sent on an earlier evening."""
    task_id = _sent(house, who, seed)
    with house.inside():
        sent_at = select(Response.opens_at).where(Response.task_id == task_id)
        opens_at = db.session.scalars(sent_at).one_or_none() if task_id else None
    if opens_at and opens_at <= datetime.now(UTC):
        yield from _reveal(house, who, seed, private)
        yield house.browser(who).post(f"/my/tasks/{task_id}/disclosures", {"open_now": "1"}).status_code


def _ask_about(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Asks the coach about a task, or has asked already, or sent it."""
    found = task_of(house, who, house.for_both, seed)
    if found:
        address = f"/my/tasks/{found[0]}/question"
        yield house.browser(who).post(address, {"text": said(private)[:300]}, page="/help-now").status_code


def _show_asked(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """Looks at what she asked about a task, and what came back."""
    found = task_of(house, who, house.for_both, seed)
    if found:
        address = f"/my/tasks/{found[0]}/question"
        yield house.browser(who).post(address, {"passphrase": PASSPHRASE}, page="/help-now").status_code


def _park(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Somebody writes, is idle for too long, and sends the form off all the same: the text is parked."""
    found = task_of(house, who, house.for_both, seed)
    if not found or not found[2]:
        return
    browser, later = house.browser(who), datetime.now(UTC) + timedelta(minutes=11)
    version = VERSION.search(browser.get(f"/my/tasks/{found[0]}").text)
    data = {**typed(found[1], private, private), "version": version[1] if version else "0"}
    with clock.reading(lambda: later):
        reply = browser.post(f"/my/tasks/{found[0]}", data, page="/sign-in")
    assert reply.headers["Location"].startswith("/sign-in?next=")
    yield reply.status_code
    house.leave(who)
    if seed % 2:
        yield house.browser(who).get(f"/my/tasks/{found[0]}").status_code


def _junk(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    found = task_of(house, who, house.for_both, seed)
    if found:
        for to in ("", "/review", "/draft", "/reveal", "/disclosures"):
            data: dict[str, object] = {"version": "999", "narrow": "nothing", "x": "\x00" * 3}
            yield house.browser(who).post(f"/my/tasks/{found[0]}{to}", data).status_code


def _answer_request(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Answers what Ines asks of a form, if she asks; at times takes a yes back."""
    task_id = _sent(house, who, seed)
    if not task_id:
        return
    yield from _reveal(house, who, seed, private)
    page = house.browser(who).get(f"/my/tasks/{task_id}").text
    for item_id in YES.findall(page):
        for word in ("yes", "no") if private % 3 == 0 else ("yes",) if private % 3 == 1 else ("no",):
            address = f"/my/tasks/{task_id}"
            yield house.browser(who).post(f"{address}/requests", {word: item_id}, page=address).status_code


def _pick(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Takes one of the small steps on the home page, at times twice; what Ana takes she may answer later on."""
    browser, viewer = house.browser(who), house.cast.viewers[who]
    found = STEPS.search(browser.get("/my/").text)
    if not found:
        return
    for step_id in (TAKEN.findall(found[2])[private % 3 :] * 2)[: 1 + private % 2]:
        yield browser.post(found[1], {"step": step_id}).status_code
    with house.inside():
        taken = (OfferedChoice.person_id == viewer.person_id, OfferedChoice.id == UUID(found[1].rsplit("/", 1)[1]))
        its = select(Task.assignment_id).join(OfferedChoice, OfferedChoice.task_id == Task.id).where(*taken)
        house.for_ana += db.session.scalars(its).all() if who == "ana" else ()


Partner = Callable[["House", str, int, int], Iterator[int]]
ON_FORMS: dict[str, Partner] = {
    "draft": _draft,
    "draft_locked": _draft_locked,
    "draft_alone": lambda house, who, seed, private: _draft(house, who, seed, private, house.for_ana),
    "send": _send,
    "send_and_keep_back": _send_and_keep_back,
    "afraid": _afraid,
    "send_alone": lambda house, who, seed, private: _send(house, who, private, private, house.for_ana),
    "reveal": _look_again,
    "reveal_wrong": lambda house, who, seed, private: _reveal(house, who, seed, private, "not the pass phrase"),
    "correct": _correct,
    "correct_shared": _correct_shared,
    "open_now": _open_now,
    "send_closed": _send_closed,
    "go_on": lambda house, who, seed, private: _send_closed(house, who, seed, private, house.first_steps),
    "pick": _pick,
    "ask_about": _ask_about,
    "show_asked": _show_asked,
    "junk": _junk,
    "park": _park,
    "answer_request": _answer_request,
}
