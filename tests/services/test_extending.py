"""More time: another last day for what is open, alike for both, and for nobody who has sent."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.services import assignments, extending, home, outbox, settings_of_person
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import assign, floor, send, task_of
from tests.pages import says, still

Open = Callable[[str | None], Browser]
LATER = date(2026, 12, 9)


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def test_each_has_until_the_end_of_that_day_on_their_own_wall(cast: Cast, given: UUID) -> None:
    settings_of_person.change_zone(cast.ben, "Asia/Tokyo")
    extending.extend(cast.ines, given, LATER)
    due = {person_id: at for person_id, at in db.session.execute(select(Task.person_id, Task.due_at))}
    assert due[cast.ana.person_id].isoformat() == "2026-12-09T23:00:00+00:00"
    assert due[cast.ben.person_id].isoformat() == "2026-12-09T15:00:00+00:00"
    assert assignments.assignment(cast.ines, given).line.due_on == LATER


def test_what_was_sent_stays_as_it_was(cast: Cast, given: UUID) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    before = db.session.scalars(select(Task.due_at).where(Task.person_id == cast.ana.person_id)).one()
    extending.extend(cast.ines, given, LATER)
    assert db.session.scalars(select(Task.due_at).where(Task.person_id == cast.ana.person_id)).one() == before


@pytest.mark.parametrize("has_sent", [True, False])
def test_the_other_has_the_same_day_whether_one_has_sent_or_not(
    browser: Open, cast: Cast, given: UUID, has_sent: bool
) -> None:
    if has_sent:
        send(cast.ana, task_of(cast.ana, given), floor())
    extending.extend(cast.ines, given, LATER)
    assert says(browser("ben").get("/my/"), "Wednesday 9 December")


def test_what_is_over_is_left_as_it_is(cast: Cast, given: UUID) -> None:
    assignments.withdraw(cast.ines, given)
    with pytest.raises(NotAllowed, match="nothing_open"):
        extending.extend(cast.ines, given, LATER)
    assert assignments.assignment(cast.ines, given).line.due_on == date(2026, 11, 30)


def test_a_form_that_came_again_and_does_no_more_is_given_more_time(cast: Cast) -> None:
    weekly = assign(cast, "weekly-check-in", weekly=True)
    line = assignments.assignment(cast.ines, weekly).line
    assert line.repetition_id
    assignments.end_repetition(cast.ines, line.repetition_id)
    extending.extend(cast.ines, weekly, LATER)
    assert assignments.assignment(cast.ines, weekly).line.due_on == LATER


def test_more_time_for_an_earlier_week_leaves_the_later_one_where_it_is(cast: Cast, wall: Wall) -> None:
    first = assign(cast, "weekly-check-in", weekly=True)
    wall.forward(days=7)
    assignments.issue_due()
    newest, _ = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert newest.repetition_id
    assignments.end_repetition(cast.ines, newest.repetition_id)
    extending.extend(cast.ines, first, date(2026, 12, 20))
    shown = home.home(cast.ana)
    assert shown.next
    assert [line.task_id for line in (shown.next, *shown.others)] == [task_of(cast.ana, newest.assignment_id)]


def test_it_is_still_open_no_longer(cast: Cast, given: UUID, wall: Wall) -> None:
    wall.forward(days=9)
    assert [line.is_still_open for line in (home.home(cast.ben).next,) if line] == [True]
    extending.extend(cast.ines, given, LATER)
    assert [line.is_still_open for line in (home.home(cast.ben).next,) if line] == [False]


def test_no_mail_goes_out(cast: Cast, given: UUID) -> None:
    for mail in outbox.due():
        outbox.mark_sent(mail)
    extending.extend(cast.ines, given, LATER)
    assert outbox.due() == []


@pytest.mark.parametrize(
    ("due_on", "code"),
    [("2026-11-22", "due_in_the_past"), ("2028-01-01", "due_too_far"), ("2026-11-30", "due_not_later")],
)
def test_a_day_that_cannot_be_is_refused(cast: Cast, given: UUID, due_on: str, code: str) -> None:
    with pytest.raises(Invalid, match=code) as refusal:
        extending.extend(cast.ines, given, date.fromisoformat(due_on))
    assert refusal.value.params["field"] == "due_on"


def test_what_comes_again_keeps_its_days(cast: Cast) -> None:
    weekly = assign(cast, "weekly-check-in", weekly=True)
    with pytest.raises(NotAllowed, match="comes_again"):
        extending.extend(cast.ines, weekly, LATER)


def test_nobody_else_gives_more_time(cast: Cast, given: UUID) -> None:
    for viewer in (cast.omar, cast.noor, cast.mira, cast.sol, cast.ana):
        with pytest.raises(NotFound):
            extending.extend(viewer, given, LATER)
    assert db.session.scalars(select(Assignment.due_on)).all() == [date(2026, 11, 30)]


def test_the_coach_does_it_on_the_page_of_the_assignment(browser: Open, cast: Cast, given: UUID) -> None:
    ines, page = browser("ines"), f"/coach/assignments/{given}"
    his = still(browser("ben").get("/my/"))
    for typed, words in (("", "Choose the last day."), ("2026-11-01", "due_on-error"), ("soon", "2026-11-20")):
        reply = ines.post(f"{page}/extend", {"due_on": typed})
        assert reply.status_code == 422
        assert words in reply.text
    assert still(browser("ben").get("/my/")) == his
    assert ines.post(f"{page}/extend", {"due_on": LATER.isoformat()}).location == page
    shown = ines.get(page)
    assert says(shown, "until Wednesday 9 December")
    assert says(shown, "No mail went out.")
