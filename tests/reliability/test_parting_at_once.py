"""Leaving, ending and giving at the same moment: each waits for the other, none for ever, and none overlooks the other.

On SQLite one lock keeps writers apart; on PostgreSQL it is the order in which rows are held.
"""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.assignments import OPEN
from portal.domain.parting import CoupleAct
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.couples import Couple
from portal.models.safety import Signal
from portal.services import (
    assignments,
    correcting,
    couple_states,
    erasing,
    parting,
    repeating,
    responses,
    sending,
)
from portal.services.drafts import Typed
from tests import given
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import assign, floor, task_of
from tests.threads import at_once

LINK = "http://127.0.0.1:8000/coach/"
A_MOMENT = 0.6  # seconds, in which whoever does not wait is done
AFRAID = {"done": "partly", "stopped_afraid": "true"}


class Meeting:
    """Lets a second one begin while the first stands in the midst of something."""

    def __init__(self, patch: pytest.MonkeyPatch, module: object, name: str) -> None:
        self.is_there, self._inner = threading.Event(), getattr(module, name)
        patch.setattr(module, name, self._stay)

    def _stay(self, *args: object, **named: object) -> object:
        found = self._inner(*args, **named)
        if not self.is_there.is_set():
            self.is_there.set()
            threading.Event().wait(A_MOMENT)
        return found

    def then(self, work: Callable[[], object]) -> None:
        assert self.is_there.wait(10)
        work()


def leave(viewer: object) -> None:
    parting.leave(viewer, PASSPHRASE, LINK, hides=False)  # type: ignore[arg-type]  # a viewer


def still_open(cast: Cast) -> list[Task]:
    db.session.rollback()
    people = (cast.ana.person_id, cast.ben.person_id)
    return list(db.session.scalars(select(Task).where(Task.state.in_(OPEN), Task.person_id.in_(people))))


def end(cast: Cast, wanted: CoupleAct = CoupleAct.SEPARATE) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], wanted)


def test_who_leaves_and_who_ends_the_work_do_not_wait_for_each_other_for_ever(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(cast, "one-holds-the-floor")
    meeting = Meeting(monkeypatch, parting, "_take_from_home")
    told = at_once(app, [partial(leave, cast.ana), partial(meeting.then, partial(end, cast))])
    assert told == {"done": 2}
    assert still_open(cast) == []
    assert db.session.scalars(select(Couple.state).where(Couple.id == cast.couples["ana"])).one() == "separated"


def test_who_ends_the_work_and_who_corrects_do_not_wait_for_each_other_for_ever(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    given.send(cast.ana, task_id, floor())
    token = given.opened(cast.ana, task_id)
    meeting = Meeting(monkeypatch, parting, "close_to_other")
    other = {"understood": "In other words"}
    correct = partial(correcting.correct, cast.ana, task_id, "understood", other, token)
    told = at_once(app, [partial(end, cast), partial(meeting.then, correct)])
    assert told == {"done": 2}


def test_what_is_given_while_the_work_ends_ends_with_it(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(monkeypatch, assignments, "_refuse_twice")
    told = at_once(app, [partial(assign, cast, "one-holds-the-floor"), partial(meeting.then, partial(end, cast))])
    assert told == {"done": 2}
    assert still_open(cast) == []


def test_the_weekly_form_that_comes_while_the_work_ends_ends_with_it(
    app: Flask, cast: Cast, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(cast, "weekly-check-in", weekly=True)
    wall.forward(days=7)
    meeting = Meeting(monkeypatch, repeating, "last_given_on")
    close = partial(end, cast, CoupleAct.CLOSE)
    told = at_once(app, [partial(repeating.issue_due, LINK), partial(meeting.then, close)])
    assert told == {"done": 2}
    assert still_open(cast) == []


def test_a_form_that_raises_a_flag_and_the_other_who_leaves_do_not_wait_for_each_other_for_ever(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed(AFRAID, {}), 0)
    meeting = Meeting(monkeypatch, sending, "_take_draft")
    send = partial(sending.submit, cast.ana, task_id, 1, "key", LINK)
    told = at_once(app, [send, partial(meeting.then, partial(leave, cast.ben))])
    assert told == {"done": 2}
    assert db.session.scalars(select(Signal.person_id)).all() == [cast.ana.person_id]


@pytest.mark.parametrize("whose", ["ana", "ben"])
def test_who_sends_while_one_of_the_two_is_erased_gets_one_or_the_other(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed(AFRAID, {}), 0)
    gone = cast.ana if whose == "ana" else cast.ben
    meeting = Meeting(monkeypatch, sending, "_take_draft")
    send = partial(sending.submit, cast.ana, task_id, 1, "key", LINK)
    told = at_once(app, [send, partial(meeting.then, partial(erasing.erase_here, gone.person_id))])
    assert told == {"done": 2}
    left = db.session.scalars(select(Signal.person_id)).all()
    assert left == ([] if whose == "ana" else [cast.ana.person_id])
