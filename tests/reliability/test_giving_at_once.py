"""Giving while others give: what is taken twice at once is one task, what comes again comes once, one nudge goes out.

On SQLite one lock keeps writers apart; on PostgreSQL it is `with_for_update` alone, so these run on both.
"""

from datetime import date
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.assignments import For
from portal.domain.people import Label
from portal.domain.repeats import Again
from portal.extensions import db, work_for
from portal.models.assignments import Assignment, Task
from portal.models.choices import OfferedChoice
from portal.models.couples import Partnership
from portal.models.nudges import Nudge
from portal.services import (
    assignments,
    bulk,
    bulk_giving,
    choices,
    choosing,
    extending,
    nudges,
    programme,
    repeating,
)
from portal.services.assignments import NewAssignment
from portal.services.bulk import NewBulk
from portal.services.choices import NewChoice
from portal.services.choosing import ChoiceToMake
from tests.cast import LINK, Cast
from tests.conftest import Wall
from tests.given import assign, last_day
from tests.threads import at_once, on_postgresql, one_behind_the_other

THREADS = 12


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def offer(cast: Cast) -> None:
    slugs = ("my-listening-habits", "three-specifics")
    steps = tuple(entry.id for entry in programme.library(cast.ines) if entry.slug in slugs)
    choices.offer(cast.ines, cast.couples["ana"], NewChoice(steps, For.BOTH, last_day()), LINK)


def waiting(cast: Cast) -> ChoiceToMake:
    found = choosing.open_choice(cast.ana)
    assert found
    db.session.remove()
    return found


def test_a_step_taken_by_many_taps_at_once_is_one_task(app: Flask, cast: Cast) -> None:
    offer(cast)
    found = waiting(cast)
    works = [partial(choosing.pick, cast.ana, found.choice_id, step.step_id) for step in found.steps]
    assert at_once(app, works * (THREADS // 2)) == {"done": THREADS}
    assert count(Task) == count(Assignment) == 1


def test_what_is_taken_as_it_is_taken_back_is_one_of_the_two(app: Flask, cast: Cast) -> None:
    offer(cast)
    found, couple_id = waiting(cast), cast.couples["ana"]
    take = partial(choosing.pick, cast.ana, found.choice_id, found.steps[0].step_id)
    at_once(app, [take, partial(choices.withdraw, cast.ines, couple_id, found.choice_id)])
    db.session.rollback()
    row = db.session.scalars(select(OfferedChoice).where(OfferedChoice.id == found.choice_id)).one()
    assert (row.task_id is None) is (row.withdrawn_at is not None)


def test_many_offers_at_once_leave_one_open_with_each(app: Flask, cast: Cast) -> None:
    assert at_once(app, [partial(offer, cast)] * THREADS) == {"done": THREADS}
    db.session.rollback()
    still_open = select(OfferedChoice.person_id).where(OfferedChoice.withdrawn_at.is_(None))
    assert sorted(db.session.scalars(still_open)) == sorted([cast.ana.person_id, cast.ben.person_id])


@on_postgresql
@pytest.mark.parametrize("is_offered_first", [True, False])
def test_who_takes_a_step_and_who_offers_others_do_not_wait_for_each_other(
    app: Flask, cast: Cast, is_offered_first: bool
) -> None:
    offer(cast)
    found = waiting(cast)
    take = partial(choosing.pick, cast.ana, found.choice_id, found.steps[0].step_id)
    works = [partial(offer, cast), take] if is_offered_first else [take, partial(offer, cast)]
    place = select(Partnership.label).where(Partnership.person_id == cast.ana.person_id)
    told = one_behind_the_other(app, place, works)
    assert told == ({"done": 1, "not_found": 1} if is_offered_first else {"done": 2})


def test_sweeps_at_once_issue_what_comes_again_once(app: Flask, cast: Cast, wall: Wall) -> None:
    assign(cast, "my-listening-habits", again=Again((1, 2, 3, 4, 5, 6, 7)))
    wall.forward(days=1)
    db.session.remove()
    assert at_once(app, [partial(repeating.issue_due, LINK)] * 4) == {"done": 4}
    assert count(Assignment) == 2


def given_once(cast: Cast) -> UUID:
    assignment_id = assign(cast, "my-listening-habits")
    db.session.remove()
    return assignment_id


def test_of_many_nudges_at_once_one_goes_out(app: Flask, cast: Cast) -> None:
    act = partial(nudges.nudge, cast.ines, given_once(cast), Label.A, "Ten minutes are enough.", LINK)
    assert at_once(app, [act] * 4) == {"done": 1, "nudged_already": 3}
    assert count(Nudge) == 1


def test_more_time_given_while_it_is_withdrawn_leaves_one_story(app: Flask, cast: Cast) -> None:
    given = given_once(cast)
    extend = partial(extending.extend, cast.ines, given, date(2026, 12, 10))
    told = at_once(app, [extend, partial(assignments.withdraw, cast.ines, given)])
    assert set(told) <= {"done", "nothing_open"}
    assert not assignments.assignment(cast.ines, given).line.is_open


def test_workers_at_once_give_many_couples_their_part_once(app: Flask, cast: Cast) -> None:
    entry = next(one.id for one in programme.library(cast.ines) if one.slug == "my-listening-habits")
    couples = (cast.couples["ana"], cast.couples["gil"])
    bulk_id = bulk.ask(cast.ines, NewBulk(entry, couples, last_day()), "a list")
    db.session.remove()
    assert at_once(app, [partial(bulk_giving.carry_out, LINK)] * 4) == {"done": 4}
    assert count(Assignment) == 2
    assert bulk.report(cast.ines, bulk_id).done_at is not None


def test_a_button_pressed_by_many_at_once_gives_once(app: Flask, cast: Cast) -> None:
    entry = next(one.id for one in programme.library(cast.ines) if one.slug == "my-listening-habits")
    new = NewAssignment(entry, For.BOTH, last_day())

    def give() -> None:
        work_for(cast.ines.practice_id)
        assignments.assign(cast.ines, cast.couples["ana"], new, LINK)

    at_once(app, [give] * 4)
    work_for(cast.ines.practice_id)
    assert count(Assignment) == 1
