"""Sending while others send, save and withdraw: one response, no acknowledged text lost, a caseload that stays true.

On SQLite one lock keeps writers apart; on PostgreSQL it is `with_for_update` alone, so these run on both.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.assignments import OPEN, TaskState
from portal.domain.errors import Conflict
from portal.domain.people import Label
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload
from portal.models.responses import Draft, EarlierVersion, Response
from portal.services import (
    assignments,
    correcting,
    entering,
    erasing,
    responses,
    reviews,
    sending,
    sent_forms,
    versions,
)
from portal.services.drafts import Typed
from tests import given
from tests.cast import Cast
from tests.given import assign, floor, last_day, task_of
from tests.threads import at_once, on_postgresql, one_behind_the_other

THREADS = 50
ROUNDS = 4
KEYS = 5
DUE = last_day()


@pytest.fixture
def rounds(cast: Cast) -> list[UUID]:
    """An assignment for each round, and Ana's draft of it."""
    assigned = [assign(cast, "one-holds-the-floor", due_on=DUE + timedelta(days=place)) for place in range(ROUNDS)]
    for assignment_id in assigned:
        for partner in (cast.ana, cast.ben):
            responses.save_draft(partner, task_of(partner, assignment_id), Typed(floor(), {}), 0)
    db.session.remove()
    return assigned


def responses_of(task_id: UUID) -> list[Response]:
    db.session.rollback()
    return list(db.session.scalars(select(Response).where(Response.task_id == task_id)))


def check_caseload(cast: Cast) -> None:
    """The couple's line counts what was sent, and knows until when something is open."""
    db.session.rollback()
    couple_id = cast.couples["ana"]
    line = db.session.scalars(select(Caseload).where(Caseload.couple_id == couple_id)).one()
    of_couple = select(Task.id).join(Assignment).where(Assignment.couple_id == couple_id)
    sent = db.session.scalar(select(func.count()).select_from(Response).where(Response.task_id.in_(of_couple)))
    is_open = (Task.id.in_(of_couple), Task.state.in_(OPEN))
    assert line.unread == sent
    assert line.open_until == db.session.scalar(select(func.min(Task.due_at)).where(*is_open))


def test_fifty_that_send_with_five_keys_send_one_response(app: Flask, cast: Cast, rounds: list[UUID]) -> None:
    for assignment_id in rounds:
        task_id = task_of(cast.ana, assignment_id)
        keys = [f"{task_id} {number % KEYS}" for number in range(THREADS)]
        told = at_once(app, [partial(sending.submit, cast.ana, task_id, 1, key) for key in keys])
        assert told == {"done": THREADS // KEYS, "already_sent": THREADS - THREADS // KEYS}
        [sent] = responses_of(task_id)
        assert sent.submission_key in keys
    check_caseload(cast)


def test_fifty_that_send_with_one_key_are_all_told_that_it_was_sent(app: Flask, cast: Cast, rounds: list[UUID]) -> None:
    """Both partners at once, each with a key of their own: the couple's line of the caseload counts both."""
    for assignment_id in rounds:
        tasks = [(partner, task_of(partner, assignment_id)) for partner in (cast.ana, cast.ben)]
        works = [partial(sending.submit, partner, task_id, 1, str(task_id)) for partner, task_id in tasks]
        assert at_once(app, works * (THREADS // 2)) == {"done": THREADS}
        assert [len(responses_of(task_id)) for _, task_id in tasks] == [1, 1]
    check_caseload(cast)


def test_what_was_acknowledged_before_it_was_sent_is_what_was_sent(app: Flask, cast: Cast, rounds: list[UUID]) -> None:
    """One device saves and saves, others send whatever is there: the last text that was taken is in the response."""
    for assignment_id in rounds:
        task_id = task_of(cast.ana, assignment_id)
        acknowledged = [floor()["understood"]]
        begun = threading.Event()

        def write(task_id: UUID = task_id, taken: list[str] = acknowledged, begun: threading.Event = begun) -> None:
            version = 1
            while True:
                text = f"text {version}"
                version = responses.save_draft(cast.ana, task_id, Typed(floor(understood=text), {}), version).version
                taken.append(text)
                begun.set()
                time.sleep(version / 100)  # longer each time, so that at some time somebody who sends comes between

        def send(task_id: UUID = task_id, begun: threading.Event = begun) -> None:
            begun.wait(10)
            while True:
                try:
                    version = responses.open_for(cast.ana, task_id).version
                    return sending.submit(cast.ana, task_id, version, "key")
                except Conflict as conflict:
                    db.session.rollback()
                    if conflict.code != "stale_draft":
                        raise

        senders = 6
        told = at_once(app, [write, *[send] * senders])
        assert told == {"done": senders, "already_sent": 1}
        forms = sent_forms.of_couple(cast.ines, cast.couples["ana"])
        [sent] = [form for form in forms if form.task_id == task_id]
        assert len(acknowledged) > 1
        assert sent.value("understood") == acknowledged[-1]
        db.session.remove()
    check_caseload(cast)


def test_one_save_and_one_send_of_the_same_version_leave_exactly_one(
    app: Flask, cast: Cast, rounds: list[UUID]
) -> None:
    for assignment_id in rounds:
        task_id = task_of(cast.ana, assignment_id)
        saved: list[str] = []

        def save(number: int, task_id: UUID = task_id, saved: list[str] = saved) -> None:
            text = f"from device {number}"
            responses.save_draft(cast.ana, task_id, Typed(floor(understood=text), {}), 1)
            saved.append(text)

        works: list[Callable[[], object]] = []
        for number in range(THREADS // 2):
            works += [partial(save, number), partial(sending.submit, cast.ana, task_id, 1, f"key {number}")]
        told = at_once(app, works)
        assert told["done"] == 1
        assert set(told) <= {"done", "stale_draft", "already_sent"}
        assert (len(saved), len(responses_of(task_id))) in ((0, 1), (1, 0))
        if saved:
            assert responses.open_for(cast.ana, task_id).typed.raw["understood"] == saved[0]
        db.session.remove()
    check_caseload(cast)


def test_what_is_withdrawn_while_it_is_sent_is_one_or_the_other(app: Flask, cast: Cast, rounds: list[UUID]) -> None:
    """Who is told that it was sent has sent it; who is told nothing of the kind keeps the draft; nothing is both."""
    for assignment_id in rounds:
        tasks = [(partner, task_of(partner, assignment_id)) for partner in (cast.ana, cast.ben)]
        works: list[Callable[[], object]] = [partial(assignments.withdraw, cast.ines, assignment_id)] * 3
        for partner, task_id in tasks:
            works += [partial(sending.submit, partner, task_id, 1, str(task_id))] * 10
        told = at_once(app, works)
        assert set(told) <= {"done", "not_found"}
        sent = 0
        for _, task_id in tasks:
            task = db.session.scalars(select(Task).where(Task.id == task_id)).one()
            draft = db.session.scalar(select(func.count()).select_from(Draft).where(Draft.task_id == task_id))
            found = (task.state, task.withdrawn_at is None, len(responses_of(task_id)), draft)
            assert found in ((TaskState.SUBMITTED, True, 1, 0), (TaskState.WITHDRAWN, False, 0, 1))
            sent += found[2]
        assert told["done"] == 3 + sent * 10
        check_caseload(cast)
        db.session.remove()


def test_what_many_correct_at_once_is_all_there_as_versions(app: Flask, cast: Cast, rounds: list[UUID]) -> None:
    """Ten words for one sentence while the coach reads: none is lost, and what came last is still to be read."""
    writers = 10
    task_id = task_of(cast.ana, rounds[0])
    sending.submit(cast.ana, task_id, 1, "key")
    first = responses_of(task_id)[0]
    reviews.read(cast.ines, first.id)
    token = given.opened(cast.ana, task_id)
    texts = [f"in other words {number}" for number in range(writers)]
    works: list[Callable[[], object]] = [
        partial(correcting.correct, cast.ana, task_id, "understood", {"understood": text}, token) for text in texts
    ]
    told = at_once(app, [*works, *[partial(reviews.read, cast.ines, first.id)] * 5])
    assert told == {"done": writers + 5}
    [sent] = responses_of(task_id)
    said = versions.versions_of([sent])[sent.id]
    words = [next(a.value for a in one.answers if a.item_id == "understood") for one in said]
    assert words[0] == floor()["understood"]
    assert sorted(words[1:]) == texts
    assert [one.written_at for one in said] == sorted(one.written_at for one in said)
    check_caseload(cast)


@pytest.mark.parametrize("first", ["corrected", "erased"])
def test_who_corrects_while_everything_of_theirs_is_erased_gets_one_or_the_other(
    app: Flask, cast: Cast, rounds: list[UUID], first: str
) -> None:
    """Neither waits for the other for ever, and what was taken too late is not taken."""
    task_id = task_of(cast.ana, rounds[0])
    sending.submit(cast.ana, task_id, 1, "key")
    token = given.opened(cast.ana, task_id)
    works: list[Callable[[], object]] = [
        partial(erasing.erase_here, cast.ana.person_id),
        *(
            partial(correcting.correct, cast.ana, task_id, "understood", {"understood": f"{n}"}, token)
            for n in range(8)
        ),
    ]
    told = at_once(app, works if first == "erased" else works[::-1])
    assert told["done"] >= 1
    assert set(told) <= {"done", "not_found"}
    [sent] = responses_of(task_id)
    assert versions.answers_of(sent) == ()
    assert not db.session.scalar(select(func.count()).select_from(EarlierVersion))


@on_postgresql
def test_a_sheet_of_which_the_button_is_pressed_twice_is_typed_in_once_and_both_are_told_so(
    app: Flask, cast: Cast
) -> None:
    """The second press waits for the first, and then finds what the first one wrote."""
    assignment_id = assign(cast, "one-holds-the-floor")
    task_id = task_of(cast.ana, assignment_id)
    press = partial(entering.enter, cast.ines, assignment_id, Label.A, {"understood": "That he asks"})
    held = select(Task.id).where(Task.id == task_id)
    told = one_behind_the_other(
        app, held, [partial(press, "a key"), partial(press, "a key"), partial(press, "another")]
    )
    assert told == {"done": 2, "sent_by_author": 1}
    assert [one.submission_key for one in responses_of(task_id)] == ["a key"]
    check_caseload(cast)
