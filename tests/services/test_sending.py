"""A form is prepared before the database is held; what changes in between is met, and no accepted text is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import Conflict, NotFound
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.couples import Caseload
from portal.services import assignments, responses, sending, sent_forms
from portal.services.drafts import Typed
from portal.services.responses import OpenTask
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import assign, floor, send, task_of

LATER = "what she wrote a moment later"


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    given = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, given, Typed(floor(), {}), 0)
    return given


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Gives a way to let something happen once, between the preparing of a form and the holding of the database."""

    def arrange(act: Callable[[], object]) -> None:
        hold = sending.begin_write

        def held() -> None:
            monkeypatch.setattr(sending, "begin_write", hold)
            act()
            hold()

        monkeypatch.setattr(sending, "begin_write", held)

    return arrange


def sent_by_ana(cast: Cast) -> int:
    return len(sent_forms.of_couple(cast.ines, cast.couples["ana"]))


def test_a_draft_that_is_saved_while_an_older_one_is_being_sent_is_kept_and_named(
    cast: Cast, task_id: UUID, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    meanwhile(lambda: responses.save_draft(cast.ana, task_id, Typed(floor(understood=LATER), {}), 1))
    with pytest.raises(Conflict) as refusal:
        sending.submit(cast.ana, task_id, 1, "key")
    assert refusal.value.code == "stale_draft"
    assert responses.open_for(cast.ana, task_id).typed.raw["understood"] == LATER
    assert sent_by_ana(cast) == 0


def test_a_draft_that_begins_while_an_empty_form_is_being_sent_is_kept(
    cast: Cast, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    empty = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    meanwhile(lambda: responses.save_draft(cast.ana, empty, Typed(floor(understood=LATER), {}), 0))
    with pytest.raises(Conflict) as refusal:
        sending.submit(cast.ana, empty, 0, "key")
    assert refusal.value.code == "stale_draft"
    assert responses.open_for(cast.ana, empty).typed.raw["understood"] == LATER


def test_the_same_form_sent_twice_at_once_is_one(
    cast: Cast, task_id: UUID, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    meanwhile(lambda: sending.submit(cast.ana, task_id, 1, "key"))
    sending.submit(cast.ana, task_id, 1, "key")
    assert sent_by_ana(cast) == 1


def test_another_sending_that_was_quicker_stands_alone(
    cast: Cast, task_id: UUID, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    meanwhile(lambda: sending.submit(cast.ana, task_id, 1, "quicker"))
    with pytest.raises(Conflict) as refusal:
        sending.submit(cast.ana, task_id, 1, "key")
    assert (refusal.value.code, sent_by_ana(cast)) == ("already_sent", 1)


def test_a_task_that_was_withdrawn_meanwhile_takes_nothing(
    cast: Cast, task_id: UUID, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    given = db.session.scalars(select(Task.assignment_id).where(Task.id == task_id)).one()
    meanwhile(lambda: assignments.withdraw(cast.ines, given))
    with pytest.raises(NotFound):
        sending.submit(cast.ana, task_id, 1, "key")
    assert sent_by_ana(cast) == 0


def drop_of(cast: Cast) -> tuple[datetime | None, datetime | None]:
    db.session.expire_all()
    row = db.session.scalars(select(Caseload).where(Caseload.couple_id == cast.couples["ana"])).one()
    return row.dropped_a_at, row.dropped_b_at


def test_one_partners_drop_stays_until_that_very_partner_sends_a_usual_week(cast: Cast, wall: Wall) -> None:
    calm = {f"s{i}": "3" for i in (1, 2, 3, 4)} | {f"b{i}": "7" for i in (1, 2, 3)}
    low = {f"s{i}": "10" for i in (1, 2, 3, 4)} | {f"b{i}": "0" for i in (1, 2, 3)}
    weeks = [(calm, calm)] * 6 + [(low, calm)]
    for ana, ben in weeks:
        given = assign(cast, "weekly-check-in", due_on=wall.now.date() + timedelta(days=6))
        send(cast.ana, task_of(cast.ana, given), ana)
        fallen = wall.now
        wall.forward(hours=1)
        send(cast.ben, task_of(cast.ben, given), ben)
        wall.forward(days=7, hours=-1)
    assert drop_of(cast) == (fallen, None)
    given = assign(cast, "weekly-check-in", due_on=wall.now.date() + timedelta(days=6))
    send(cast.ana, task_of(cast.ana, given), calm)
    assert drop_of(cast) == (None, None)


def test_who_has_never_sent_anything_is_silent_since_the_first_form(cast: Cast, wall: Wall) -> None:
    first = wall.now
    for _ in range(3):
        given = assign(cast, "weekly-check-in", due_on=wall.now.date() + timedelta(days=6))
        send(cast.ana, task_of(cast.ana, given), {"b1": "6"})
        wall.forward(days=7)
    row = db.session.scalars(select(Caseload).where(Caseload.couple_id == cast.couples["ana"])).one()
    assert row.silent_since == first


def test_a_draft_that_is_another_at_every_try_is_named_in_the_end_and_kept(
    cast: Cast, task_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(sending, "_take_draft", lambda task: tried.append(task.version))
    with pytest.raises(Conflict) as refusal:
        sending.submit(cast.ana, task_id, 1, "key")
    assert tried == [1] * sending.TRIES
    assert refusal.value.code == "stale_draft"
    named = refusal.value.params["task"]
    assert isinstance(named, OpenTask)
    assert named.typed.raw == responses.open_for(cast.ana, task_id).typed.raw == floor()
    assert sent_by_ana(cast) == 0


def test_the_line_of_the_caseload_follows_what_is_sent(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "one-holds-the-floor")
    line = select(Caseload).where(Caseload.couple_id == cast.couples["ana"])
    send(cast.ana, task_of(cast.ana, given), floor())
    first = wall.now
    told = db.session.scalars(line).one()
    assert (told.unread, told.silent_since) == (1, first)
    assert told.open_until is not None
    wall.forward(hours=1)
    send(cast.ben, task_of(cast.ben, given), floor())
    db.session.refresh(told)
    assert (told.unread, told.silent_since, told.open_until) == (2, first, None)
