"""One click, one submission; a busy database waits, and one that stays busy says so."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import extensions
from portal.domain.assignments import For
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.couples import Caseload
from portal.models.responses import Response
from portal.services import assignments, programme, responses
from portal.services.assignments import NewAssignment
from portal.services.drafts import Typed
from tests.cast import Cast
from tests.conftest import Browser
from tests.given import last_day

THREADS = 20
ROUNDS = 10
RAW = {"done": "done", "understood": "That he asks"}


def tasks_of_ana(cast: Cast, wanted: int) -> list[UUID]:
    """Some tasks of Ana's, each of another exercise."""
    for entry in programme.library(cast.ines)[:wanted]:
        new = NewAssignment(entry.id, For.BOTH, last_day(), "", "", False, None)
        assignments.assign(cast.ines, cast.couples["ana"], new)
    mine = select(Task.id).where(Task.person_id == cast.ana.person_id).order_by(Task.id).limit(wanted)
    return list(db.session.scalars(mine))


def at_once(work: Callable[[int], None]) -> None:
    """The same work in many threads, all let go at the same moment."""
    gate = threading.Barrier(THREADS)

    def wait_and_work(number: int) -> None:
        gate.wait()
        work(number)

    threads = [threading.Thread(target=wait_and_work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def copies(app: Flask, browser: Browser, count: int) -> list[Browser]:
    """The same browser, as many times as somebody can press."""
    cookie = browser.client.get_cookie("id")
    assert cookie
    made = [Browser(app.test_client()) for _ in range(count)]
    for one in made:
        one.client.set_cookie("id", cookie.value)
    return made


def test_twenty_presses_send_one_response(app: Flask, cast: Cast, browser: Callable[[str], Browser]) -> None:
    """Twenty threads, ten rounds: each press is told that it was sent, and each form is there once."""
    task_ids = tasks_of_ana(cast, ROUNDS)
    assert len(task_ids) == ROUNDS
    for task_id in task_ids:
        responses.save_draft(cast.ana, task_id, Typed(RAW, {}), 0)
    hers = browser("ana")
    token = hers.token("/help-now")
    pressing = copies(app, hers, THREADS)
    db.session.remove()
    told: Counter[tuple[int, str]] = Counter()
    for place, task_id in enumerate(task_ids):
        sent = {"csrf_token": token, "version": "1", "key": f"key {place}", "send": "1"}

        def press(number: int, path: str = f"/my/tasks/{task_id}", data: dict[str, str] = sent) -> None:
            reply = pressing[number].client.post(f"{path}/review", data=data)
            told[reply.status_code, reply.headers.get("Location", "").removeprefix(path)] += 1

        at_once(press)
    assert told == {(303, "/sent"): THREADS * ROUNDS}
    sent_once = select(Response.task_id, func.count()).where(Response.task_id.in_(task_ids)).group_by(Response.task_id)
    assert sorted(db.session.execute(sent_once).all()) == [(task_id, 1) for task_id in sorted(task_ids)]
    line = db.session.scalars(select(Caseload).where(Caseload.couple_id == cast.couples["ana"])).one()
    assert line.unread == ROUNDS


def test_twenty_devices_that_save_at_once_lose_no_text_silently(app: Flask, cast: Cast) -> None:
    """One of them is kept; every other is told so, and keeps its text on its own page."""
    [task_id] = tasks_of_ana(cast, 1)
    db.session.remove()
    told: Counter[str] = Counter()

    def save(number: int) -> None:
        with app.app_context():
            try:
                responses.save_draft(cast.ana, task_id, Typed({"understood": f"from device {number}"}, {}), 0)
                told["kept"] += 1
            except responses.Conflict as conflict:
                told[conflict.code] += 1
            finally:
                db.session.remove()

    at_once(save)
    assert told == {"kept": 1, "stale_draft": THREADS - 1}
    assert responses.open_for(cast.ana, task_id).version == 1


def holding(app: Flask, seconds: float) -> threading.Thread:
    """Somebody else writes for some seconds; gives the thread once the lock is held."""
    path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    held = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        threading.Event().wait(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    return thread


def save_over_http(browser: Browser, task_id: UUID, token: str):  # type: ignore[no-untyped-def]
    data = {"csrf_token": token, "version": "0", "understood": "kept"}
    return browser.client.post(f"/my/tasks/{task_id}/draft", data=data)


def test_a_database_that_is_busy_for_three_seconds_is_waited_for(
    app: Flask, cast: Cast, browser: Callable[[str], Browser]
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows, and no writer holds up another's")
    [task_id] = tasks_of_ana(cast, 1)
    hers = browser("ana")
    token = hers.token("/help-now")
    db.session.remove()
    other = holding(app, 3)
    reply = save_over_http(hers, task_id, token)
    other.join()
    assert reply.status_code == 200
    assert reply.json["version"] == 1


def test_a_database_that_stays_busy_says_when_to_come_again(
    app: Flask, cast: Cast, browser: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows, and no writer holds up another's")
    [task_id] = tasks_of_ana(cast, 1)
    hers = browser("ana")
    token = hers.token("/help-now")
    db.session.remove()
    db.engine.dispose()
    monkeypatch.setattr(extensions, "BUSY_MILLISECONDS", 300)
    other = holding(app, 2)
    reply = save_over_http(hers, task_id, token)
    own_page = hers.get("/my/")
    other.join()
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert own_page.status_code == 200
    assert save_over_http(hers, task_id, token).status_code == 200
