"""Check-ins some months after the end: chosen alone, given once by the sweep, and nothing of it is for the other."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal import content
from portal.domain.disclosure import Disclosure
from portal.domain.documents import check_in_document
from portal.domain.endings import (
    Later,
    closing_document,
    due_later,
    is_of_the_end,
    last_later_on,
    later_document,
    offered_later,
)
from portal.domain.erasure import RunsFrom
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.audit import AuditEvent
from portal.models.couples import Partnership
from portal.models.outbox import OutboxEntry
from portal.services import (
    couple_states,
    endings,
    exports,
    home,
    later_check_ins,
    parting,
    programme,
    responses,
    retention,
    sent_forms,
    shared,
)
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import send

LINK = "http://127.0.0.1:8000/my/"
MONTH = 24 * 31
END = date(2026, 1, 31)


def close(cast: Cast) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)


def choose(viewer: Viewer, chosen: Later | None) -> None:
    later_check_ins.choose(viewer, chosen)


def waiting(viewer: Viewer) -> list[UUID]:
    db.session.rollback()
    return list(home.open_task_ids(viewer))


def mails() -> list[str]:
    db.session.rollback()
    return [key for key in db.session.scalars(select(OutboxEntry.dedupe_key)) if key and key.startswith("task:")]


@pytest.mark.parametrize(
    ("chosen", "given", "today", "due"),
    [
        (Later.ONE, 0, date(2026, 2, 27), None),
        (Later.ONE, 0, date(2026, 2, 28), 1),  # the last of a month without such a day
        (Later.ONE, 1, date(2026, 3, 1), None),
        (Later.THREE, 0, date(2026, 4, 29), None),
        (Later.THREE, 0, date(2026, 4, 30), 3),
        (Later.BOTH, 1, date(2026, 4, 30), 3),
        (Later.BOTH, 0, date(2026, 5, 30), 3),  # of two that are due, the later one alone
        (Later.BOTH, 3, date(2026, 5, 30), None),
    ],
)
def test_what_is_due_follows_from_the_end_and_from_what_was_given(
    chosen: Later, given: int, today: date, due: int | None
) -> None:
    assert due_later(chosen, given, END, today) == due


@pytest.mark.parametrize(
    ("today", "offered"),
    [
        (date(2026, 2, 1), (Later.ONE, Later.THREE, Later.BOTH)),
        (date(2026, 2, 28), (Later.THREE,)),
        (date(2026, 4, 30), ()),
    ],
)
def test_nothing_is_offered_of_which_a_day_is_over(today: date, offered: tuple[Later, ...]) -> None:
    assert offered_later(END, today) == offered


def test_the_last_day_is_that_of_the_last_one_chosen() -> None:
    assert last_later_on([(Later.ONE, END), (Later.BOTH, END)]) == date(2026, 4, 30)
    assert last_later_on([]) is None


def test_it_is_for_the_coach_alone_whatever_the_check_in_offers() -> None:
    whole = check_in_document(content.check_in())
    later = from_document(later_document(whole, content.passages()["later"]))
    assert {item.disclosure for item in later.items} == {Disclosure.COACH, Disclosure.LOCKED}
    asked = {item.id for item in later.items}
    assert {"s1", "b1", "p1", "p5", "x1", "x4", "later_kept"} <= asked
    assert asked.isdisjoint({"t1", "t2"})
    assert [screen.title for screen in later.screens] == ["Only {coach} reads this", "A few private questions"]


def test_what_hangs_on_a_question_that_is_left_out_is_left_out_however_long_the_chain() -> None:
    whole = check_in_document(content.check_in())
    first = next(item for item in whole["items"] if item["id"] == "t1")
    chain = [
        {**first, "id": one, "disclosure": "coach", "show_if": f"{on} = yes"}
        for one, on in (("q2", "t1"), ("q3", "q2"))
    ]
    later = later_document(whole | {"items": [*whole["items"], *chain]}, content.passages()["later"])
    assert {"q2", "q3"}.isdisjoint(item["id"] for item in later["items"])


def test_it_comes_in_the_morning_and_not_at_midnight(cast: Cast, wall: Wall) -> None:
    close(cast)
    choose(cast.ana, Later.ONE)
    midnight = datetime(2026, 12, 23, tzinfo=ZoneInfo("Europe/Berlin"))
    wall.to(midnight + timedelta(hours=7, minutes=59))
    assert later_check_ins.issue_due(LINK) == 0
    wall.to(midnight + timedelta(hours=8))
    assert later_check_ins.issue_due(LINK) == 1


def test_before_the_end_nothing_can_be_chosen(cast: Cast) -> None:
    assert later_check_ins.own(cast.ana).offered == ()
    with pytest.raises(NotAllowed, match="later_not_offered"):
        choose(cast.ana, Later.ONE)


def test_who_chose_gets_it_once_and_the_other_nothing(cast: Cast, wall: Wall) -> None:
    close(cast)
    choose(cast.ana, Later.BOTH)
    before = mails()
    wall.forward(hours=24 * 20)
    assert later_check_ins.issue_due(LINK) == 0
    wall.forward(hours=24 * 12)
    assert [later_check_ins.issue_due(LINK) for _ in range(2)] == [1, 0]
    [task_id] = waiting(cast.ana)
    assert waiting(cast.ben) == []
    assert set(mails()) - set(before) == {f"task:{task_id}"}
    wall.forward(hours=2 * MONTH)
    assert [later_check_ins.issue_due(LINK) for _ in range(2)] == [1, 0]
    assert len(waiting(cast.ana)) == 2


def test_what_comes_in_is_scored_read_by_the_coach_and_opens_to_nobody(cast: Cast, wall: Wall) -> None:
    close(cast)
    choose(cast.ana, Later.ONE)
    wall.forward(hours=24 * 32)
    later_check_ins.issue_due(LINK)
    [task_id] = waiting(cast.ana)
    assert "Only Ines reads this" in [screen.title for screen in responses.open_for(cast.ana, task_id).screens]
    calm = {f"s{n}": "0" for n in range(1, 5)} | {f"b{n}": "10" for n in range(1, 4)}
    send(cast.ana, task_id, calm | {"later_kept": "The walks"})
    wall.forward(hours=48)
    assert shared.for_both(cast.ben) == shared.for_both(cast.ana) == ()
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert form.value("later_kept") == "The walks"
    assert [(one.name, one.title) for one in sent_forms.came_in(cast.ines, wall.now)] == [("Ana", "How it is now")]
    assert form.scores is not None
    assert form.scores.total == 100.0


def test_one_may_change_ones_mind(cast: Cast, wall: Wall) -> None:
    close(cast)
    choose(cast.ana, Later.BOTH)
    choose(cast.ana, None)
    wall.forward(hours=4 * MONTH)
    assert later_check_ins.issue_due(LINK) == 0
    assert later_check_ins.own(cast.ana).offered == ()


def test_it_stops_when_somebody_leaves_and_their_page_says_nothing_of_it(cast: Cast, wall: Wall) -> None:
    close(cast)
    choose(cast.ana, Later.BOTH)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    wall.forward(hours=MONTH + 24)
    assert later_check_ins.issue_due(LINK) == 0
    assert later_check_ins.own(cast.ana).offered == later_check_ins.own(cast.ben).offered == (Later.THREE,)
    with pytest.raises(NotAllowed):
        choose(cast.ana, Later.THREE)


def test_work_that_is_taken_up_again_forgets_what_was_chosen(cast: Cast) -> None:
    close(cast)
    choose(cast.ana, Later.BOTH)
    for viewer in (cast.ana, cast.ben):
        own = db.session.scalars(select(Partnership).where(Partnership.person_id == viewer.person_id)).one()
        own.agreed_anew_at = datetime(2027, 1, 1, tzinfo=UTC)
    db.session.commit()
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.REOPEN)
    db.session.rollback()
    assert set(db.session.scalars(select(Partnership.later))) == {None}


def test_the_coach_alone_learns_what_each_chose(cast: Cast) -> None:
    close(cast)
    choose(cast.ben, Later.THREE)
    found = endings.ending(cast.ines, cast.couples["ana"]).later
    assert [(one.name, one.chosen) for one in found] == [("Ana", None), ("Ben", Later.THREE)]
    with pytest.raises(NotFound):
        later_check_ins.of_couple(cast.omar, cast.couples["ana"])


def test_it_stands_in_ones_own_data_and_in_nobody_elses(cast: Cast) -> None:
    close(cast)
    choose(cast.ana, Later.ONE)
    assert exports.own_data(cast.ana, PASSPHRASE).later is Later.ONE
    assert exports.own_data(cast.ben, PASSPHRASE).later is None


@pytest.mark.parametrize("runs_from", RunsFrom)
def test_the_time_of_a_record_runs_from_the_last_one_chosen(cast: Cast, wall: Wall, runs_from: RunsFrom) -> None:
    retention.set_rule(cast.ines, runs_from, 1, "")
    close(cast)
    choose(cast.ana, Later.THREE)
    wall.forward(hours=2 * MONTH)
    over = {one.name for one in retention.over(cast.ines)}
    assert "Ben" in over
    assert "Ana" not in over
    wall.forward(hours=2 * MONTH + 48)
    assert "Ana" in {one.name for one in retention.over(cast.ines)}


def test_what_went_out_is_on_record_and_is_the_coachs(cast: Cast, wall: Wall) -> None:
    close(cast)
    choose(cast.ana, Later.ONE)
    wall.forward(hours=24 * 32)
    later_check_ins.issue_due(LINK)
    [assignment_id] = db.session.scalars(select(Task.assignment_id).where(Task.id.in_(waiting(cast.ana)))).all()
    given = db.session.scalars(select(Assignment).where(Assignment.id == assignment_id)).one()
    assert (given.given_to, given.assigned_by) == ("a", cast.ines.person_id)
    events = {event for event in db.session.scalars(select(AuditEvent.event)) if event.startswith("later_check_in")}
    assert events == {"later_check_in:chosen", "later_check_in:given"}


def test_no_weekly_check_in_goes_on_in_its_words() -> None:
    whole = check_in_document(content.check_in())
    assert is_of_the_end(later_document(whole, content.passages()["later"]))
    assert is_of_the_end(closing_document(whole, content.passages()["looking_back"]))
    assert not is_of_the_end(whole)


def test_the_librarys_check_in_stays_as_it_was(cast: Cast, wall: Wall) -> None:
    entry = next(one for one in programme.library(cast.ines) if one.slug == programme.CHECK_IN_SLUG)
    close(cast)
    choose(cast.ana, Later.ONE)
    wall.forward(hours=24 * 32)
    later_check_ins.issue_due(LINK)
    assert entry == next(one for one in programme.library(cast.ines) if one.slug == programme.CHECK_IN_SLUG)
